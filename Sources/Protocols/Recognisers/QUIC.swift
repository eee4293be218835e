import Decode

/// Tells QUIC by a long header with a version that exists (RFC 8999 §5.1), and Google's older form by its own.
enum QUIC {
  static func probe(_ bytes: FirstBytes) -> Probe {
    if let header = QUICLongHeader(bytes.opening) {
      // Version negotiation is the server's (RFC 9000 §17.2.1); a client pads its first datagram (§14.1).
      return .match(opener: header.version == 0 ? .server : bytes.firstFlight >= 1_200 ? .client : nil)
    }
    return isGoogles(bytes.opening) ? .match(opener: .client) : .reject
  }

  /// Flags with a version and a connection id of eight bytes, then `Q0` and two digits (Q043 and before).
  private static func isGoogles(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount > 13, bytes.byte(at: 0) & 0xc9 == 0x09 else { return false }
    return bytes.uint16(at: 9) == 0x5130 && isDigit(bytes.byte(at: 11)) && isDigit(bytes.byte(at: 12))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
