package import Capture

/// The time that everything behind Capture goes by: that of the packets.
///
/// It moves forward with them. A step back of up to a minute (frames of two ports of a mirror, a clock set right) holds it
/// where it is; a larger one moves it back, for then the capture itself begins anew.
///
/// It ticks at whole seconds. So the clocks of workers that each see a part of the packets tick at the same times, and the same
/// as a clock that sees all.
package struct PacketClock: Sendable {
  package private(set) var now: Timestamp?
  /// The first whole second that is not over, and the same as a timestamp: what a packet's time is compared with.
  private var nextSecond: Int64 = 0
  private var nextTick = Timestamp(nanoseconds: .min)

  private static let toleratedStepBack: Int64 = 60_000_000_000
  /// A silence of more seconds than this is one tick at its end, so that years between two captures cost nothing.
  private static let longestRun: Int64 = 60

  package init() {}

  /// Moves the clock to a packet's time.
  ///
  /// - Returns: whether something is due: the clock has just begun to go, or ``takeTick()`` has a tick.
  @inline(__always)
  package mutating func advance(to time: Timestamp) -> Bool {
    guard let current = now else {
      set(to: time)
      return true
    }
    if time > current {
      now = time
      return time >= nextTick
    }
    if current.nanoseconds(since: time) > Self.toleratedStepBack { set(to: time) }
    return false
  }

  @inline(never)
  private mutating func set(to time: Timestamp) {
    now = time
    wait(for: time.seconds + 1)
  }

  private mutating func wait(for second: Int64) {
    nextSecond = second
    nextTick = Timestamp(seconds: second)
  }

  /// The next whole second that is over, oldest first; nil when there is none.
  package mutating func takeTick() -> Timestamp? {
    guard let last = now?.seconds, last >= nextSecond else { return nil }
    let second = last - nextSecond < Self.longestRun ? nextSecond : last
    wait(for: second + 1)
    return Timestamp(seconds: second)
  }
}
