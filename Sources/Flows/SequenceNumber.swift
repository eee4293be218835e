/// Arithmetic on TCP sequence numbers, which count modulo 2^32 (RFC 9293 §3.4).
extension UInt32 {
  /// How far this number is ahead of `origin`, in bytes: negative when behind. Right while the two are within 2^31.
  @inline(__always)
  func distance(from origin: UInt32) -> Int {
    Int(Int32(truncatingIfNeeded: self &- origin))
  }

  /// This number and `count` more, modulo 2^32.
  @inline(__always)
  func advanced(byBytes count: Int) -> UInt32 {
    self &+ UInt32(truncatingIfNeeded: count)
  }
}
