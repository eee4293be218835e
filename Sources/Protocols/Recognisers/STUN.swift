import Decode

/// Tells STUN by its magic cookie (RFC 8489 §5): over UDP, and at the start of a TCP stream.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |0 0|     message type          |            length             |
///     |                  magic cookie, 0x2112a442                     |
///     |                     transaction, 96 bits                      |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
enum STUN {
  private static let header = 20
  private static let cookie: UInt32 = 0x2112_a442
  /// The two bits that tell a response from a request.
  private static let responseBit: UInt16 = 0x0100

  static func probeDatagram(_ bytes: FirstBytes) -> Probe {
    let message = bytes.opening
    guard message.byteCount >= header, Int(message.uint16(at: 2)) == bytes.firstFlight - header else { return .reject }
    return probe(message)
  }

  static func probe(_ bytes: RawSpan) -> Probe {
    guard bytes.byte(at: 0) & 0xc0 == 0 else { return .reject }
    // Method 0 is reserved (RFC 8489 §18.2).
    if bytes.byteCount >= 2, bytes.uint16(at: 0) == 0 { return .reject }
    if bytes.byteCount >= 4, bytes.byte(at: 3) & 3 != 0 { return .reject }
    for offset in 4..<8 where offset < bytes.byteCount {
      let expected = UInt8(truncatingIfNeeded: cookie >> UInt32(8 * (7 - offset)))
      guard bytes.byte(at: offset) == expected else { return .reject }
    }
    guard bytes.byteCount >= 8 else { return .needMore }
    return .match(opener: bytes.uint16(at: 0) & responseBit == 0 ? .client : .server)
  }
}
