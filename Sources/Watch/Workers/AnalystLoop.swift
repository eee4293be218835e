import Capture
import Dispatch
import Flows
import Policy
import Protocols
import Rules
import Sinks
import Store

/// The analyst's thread: puts what the workers observed into order, judges it, writes what was found, answers requests, and
/// keeps account of losses.
struct AnalystLoop: ~Copyable {
  private var site: SiteAnalyst
  private var reporter: Reporter
  private let channels: [WorkerChannel]
  private let news: DispatchSemaphore
  private var interfaces: [InterfaceTally]
  private let control: WatchControl
  private let notifier: ServiceNotifier
  private let log: OperationLog

  /// The policy in force.
  private var standing: Policy
  private var nextAccount: Timestamp
  private var nextWatchdog: Timestamp
  /// Turns of each worker when the service manager was last told that all live.
  private var turns: [UInt64]
  private var missedBytesReported: UInt64 = 0
  private var seenBytesReported: UInt64 = 0
  private var lossSinceStart: UInt64 = 0
  private var troubles = TroubleWatch()

  /// How long it waits when nothing comes, so that requests and the clock are looked at.
  private static let wait = DispatchTimeInterval.milliseconds(100)
  /// Time between two accounts of what was dropped.
  static let accountInterval = Duration.seconds(10)

  init(
    policy: Policy, interfaces: [String], channels: [WorkerChannel], news: DispatchSemaphore,
    reporter: consuming Reporter, control: WatchControl, notifier: ServiceNotifier, log: OperationLog
  ) {
    site = SiteAnalyst(
      policy: policy, workers: channels.count, memory: reporter.memory, readers: reporter.readers)
    self.reporter = reporter
    self.channels = channels
    self.news = news
    self.interfaces = interfaces.map { InterfaceTally(name: $0) }
    self.control = control
    self.notifier = notifier
    self.log = log
    standing = policy
    turns = channels.map { _ in 0 }
    nextAccount = Timestamp.now.advanced(by: Self.accountInterval)
    nextWatchdog = Timestamp.now
  }

  /// Runs until the workers have ended, then writes out all that is counted.
  ///
  /// - Parameter opened: how each worker's interfaces stand.
  consuming func run(_ opened: [[WorkerBatch.InterfaceAccount]]) {
    let start = Timestamp.now
    site.judging.observe(.started(version: Version.number, policyDigest: standing.digest), at: start)
    reporter.reportStore(&site.judging, at: start)
    hear(opened)
    deliver()
    tellTroubles()
    notifier.ready(status())
    let names = interfaces.map(\.name).joined(separator: ", ")
    log.say(.notice, "watching \(names) with \(Figures.counted(UInt64(channels.count), "worker"))")

    while !control.isStopping { turn() }
    notifier.stopping()
    while !site.isOver { takeBatches() }

    account(now: Timestamp.now)
    site.judging.observe(.stopped(reason: "asked to"), at: now)
    site.finish()
    let (counts, end) = (site.counts, site.now)
    reporter.finish(&site.judging, counts, now: end)
    reporter.sinks.close()
    log.say(.notice, "stopped; \(status())")
  }

  /// Packet time, and before the first packet the machine's.
  private var now: Timestamp { site.now ?? Timestamp.now }

  private mutating func turn() {
    for request in control.takeRequests() { answer(request) }
    takeBatches()
    deliver()
    let now = Timestamp.now
    if now >= nextAccount { account(now: now) }
    feedWatchdog(now)
  }

  /// Waits for news, takes all that the workers have handed over by now, and judges it.
  private mutating func takeBatches() {
    _ = news.wait(timeout: .now() + Self.wait)
    var hasTaken = true
    while hasTaken {
      hasTaken = false
      for (worker, channel) in channels.enumerated() where site.isWaiting(for: worker) {
        guard let batch = channel.ring.take() else { continue }
        site.take(batch, from: worker)
        hasTaken = true
      }
      if hasTaken { site.judge() }
    }
    hear(site.interfaces)
  }

  private mutating func deliver() {
    let (counts, first, now) = (site.counts, site.firstTime, site.now)
    reporter.deliver(&site.judging, counts, since: first, now: now)
  }

  /// Takes in how the workers' interfaces stand.
  private mutating func hear(_ accounts: [[WorkerBatch.InterfaceAccount]]) {
    for index in interfaces.indices {
      let known = accounts.compactMap { index < $0.count ? $0[index] : nil }
      guard let event = interfaces[index].hear(known) else { continue }
      tell(event)
    }
    reporter.interfaces = interfaces.map { Heartbeat.InterfaceState(name: $0.name, isUp: $0.isUp) }
  }

