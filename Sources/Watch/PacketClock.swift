package import Capture

/// The time that everything behind Capture goes by: that of the packets.
///
/// It moves forward with them. A step back of up to a minute (frames of two ports of a mirror, a clock set right) holds it
/// where it is; a larger one moves it back, for then the capture itself begins anew.
package struct PacketClock: Sendable {
  package private(set) var now: Timestamp?
  /// When ``tick(at:)`` last answered true.
  private var lastTick: Timestamp?

  private static let toleratedStepBack: Int64 = 60_000_000_000
  private static let tickLength: Int64 = 1_000_000_000

  package init() {}

  /// Moves the clock to a packet's time.
  ///
  /// - Returns: whether a second has passed since the last tick.
  @inline(__always)
  package mutating func advance(to time: Timestamp) -> Bool {
    guard let current = now else {
      now = time
      lastTick = time
      return false
    }
    if time > current {
      now = time
    } else if current.nanoseconds(since: time) > Self.toleratedStepBack {
      now = time
      lastTick = time
    }
    guard let lastTick, let now, now.nanoseconds(since: lastTick) >= Self.tickLength else { return false }
    self.lastTick = now
    return true
  }
}
