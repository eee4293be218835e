package import Capture
import Flows
import Foundation
import Policy
import Protocols
import Sinks
import Store

/// The capturing thread: reads every interface in turn, lets time pass on an idle wire, and keeps account of losses.
struct LiveLoop: ~Copyable {
  private var sensor: Sensor
  private let interfaces: [WatchedInterface]
  private let control: WatchControl
  private let notifier: ServiceNotifier
  private let log: OperationLog

  /// The policy in force.
  private var standing: Policy
  private var nextAccount: Timestamp
  private var nextWatchdog: Timestamp
  private var missedBytesReported: UInt64 = 0
  private var lossSinceStart: UInt64 = 0

  /// Frames read from one interface before the next one has its turn.
  private static let turn = 4_096
  /// How long a read waits when nothing comes, so that requests and the clock are looked at.
  private static let waitMilliseconds = 100
  /// Time between two looks at the kernel's drop counters.
  static let accountInterval = Duration.seconds(10)

  init(
    policy: Policy, interfaces: [WatchedInterface], sinks: SinkSet, store: StoreFeed, control: WatchControl,
    notifier: ServiceNotifier, log: OperationLog
  ) {
    self.interfaces = interfaces
    standing = policy
    sensor = Sensor(policy: policy, sinks: sinks, store: store, seed: .random(in: .min ... .max))
    self.control = control
    self.notifier = notifier
    self.log = log
    nextAccount = Timestamp.now.advanced(by: Self.accountInterval)
    nextWatchdog = Timestamp.now
  }

  /// Runs until somebody asks to stop, then writes out all that is counted.
  consuming func run(policyDigest: String) {
    let start = Timestamp.now
    sensor.observe(.started(version: Version.number, policyDigest: policyDigest), at: start)
    if let sentence = sensor.reportStore(at: start) { log.say(.warning, sentence) }
    noteInterfaces()
    sensor.deliver()
    notifier.ready(status())
    log.say(.notice, "watching \(interfaces.map(\.name).joined(separator: ", "))")

    while !control.isStopping { turn() }

    notifier.stopping()
    account(now: Timestamp.now)
    sensor.observe(.stopped(reason: "asked to"), at: Timestamp.now)
    sensor.finish()
    log.say(.notice, "stopped; \(status())")
  }

  private mutating func turn() {
    for request in control.takeRequests() { answer(request) }
    wait()
    let now = Timestamp.now
    for interface in interfaces {
      let failed = Self.read(interface, now: now, into: &sensor)
      if let event = failed ?? interface.reopenIfDue(now: now) { tell(event, at: now) }
    }
    sensor.tick(at: now)
    sensor.deliver()
    if now >= nextAccount { account(now: now) }
    if let interval = notifier.watchdogInterval, now >= nextWatchdog {
      nextWatchdog = now.advanced(by: interval)
      notifier.watchdog()
    }
  }

  /// Waits for frames, or a tenth of a second.
  private func wait() {
    do {
      _ = try LiveCapture.wait(for: interfaces.compactMap(\.fileDescriptor), milliseconds: Self.waitMilliseconds)
    } catch {
      // Without poll there is no waiting: say so, and look again a little later rather than spin.
      log.say(.error, error.sentence)
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  private static func read(_ interface: WatchedInterface, now: Timestamp, into sensor: inout Sensor) -> SensorEvent? {
    interface.read(limit: turn, now: now) { frame in sensor.receive(frame) }
  }

  private mutating func noteInterfaces() {
    sensor.interfaces = interfaces.map { Heartbeat.InterfaceState(name: $0.name, isUp: $0.isUp) }
  }

  private mutating func tell(_ event: SensorEvent, at now: Timestamp) {
    if case .interface(let name, let isUp, let reason) = event {
      log.say(isUp ? .notice : .warning, isUp ? "\(name): \(reason)" : reason)
    }
    sensor.observe(event, at: now)
    notifier.status(status())
  }

  private mutating func answer(_ request: WatchControl.Request) {
    let now = Timestamp.now
    notifier.reloading()
    sensor.sinks.reopen()
    switch request {
    case .reload(let policy, let changes):
      sensor.reload(policy, sinks: newSinks(for: policy))
      standing = policy
      sensor.observe(.reloaded(policyDigest: policy.digest, changes: changes), at: now)
      log.say(.notice, changes.isEmpty ? "policy read again, nothing changed" : "policy read again")
      for change in changes { log.say(.notice, "  \(change)") }
      notifier.ready(status())
    case .refuse(let errors):
      sensor.observe(.configRejected(errors: errors), at: now)
      for error in errors { log.say(.error, error) }
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
    guard new.log != old.log || new.eve != old.eve || new.syslog != old.syslog || policy.site != standing.site else {
      return nil
    }
    return SinkSet(new, origin: .here(site: policy.site, interfaces: interfaces.map(\.name)), mode: .queued)
  }

  /// What the kernel and the interfaces dropped, and what was acknowledged and never seen.
  private mutating func account(now: Timestamp) {
    nextAccount = now.advanced(by: Self.accountInterval)
    noteInterfaces()
    let missed = sensor.pipeline.packets.flows.statistics.missedBytes
    var missedNow = missed - missedBytesReported
    missedBytesReported = missed
    for interface in interfaces where interface.isUp {
      let counted = interface.statisticsSinceLastAsked()
      let loss = SensorEvent.CaptureLoss(
        interface: interface.name, seconds: Double(Self.accountInterval.saturatedNanoseconds) / 1e9,
        received: counted.received, kernelDropped: counted.droppedByKernel,
        // The driver's counters include what libpcap reports as dropped by the interface.
        interfaceDropped: max(counted.droppedByInterface, counted.interfaceRxMissed),
        missedStreamBytes: missedNow)
      // Streams are not told apart by interface: what was missed is said once.
      missedNow = 0
      sensor.add(loss)
      lossSinceStart &+= loss.kernelDropped &+ loss.interfaceDropped
      if loss.kernelDropped + loss.interfaceDropped + loss.missedStreamBytes > 0 {
        sensor.observe(.captureLoss(loss), at: now)
      }
    }
    notifier.status(status())
  }

  private func status() -> String {
    let away = interfaces.filter { !$0.isUp }.map(\.name)
    let absence = away.isEmpty ? "" : "; waiting for \(away.joined(separator: ", "))"
    return
      "\(sensor.pipeline.packets.frames) packets, \(lossSinceStart) dropped, \(sensor.findingsWritten) alerts\(absence)"
  }
}

extension Timestamp {
  /// The one clock of a live watch. What it says goes in as ticks, like any other input.
  package static var now: Timestamp {
    let seconds = Date().timeIntervalSince1970
    return Timestamp(seconds: Int64(seconds), nanoseconds: Int64((seconds - seconds.rounded(.down)) * 1e9))
  }
}
