import Capture
import Foundation
import Policy
import Protocols

/// A capturing thread: reads its part of every interface in turn, lets time pass on an idle wire, and hands on what was said.
struct CaptureLoop: ~Copyable {
  private var worker: PacketWorker
  private let interfaces: [WatchedInterface]
  private let channel: WorkerChannel
  private let memory: FrameMemory
  private let index: Int
  private let control: WatchControl
  private let log: OperationLog
  private var accounts: [WorkerBatch.InterfaceAccount] = []
  private var nextAccount = Timestamp(nanoseconds: .min)

  /// Frames read from one interface before the next one has its turn.
  private static let turn = 4_096
  /// How long a read waits when nothing comes, so that requests and the clock are looked at.
  private static let waitMilliseconds = 100
  /// What a frame may take from the wire to here on an idle interface: the kernel holds a block of them back for a tenth of a
  /// second. Time is not let pass any nearer to now, so that none comes late.
  static let frameDelay = Duration.milliseconds(300)
  /// Time between two looks at the kernel's counters.
  private static let accountInterval = Duration.seconds(1)

  /// What the threads of a watch have in common.
  struct Plan: Sendable {
    let policy: Policy
    let interfaces: [String]
    /// One an interface, where several workers share them.
    let groups: [FanoutGroup]
    let seed: UInt64
    /// For the captures of alerts.
    let memory: FrameMemory
    let control: WatchControl
    let log: OperationLog
  }

  /// Opens the interfaces, waits for the other workers to have done so, and captures until somebody asks to stop.
  static func run(_ plan: Plan, _ share: WorkerShare, _ channel: WorkerChannel, _ opening: Opening) {
    let interfaces: [WatchedInterface]
    do {
      interfaces = try WatchedInterface.open(
        plan.interfaces, plan.policy, groups: plan.groups, areAwaited: true)
    } catch {
      opening.fail(WatchFailure(error))
      return
    }
    let warnings = interfaces.flatMap { interface in interface.warnings.map { "\(interface.name): \($0)" } }
    opening.succeed(share.index, interfaces.map { $0.takeAccount() }, warnings: warnings)
    guard opening.wait() else { return }
    for interface in interfaces { interface.begin(at: Timestamp.now) }
    CaptureLoop(plan, share, channel, interfaces).run()
  }

  private init(_ plan: Plan, _ share: WorkerShare, _ channel: WorkerChannel, _ interfaces: [WatchedInterface]) {
    worker = PacketWorker(seed: plan.seed, share: share)
    self.interfaces = interfaces
    self.channel = channel
    memory = plan.memory
    index = share.index
    control = plan.control
    log = plan.log
  }

  private consuming func run() {
    while !control.isStopping {
      wait()
      turn()
      handOver()
    }
    // What came until now still counts.
    turn()
    worker.finish()
    nextAccount = Timestamp(nanoseconds: .min)
    while !handOver() { Thread.sleep(forTimeInterval: 0.01) }
  }

  private mutating func turn() {
    let now = Timestamp.now
    var isCaughtUp = true
    for interface in interfaces {
      let count = memory.isWanted ? readKeeping(interface, now) : Self.read(interface, now: now, into: &worker)
      if count >= Self.turn { isCaughtUp = false }
      interface.reopenIfDue(now: now)
    }
    // Frames that wait are older than now: they let time pass themselves.
    if isCaughtUp { worker.tick(at: now.advanced(by: .zero - Self.frameDelay)) }
    channel.countTurn()
  }

  private static func read(_ interface: WatchedInterface, now: Timestamp, into worker: inout PacketWorker) -> Int {
    interface.read(limit: turn, now: now) { frame in worker.receive(frame) }
  }

  private mutating func readKeeping(_ interface: WatchedInterface, _ now: Timestamp) -> Int {
    memory.withRing(of: index) { ring in Self.read(interface, now: now, into: &worker, keepingIn: &ring) }
  }

  private static func read(
    _ interface: WatchedInterface, now: Timestamp, into worker: inout PacketWorker, keepingIn ring: inout FrameRing
  ) -> Int {
    interface.read(limit: turn, now: now) { frame in
      ring.keep(frame)
      worker.receive(frame)
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

  /// - Returns: whether there was room.
  @discardableResult
  private mutating func handOver() -> Bool {
    let now = Timestamp.now
    if now >= nextAccount || !accounts.elementsEqual(interfaces, by: { $0.isUp == $1.isUp }) {
      nextAccount = now.advanced(by: Self.accountInterval)
      accounts = interfaces.map { $0.takeAccount() }
    }
    return worker.handOver(interfaces: accounts, channel.offer)
  }
}

extension WatchedInterface {
  /// Looks how it stands, for the analyst.
  fileprivate func takeAccount() -> WorkerBatch.InterfaceAccount {
    look()
    return .init(isUp: isUp, reason: reason, statistics: statistics)
  }
}