  private mutating func tell(_ event: SensorEvent) {
    if case .interface(let name, let isUp, let reason) = event {
      log.say(isUp ? .notice : .warning, isUp ? "\(name): \(reason)" : "\(reason); waiting for \(name)")
    }
    site.judging.observe(event, at: now)
    notifier.status(status())
  }

  /// Tells the service manager that all threads live: the analyst's by saying so, the workers' by their turns.
  private mutating func feedWatchdog(_ now: Timestamp) {
    guard let interval = notifier.watchdogInterval, now >= nextWatchdog else { return }
    let turns = channels.map(\.turnCount)
    guard zip(turns, self.turns).allSatisfy({ $0 != $1 }) else { return }
    self.turns = turns
    nextWatchdog = now.advanced(by: interval)
    notifier.watchdog()
  }

  // MARK: Requests

  private mutating func answer(_ request: WatchControl.Request) {
    notifier.reloading()
    reporter.sinks.reopen()
    switch request {
    case .reload(let policy, let changes):
      let (sinks, now) = (newSinks(for: policy), site.now)
      reporter.reload(policy, sinks: sinks, &site.judging, now: now)
      standing = policy
      site.judging.observe(.reloaded(policyDigest: policy.digest, changes: changes), at: self.now)
      log.say(.notice, changes.isEmpty ? "policy read again, nothing changed" : "policy read again")
      log.say(.notice, changes.map { "  \($0)" }, all: "`minewatch check` tells what is in force")
      notifier.ready(status())
    case .refuse(let errors):
      site.judging.observe(.configRejected(errors: errors), at: now)
      log.say(.error, errors, all: "`minewatch check` tells all")
      log.say(.error, "the new policy is refused; the old one stands")
      notifier.ready("new policy refused: \(errors.first ?? ""); the old one stands")
    }
  }

  /// Sinks for a new policy where it names others than the old one. Capture settings wait for the next start: taking
  /// them over would mean to look away for a moment. So does the store.
  private func newSinks(for policy: Policy) -> SinkSet? {
    if policy.capture != standing.capture {
      log.say(.warning, "changed capture settings take effect when Minewatch is started anew")
    }
    if policy.store != standing.store {
      log.say(.warning, "changed store settings take effect when Minewatch is started anew")
    }
    let (new, old) = (policy.alerts, standing.alerts)
    guard
      new.log != old.log || new.eve != old.eve || new.syslog != old.syslog || new.evidence != old.evidence
        || policy.site != standing.site
    else {
      return nil
    }
    return SinkSet(new, origin: .here(site: policy.site, interfaces: interfaces.map(\.name)), mode: .queued)
  }

  // MARK: Account

  /// What the kernel and the interfaces dropped, and what was acknowledged and never seen.
  private mutating func account(now wall: Timestamp) {
    nextAccount = wall.advanced(by: Self.accountInterval)
    let missed = site.counts.sum(\.flows.missedBytes)
    var missedNow = missed &- missedBytesReported
    missedBytesReported = missed
    let seen = site.counts.sum(\.bytes)
    let seenNow = seen &- seenBytesReported
    seenBytesReported = seen
    for index in interfaces.indices {
      let counted = interfaces[index].takeStatistics()
      let loss = SensorEvent.CaptureLoss(
        interface: interfaces[index].name, seconds: Self.accountInterval.inSeconds,
        received: counted.received, kernelDropped: counted.droppedByKernel,
        // The driver's counters include what libpcap reports as dropped by the interface.
        interfaceDropped: max(counted.droppedByInterface, counted.interfaceRxMissed),
        missedStreamBytes: missedNow, seenBytes: seenNow)
      // Streams are not told apart by interface: what was missed is said once.
      missedNow = 0
      reporter.add(loss)
      lossSinceStart &+= loss.kernelDropped &+ loss.interfaceDropped
      if loss.kernelDropped + loss.interfaceDropped + loss.missedStreamBytes > 0 {
        site.judging.observe(.captureLoss(loss), at: now)
      }
    }
    tellTroubles()
    notifier.status(status())
  }

  /// What the sinks and the store cannot tell themselves.
  private mutating func tellTroubles() {
    for repair in reporter.takeStoreRepairs() { log.say(.warning, repair) }
    for (level, sentence) in troubles.hear(reporter.conditions) { log.say(level, sentence) }
  }

  private func status() -> String {
    let away = interfaces.filter { !$0.isUp }.map(\.name)
    let absence = away.isEmpty ? "" : "; waiting for \(away.joined(separator: ", "))"
    let failures = troubles.failing.isEmpty ? "" : "; CANNOT WRITE \(troubles.failing.joined(separator: ", "))"
    return "\(site.counts.sum(\.frames)) packets, \(lossSinceStart) dropped, "
      + "\(reporter.findingsWritten) alerts\(absence)\(failures)"
  }
}
