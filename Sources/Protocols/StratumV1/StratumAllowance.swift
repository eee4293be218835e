import Capture

/// How often a session may still say one kind of thing, so that a flood of it costs no more than counting.
struct StratumAllowance: Sendable, BitwiseCopyable {
  /// Said one after the other; a session that runs for weeks is redirected or spoken to less often.
  static var atOnce: UInt8 { 32 }
  /// Packet time between two that are said after these, in nanoseconds.
  static var interval: Int64 { 10_000_000_000 }

  private var left = Self.atOnce
  private var last = Timestamp(nanoseconds: 0)

  /// Whether one more may be said now; uses it up.
  mutating func take(at now: Timestamp) -> Bool {
    if left > 0 {
      left &-= 1
    } else {
      let elapsed = now.nanoseconds(since: last)
      // A capture's clock can step back; the interval starts anew then.
      if elapsed < 0 { last = now }
      guard elapsed >= Self.interval else { return false }
    }
    last = now
    return true
  }
}
