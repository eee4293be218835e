package import Capture
import Flows
package import Policy
package import Protocols
package import Rules
package import Sinks
import Store

/// A pipeline and the sinks it speaks through, with an account of itself each minute of packet time.
package struct Sensor: ~Copyable {
  package private(set) var pipeline: Pipeline
  package private(set) var sinks: SinkSet
  /// Of the findings written, the worst one's.
  package private(set) var worstLevel: Level?
  package private(set) var findingsWritten: UInt64 = 0
  /// Names of the rules whose findings were written.
  package private(set) var rulesWritten: Set<String> = []

  private var store: StoreFeed?
  private let site: String
  private var policyDigest: String
  /// The interfaces that are watched, for the store; empty in a replay.
  var interfaces: [Heartbeat.InterfaceState] = []

  private var minerEvents = MinerEventPace()
  private var start: Timestamp?
  private var nextReport: Timestamp?
  private var reportedBounds = BoundTotals()
  /// What the kernel counted since the start; nil in a replay.
  private var captured: SensorEvent.CaptureLoss?
  /// Every finding says that it is none.
  private let isDrill: Bool

  /// Time between two reports on bounds, sinks and statistics.
  static let reportInterval = Duration.seconds(60)

  /// - Parameters:
  ///   - store: what lasts goes there, and what it remembers is known from the start.
  ///   - seed: for the flow table's hash.
  ///   - isDrill: whether the traffic is made up, so that every finding must say so.
  package init(policy: Policy, sinks: SinkSet, store: StoreFeed? = nil, seed: UInt64, isDrill: Bool = false) {
    self.isDrill = isDrill
    self.store = store
    pipeline = Pipeline(
      policy: policy, seed: seed, memory: store?.writer.memory ?? SiteMemory(),
      readers: Self.readers(sinks, store))
    self.sinks = sinks
    site = policy.site
    policyDigest = policy.digest
  }

  package mutating func receive(_ frame: borrowing Frame) {
    pipeline.receive(frame)
  }

  /// Lets time pass without a packet.
  package mutating func tick(at time: Timestamp) {
    pipeline.tick(at: time)
  }

  /// Writes what was found since the last call, and the minute's account when one is due.
  package mutating func deliver() {
    if let now = pipeline.packets.clock.now {
      if start == nil { start = pipeline.firstTime ?? now }
      if let nextReport, now >= nextReport {
        report(now)
        self.nextReport = now.advanced(by: Self.reportInterval)
      } else if nextReport == nil {
        nextReport = now.advanced(by: Self.reportInterval)
        keep(now, isLast: false)
      }
    }
    write()
  }

  /// An event of the sensor's own.
  package mutating func observe(_ event: SensorEvent, at time: Timestamp) {
    pipeline.judging.observe(event, at: time)
  }

  /// Adds what the kernel counted in an interval to the statistics.
  mutating func add(_ counted: SensorEvent.CaptureLoss) {
    guard var sum = captured else {
      captured = counted
      return
    }
    sum.received &+= counted.received
    sum.kernelDropped &+= counted.kernelDropped
    sum.interfaceDropped &+= counted.interfaceDropped
    captured = sum
  }

  /// Ends the watch: judges what is held, writes out what is counted.
  package mutating func finish() {
    pipeline.finish()
    write()
    if let now = pipeline.packets.clock.now { report(now, isLast: true) }
    write()
    writeMiners(isLast: true)
    sinks.flush()
    store?.writer.flush()
  }

  /// From the next packet on this policy decides.
  ///
  /// - Parameter sinks: where to write from now on; nil to go on as before. The old ones write out what they hold.
  package mutating func reload(_ policy: Policy, sinks new: SinkSet? = nil) {
    pipeline.judging.reload(policy)
    policyDigest = policy.digest
    guard let new else { return }
    write()
    writeMiners(isLast: true)
    sinks.close()
    sinks = new
    pipeline.judging.readers = Self.readers(new, store)
  }

  private static func readers(_ sinks: SinkSet, _ store: StoreFeed?) -> JudgingStage.Readers {
    .init(wantEndedFlows: sinks.writes(.flow), wantMinutes: store != nil || sinks.writesMinutes)
  }

  /// Packet time from the first packet to the last, in seconds.
  var watchedSeconds: Double {
    guard let start = pipeline.firstTime, let now = pipeline.packets.clock.now else { return 0 }
    return Double(now.nanoseconds(since: start)) / 1e9
  }

  private mutating func write() {
    for var finding in pipeline.judging.takeFindings() {
      if isDrill { finding.markAsDrill() }
      rulesWritten.insert(finding.rule.name)
      worstLevel = min(worstLevel ?? finding.level, finding.level)
      findingsWritten &+= 1
      sinks.write(finding)
      store?.write(finding)
    }
    for minute in pipeline.judging.takeMinutes() {
      let formerTime = minerEvents.time
      let rest = minerEvents.begin(minute, at: pipeline.packets.clock.now ?? minute.time)
      if let formerTime { sinks.write(rest, of: formerTime) }
      sinks.write(fleetOf: minute)
      store?.write(minute)
    }
    writeMiners()
    for flow in pipeline.judging.takeEndedFlows() {
      sinks.write(flow: flow.facts, totals: flow.totals, application: flow.application)
    }
  }

  /// Writes those events of the last minute's miners that are due.
  private mutating func writeMiners(isLast: Bool = false) {
    guard let time = minerEvents.time else { return }
    sinks.write(minerEvents.due(at: pipeline.packets.clock.now ?? time, isLast: isLast), of: time)
  }

  /// What the store could not do since the last call becomes an alert, and is given back for the log.
  mutating func reportStore(at now: Timestamp) -> String? {
    guard let loss = store?.takeLoss() else { return nil }
    pipeline.judging.observe(.overload([loss]), at: now)
    return loss.bound
  }

  private mutating func report(_ now: Timestamp, isLast: Bool = false) {
    let bounds = BoundTotals(pipeline)
    var hits = bounds.since(reportedBounds) + pipeline.judging.takeOverloads()
    reportedBounds = bounds
    hits += sinks.losses().map { .init(bound: $0.sentence, count: $0.lines &+ $0.failures) }
    if let loss = store?.takeLoss() { hits.append(loss) }
    if !hits.isEmpty { pipeline.judging.observe(.overload(hits), at: now) }
    keep(now, isLast: isLast)
    guard sinks.writes(.stats) else { return }
    sinks.write(stats: StatsRecord(pipeline, captured: captured, start: start ?? now, at: now))
  }

  /// Hands the store what was learned, and how the sensor is.
  private mutating func keep(_ now: Timestamp, isLast: Bool) {
    let beat = heartbeat(now, isLast: isLast)
    store?.write(beat, of: pipeline)
  }

  private func heartbeat(_ now: Timestamp, isLast: Bool) -> Heartbeat {
    Heartbeat(
      time: now, started: start ?? now, hasEnded: isLast, site: site, version: Version.number,
      policyDigest: policyDigest, packets: pipeline.packets.frames, bytes: pipeline.packets.bytes,
      dropped: captured.map { $0.kernelDropped &+ $0.interfaceDropped } ?? 0,
      missedBytes: pipeline.packets.flows.statistics.missedBytes, findings: findingsWritten,
      miners: pipeline.judging.analyst.analysis.fleet.miners.count,
      sessions: pipeline.judging.analyst.analysis.fleet.sessions.count, interfaces: interfaces)
  }
}
