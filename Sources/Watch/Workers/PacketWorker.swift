package import Capture
import Flows
import Protocols

/// One of several workers that share a site's packets by flow: takes its packets the first part of the way and notes what was
/// said, for the analyst. What a ``Pipeline`` does in one.
package struct PacketWorker: ~Copyable {
  package private(set) var packets: PacketStages
  /// What was not handed over yet.
  private var batch = WorkerBatch()
  private var began: Timestamp?
  private var spilled: UInt64 = 0
  /// Added to the place of a session, so that no two workers' sessions have the same.
  private let firstSession: UInt32

  /// Rounds of pulses that wait to be handed over: a minute's.
  private static let roundsAtOnce = 12

  /// - Parameter seed: for the tables' hashes.
  package init(seed: UInt64, share: WorkerShare) {
    packets = PacketStages(seed: seed, share: share)
    firstSession = UInt32(truncatingIfNeeded: share.index * share.of(Limits.stratumSessions))
  }

  /// Takes a frame the way of its own part.
  package mutating func receive(_ frame: borrowing Frame) {
    if packets.clock.advance(to: frame.timestamp) { letTimePass() }
    packets.take(frame)
    if !packets.protocols.observations.isEmpty { note() }
  }

  /// Lets time pass without a packet: no frame that comes later shall be older than this.
  package mutating func tick(at time: Timestamp) {
    if packets.clock.advance(to: time) { letTimePass() }
  }

  private mutating func letTimePass() {
    if began == nil, let now = packets.clock.now {
      began = now
      packets.begin(at: now)
    }
    while let second = packets.clock.takeTick() {
      let tick = packets.tick(second)
      note(second, tick)
    }
  }

  /// Ends every flow. Nothing may be received afterwards; ``takeBatch(_:)`` gives the last batch.
  package mutating func finish() {
    while packets.endSome() {}
    if let now = packets.clock.now { note(now, packets.end) }
    batch.isLast = true
  }

  // MARK: Noting

  /// Notes what was said just now.
  private mutating func note() {
    guard let now = packets.clock.now, moveSaid() else { return }
    batch.moments.append(
      .init(time: now, second: nil, workEnd: batch.work.count, observationsEnd: batch.observations.count))
  }

  /// Notes that a second is over. What there is no room for waits in the sessions for the next round, and the next minute.
  private mutating func note(_ second: Timestamp, _ tick: PacketStages.Tick) {
    guard moveSaid() else { return }
    var passed = WorkerBatch.Second(look: tick.look, isEnd: tick.isEnd)
    let (workEnd, observationsEnd) = (batch.work.count, batch.observations.count)
    if tick.endsRound, batch.rounds < Self.roundsAtOnce { passed.pulses = takePulses() }
    if tick.endsMinute, !batch.hasMinute { passed.minute = takeMinute() }
    batch.moments.append(
      .init(time: second, second: passed, workEnd: workEnd, observationsEnd: observationsEnd))
  }

  /// Moves what was said into the batch.
  ///
  /// - Returns: whether there was room.
  private mutating func moveSaid() -> Bool {
    defer {
      packets.protocols.observations.removeAll(keepingCapacity: true)
      packets.protocols.work.removeAll(keepingCapacity: true)
    }
    guard !batch.isFull else {
      spilled &+= UInt64(packets.protocols.observations.count &+ packets.protocols.work.count)
      packets.protocols.pulses.removeAll(keepingCapacity: true)
      return false
    }
    batch.observations += packets.protocols.observations
    batch.work += packets.protocols.work
    return true
  }

  private mutating func takePulses() -> [SharePulse] {
    batch.rounds += 1
    var rest: Int? = 0
    while let start = rest { rest = packets.collectPulses(from: start) }
    var pulses: [SharePulse] = []
    swap(&pulses, &packets.protocols.pulses)
    for index in pulses.indices { pulses[index].session &+= firstSession }
    return pulses
  }

  private mutating func takeMinute() -> WorkerBatch.Minute {
    batch.hasMinute = true
    var rest: Int? = 0
    while let start = rest { rest = packets.collectWork(from: start) }
    var minute = WorkerBatch.Minute()
    swap(&minute.work, &packets.protocols.work)
    packets.forEachVolume { volume, slot, facts in
      minute.volumes.append(.init(volume: volume, slot: slot, facts: facts()))
    }
    return minute
  }

  // MARK: Handing over

  /// Whether something was noted that is not handed over yet.
  package var hasNews: Bool { !batch.moments.isEmpty || batch.isLast }

  /// Hands over what was noted, and how the worker stands.
  ///
  /// - Parameter offer: says whether it took the batch. If not, it is kept and offered again, with what came after.
  /// - Returns: whether it was taken.
  @discardableResult
  package mutating func handOver(
    interfaces: [WorkerBatch.InterfaceAccount] = [], _ offer: (WorkerBatch) -> Bool
  ) -> Bool {
    batch.began = began
    batch.watermark = packets.clock.now
    batch.counts = packets.counts
    batch.counts.spilled = spilled
    batch.interfaces = interfaces
    guard offer(batch) else { return false }
    batch = WorkerBatch()
    return true
  }
}
