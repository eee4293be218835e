import Capture
import Flows
package import Policy
import Protocols
package import Rules
package import Sinks
import Store

/// Writes what was found through the sinks and into the store, with an account of the sensor itself each minute of packet time.
package struct Reporter: ~Copyable {
  package private(set) var sinks: SinkSet
  /// Of the findings written, the worst one's.
  package private(set) var worstLevel: Level?
  package private(set) var findingsWritten: UInt64 = 0
  /// Names of the rules whose findings were written.
  package private(set) var rulesWritten: Set<String> = []

  private var store: StoreFeed?
  private var evidence: EvidenceFeed
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
  ///   - frames: where the packets of alerts are found, where the policy wants evidence.
  ///   - isDrill: whether the traffic is made up, so that every finding must say so.
  package init(
    policy: Policy, sinks: SinkSet, store: StoreFeed? = nil, frames: FrameMemory = FrameMemory(), isDrill: Bool = false
  ) {
    evidence = EvidenceFeed(policy.alerts.evidence, memory: frames)
    self.isDrill = isDrill
    self.store = store
    self.sinks = sinks
    site = policy.site
    policyDigest = policy.digest
  }

  /// Who wants more than findings.
  var readers: JudgingStage.Readers {
    .init(wantEndedFlows: sinks.writes(.flow), wantMinutes: store != nil || sinks.writesMinutes)
  }

  /// What the store knows of the site from before.
  var memory: SiteMemory { store?.writer.memory ?? SiteMemory() }

  /// Writes what was found since the last call, and the minute's account when one is due.
  ///
  /// - Parameters:
  ///   - first: when the watch began; nil before it has.
  ///   - now: packet time; nil before the first packet.
  mutating func deliver(
    _ judging: inout JudgingStage, _ counts: @autoclosure () -> SiteCounts, since first: Timestamp?, now: Timestamp?
  ) {
    if let now {
      if start == nil { start = first ?? now }
      if let nextReport, now >= nextReport {
        report(&judging, counts(), now, isLast: false)
        self.nextReport = now.advanced(by: Self.reportInterval)
      } else if nextReport == nil {
        nextReport = now.advanced(by: Self.reportInterval)
        keep(judging, counts(), now, isLast: false)
      }
    }
    write(&judging, now)
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

  /// Ends the watch, after all was judged: writes out what is counted.
  mutating func finish(_ judging: inout JudgingStage, _ counts: SiteCounts, now: Timestamp?) {
    write(&judging, now)
    if let now { report(&judging, counts, now, isLast: true) }
    write(&judging, now)
    writeMiners(now, isLast: true)
    evidence.end(sinks)
    sinks.flush()
    store?.writer.flush()
  }

  /// From the next observation on this policy decides.
  ///
  /// - Parameter sinks: where to write from now on; nil to go on as before. The old ones write out what they hold.
  mutating func reload(_ policy: Policy, sinks new: SinkSet?, _ judging: inout JudgingStage, now: Timestamp?) {
    judging.reload(policy)
    policyDigest = policy.digest
    guard let new else { return }
    write(&judging, now)
    writeMiners(now, isLast: true)
    evidence.end(sinks)
    sinks.close()
    sinks = new
    evidence.reload(policy.alerts.evidence)
    judging.readers = readers
  }

  private mutating func write(_ judging: inout JudgingStage, _ now: Timestamp?) {
    for var finding in judging.takeFindings() {
      if isDrill { finding.markAsDrill() }
      rulesWritten.insert(finding.rule.name)
      worstLevel = min(worstLevel ?? finding.level, finding.level)
      findingsWritten &+= 1
      evidence.attach(to: &finding, sinks)
      sinks.write(finding)
      store?.write(finding)
    }
    evidence.writeGrown(at: now, sinks)
    for minute in judging.takeMinutes() {
      let formerTime = minerEvents.time
      let rest = minerEvents.begin(minute, at: now ?? minute.time)
      if let formerTime { sinks.write(rest, of: formerTime) }
      sinks.write(fleetOf: minute)
      store?.write(minute)
    }
    writeMiners(now)
    for flow in judging.takeEndedFlows() {
      sinks.write(flow: flow.facts, totals: flow.totals, application: flow.application)
    }
  }

  /// Writes those events of the last minute's miners that are due.
  private mutating func writeMiners(_ now: Timestamp?, isLast: Bool = false) {
    guard let time = minerEvents.time else { return }
    sinks.write(minerEvents.due(at: now ?? time, isLast: isLast), of: time)
  }

  /// What the store could not do since the last call becomes an alert.
  mutating func reportStore(_ judging: inout JudgingStage, at now: Timestamp) {
    guard let loss = store?.takeLoss() else { return }
    judging.observe(.overload([loss]), at: now)
  }

  /// How each sink and the store stand now.
  var conditions: [SinkCondition] {
    sinks.conditions + (store.map { [$0.condition] } ?? [])
  }

  /// What was done to a store that was broken or gone since the last call, a sentence each.
  func takeStoreRepairs() -> [String] {
    store?.writer.takeRepairs() ?? []
  }

  private mutating func report(
    _ judging: inout JudgingStage, _ counts: SiteCounts, _ now: Timestamp, isLast: Bool
  ) {
    let bounds = BoundTotals(counts, ruleBounds: judging.analyst.boundTotals)
    var hits = bounds.since(reportedBounds)
    reportedBounds = bounds
    hits += sinks.losses().map { .init(bound: $0.sentence, count: $0.lines &+ $0.failures) }
    if let loss = store?.takeLoss() { hits.append(loss) }
    if let refused = evidence.takeRefused() { hits.append(refused) }
    if !hits.isEmpty { judging.observe(.overload(hits), at: now) }
    keep(judging, counts, now, isLast: isLast)
    guard sinks.writes(.stats) else { return }
    sinks.write(
      stats: StatsRecord(
        counts, findings: judging.analyst.book.counters, captured: captured, start: start ?? now, at: now))
  }

  /// Hands the store what was learned, and how the sensor is.
  private mutating func keep(
    _ judging: borrowing JudgingStage, _ counts: SiteCounts, _ now: Timestamp, isLast: Bool
  ) {
    let beat = heartbeat(judging, counts, now, isLast: isLast)
    store?.write(beat, of: judging.analyst)
  }

  private func heartbeat(
    _ judging: borrowing JudgingStage, _ counts: SiteCounts, _ now: Timestamp, isLast: Bool
  ) -> Heartbeat {
    Heartbeat(
      time: now, started: start ?? now, hasEnded: isLast, site: site, version: Version.number,
      policyDigest: policyDigest, packets: counts.sum(\.frames), bytes: counts.sum(\.bytes),
      dropped: captured.map { $0.kernelDropped &+ $0.interfaceDropped } ?? 0,
      missedBytes: counts.sum(\.flows.missedBytes), findings: findingsWritten,
      miners: judging.analyst.analysis.fleet.miners.count,
      sessions: judging.analyst.analysis.jobs.count, interfaces: interfaces)
  }
}
