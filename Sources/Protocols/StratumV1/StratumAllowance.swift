import Capture

/// How often a session may still say one kind of thing, so that a flood of it costs no more than counting.
struct StratumAllowance: Sendable, BitwiseCopyable {
  /// Packet time between two that are said after ``Capture/Limits/toldOfSession``, in seconds.
  static var interval: Int32 { 10 }

  /// Whole seconds, cut to 32 bits.
  private var last: UInt32 = 0
  private var left = UInt8(Limits.toldOfSession)

  /// Whether one more may be said now; uses it up.
  mutating func take(at now: Timestamp) -> Bool {
    let now = UInt32(truncatingIfNeeded: now.seconds)
    if left > 0 {
      left &-= 1
    } else {
      let elapsed = Int32(bitPattern: now &- last)
      // A capture's clock can step back; the interval starts anew then.
      if elapsed < 0 { last = now }
      guard elapsed >= Self.interval else { return false }
    }
    last = now
    return true
  }
}
