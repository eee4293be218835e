package import Capture
package import Policy
import Protocols
package import Rules

/// The way of a packet, all of it: start reading here.
///
///     frame ─▶ decode ─▶ fragments ─▶ flows ─▶ protocols ─▶ observations ─▶ rules ─▶ findings
///     └──────────────── PacketStages ──────────────────────────────┘└──── JudgingStage ────┘
///
/// It owns every table, knows no file, socket or clock, and takes its time from the frames. A live watch runs the same two parts
/// on threads of their own, the first of them several times (``PacketWorker``, ``SiteAnalyst``): this is the whole in one.
package struct Pipeline: ~Copyable {
  package private(set) var packets: PacketStages
  package var judging: JudgingStage
  /// The first frame's time.
  package private(set) var firstTime: Timestamp?

  /// - Parameters:
  ///   - seed: for the flow table's hash. Unpredictable when live, so that nobody can aim at one bucket.
  ///   - memory: what is known of the site from before.
  ///   - readers: who wants more than findings.
  package init(
    policy: Policy, seed: UInt64, memory: SiteMemory = SiteMemory(), readers: JudgingStage.Readers = .init()
  ) {
    packets = PacketStages(seed: seed)
    judging = JudgingStage(policy: policy, memory: memory, readers: readers)
  }

  /// Takes a frame the whole way.
  package mutating func receive(_ frame: borrowing Frame) {
    if packets.clock.advance(to: frame.timestamp) { letTimePass() }
    packets.take(frame)
    if !packets.protocols.observations.isEmpty { judge() }
  }

  /// A capture is at its end, and another follows.
  package mutating func endCapture() { judging.endCapture(after: packets.packetCount) }

  /// Lets time pass without a packet.
  package mutating func tick(at time: Timestamp) {
    if packets.clock.advance(to: time) { letTimePass() }
  }

  private mutating func letTimePass() {
    if firstTime == nil, let now = packets.clock.now { begin(at: now) }
    while let second = packets.clock.takeTick() {
      let tick = packets.tick(second)
      judge(isOfSecond: true)
      judging.tick(second)
      if tick.endsRound { takePulses(tick.look, at: second) }
      if tick.endsMinute { turnMinute(at: second) }
    }
  }

  private mutating func begin(at time: Timestamp) {
    firstTime = time
    packets.begin(at: time)
    judging.open(at: time)
  }

  /// Hands what was observed to the rules.
  ///
  /// - Parameter isOfSecond: a second's end brought it to light, so it needs an order.
  private mutating func judge(isOfSecond: Bool = false) {
    bookWork()
    if isOfSecond {
      judging.judge(packets.protocols.observations[...].orderedByFlow())
    } else {
      judging.judge(packets.protocols.observations[...])
    }
    packets.protocols.observations.removeAll(keepingCapacity: true)
  }

  private mutating func bookWork() {
    judging.book(packets.protocols.work[...])
    packets.protocols.work.removeAll(keepingCapacity: true)
  }

  /// Takes the shares of the last few seconds, and tells the rules whether there was anything to be heard at all.
  private mutating func takePulses(_ look: Sight.Look, at second: Timestamp) {
    var rest: Int? = 0
    while let start = rest {
      rest = packets.collectPulses(from: start)
      judging.hear(packets.protocols.pulses)
      packets.protocols.pulses.removeAll(keepingCapacity: true)
    }
    judging.endRound(look: look, at: second)
  }

  /// A minute of packet time is over: sums up the shares in it, and what has gone through each open flow.
  private mutating func turnMinute(at time: Timestamp) {
    var rest: Int? = 0
    while let start = rest {
      rest = packets.collectWork(from: start)
      bookWork()
    }
    Self.sumUpTraffic(packets, &judging)
    judging.closeMinute(at: time)
  }

  private static func sumUpTraffic(_ packets: borrowing PacketStages, _ judging: inout JudgingStage) {
    packets.forEachVolume { volume, slot, facts in judging.hear(volume, inSlot: slot, facts) }
  }

  /// Ends every flow and judges what was held back. Nothing may be received afterwards.
  package mutating func finish() {
    while packets.endSome() { judge(isOfSecond: true) }
    judge(isOfSecond: true)
    if let now = packets.clock.now { turnMinute(at: now) }
    judging.finish()
  }
}
