import Decode

/// Tells IKE by its header (RFC 7296 §3.1, RFC 2408 §3.1), and ESP inside UDP by its port (RFC 3948 §2). ESP and AH straight
/// over IP are told by their protocol numbers, 50 and 51.
///
///     initiator's SPI 8 | responder's SPI 8 | next payload 1 | version 1 | exchange 1 | flags 1 | message 4 | length 4
enum IPsec {
  /// Where IKE and ESP share a port behind NAT; IKE then has four zero bytes in front.
  private static let natPort: UInt16 = 4_500
  private static let header = 28

  static func probe(_ bytes: FirstBytes) -> Probe {
    let isOnNATPort = bytes.openerPort == natPort || bytes.answererPort == natPort
    let message = bytes.opening
    guard isOnNATPort else { return probeIKE(message, length: bytes.firstFlight) }
    guard message.byteCount >= 4 else { return .reject }
    if message.uint32(at: 0) == 0 {
      return probeIKE(message.extracting(4..<message.byteCount), length: bytes.firstFlight - 4)
    }
    return probeESP(message, length: bytes.firstFlight)
  }

  private static func probeIKE(_ message: RawSpan, length: Int) -> Probe {
    guard message.byteCount >= header, Int(message.uint32(at: 24)) == length, message.uint64(at: 0) != 0 else {
      return .reject
    }
    let (version, exchange) = (message.byte(at: 17), message.byte(at: 18))
    let isKnown =
      switch version {
      // Base, identity protection, authentication only, aggressive, informational; quick and new group mode.
      case 0x10: (1...5).contains(exchange) || exchange == 32 || exchange == 33
      // IKE_SA_INIT and on (IANA, IKEv2 Exchange Types).
      case 0x20: (34...45).contains(exchange)
      default: false
      }
    guard isKnown else { return .reject }
    // The first message has no responder's SPI yet.
    return .match(opener: message.uint64(at: 8) == 0 ? .client : nil)
  }

  /// A security parameter index over those reserved, a sequence number that begins to count, and room for a tag.
  private static func probeESP(_ message: RawSpan, length: Int) -> Probe {
    guard message.byteCount >= 8, length >= 32, length % 4 == 0, message.uint32(at: 0) > 255 else { return .reject }
    return (1..<0x0100_0000).contains(message.uint32(at: 4)) ? .match(opener: nil) : .reject
  }
}
