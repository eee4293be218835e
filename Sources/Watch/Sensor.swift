package import Capture
import Policy
package import Protocols
import Rules
package import Sinks

/// A pipeline and the sinks it speaks through, with an account of itself each minute of packet time.
package struct Sensor: ~Copyable {
  package private(set) var pipeline: Pipeline
  package let sinks: SinkSet
  /// Findings written, by level; and the worst of them.
  package private(set) var worstLevel: Level?

  private var lastReport: Timestamp?
  private var reported = ReportedTotals()

  /// Time between two reports on losses, bounds and statistics.
  package static let reportInterval = Duration.seconds(60)

  package init(policy: Policy, sinks: SinkSet, seed: UInt64) {
    pipeline = Pipeline(policy: policy, seed: seed, keepsEndedFlows: sinks.writesFlows)
    self.sinks = sinks
  }

  @inline(__always)
  package mutating func receive(_ frame: borrowing Frame) {
    pipeline.receive(frame)
  }

  /// Writes what was found since the last call, and the minute's account when one is due.
  package mutating func deliver() {
    if let now = pipeline.clock.now {
      let due = lastReport?.advanced(by: Self.reportInterval)
      if let due, now >= due { report(now) }
      if lastReport == nil { lastReport = now }
    }
    write()
  }

  /// An event of the sensor's own, at the packets' time or, before the first packet, at `time`.
  package mutating func observe(_ event: SensorEvent, at time: Timestamp) {
    pipeline.observe(event, at: time)
  }

  package mutating func tick(at time: Timestamp) {
    pipeline.tick(at: time)
  }

  /// Ends the watch: judges what is held, writes out what is counted.
  package mutating func finish() {
    pipeline.finish()
    if let now = pipeline.clock.now { report(now) }
    write()
    sinks.flush()
  }

  package mutating func reload(_ policy: Policy) {
    pipeline.reload(policy)
  }

  private mutating func write() {
    for finding in pipeline.takeFindings() {
      worstLevel = min(worstLevel ?? finding.level, finding.level)
      sinks.write(finding)
    }
    for flow in pipeline.takeEndedFlows() {
      sinks.write(flow: flow.facts, totals: flow.totals, application: flow.application)
    }
  }

  private mutating func report(_ now: Timestamp) {
    lastReport = now
    let totals = ReportedTotals(pipeline, sinks: sinks)
    let hits = totals.boundsHit(since: reported)
    reported = totals
    if !hits.isEmpty { pipeline.observe(.overload(hits), at: now) }
    sinks.write(stats: StatsRecord(pipeline, at: now))
  }
}
