import Decode

/// Tells DHCP by BOOTP's operation, hardware address length and the magic cookie (RFC 2131 §2, §3; RFC 951).
enum DHCP {
  private static let cookieOffset = 236
  private static let cookie: UInt32 = 0x6382_5363

  static func probe(_ bytes: FirstBytes) -> Probe {
    let ports: ClosedRange<UInt16> = 67...68
    guard ports.contains(bytes.openerPort) || ports.contains(bytes.answererPort) else { return .reject }
    let message = bytes.opening
    guard message.byteCount >= cookieOffset + 4, message.uint32(at: cookieOffset) == cookie else { return .reject }
    // A hardware address is at most the 16 bytes of its field.
    guard message.byte(at: 2) <= 16 else { return .reject }
    switch message.byte(at: 0) {
    case 1: return .match(opener: .client)
    case 2: return .match(opener: .server)
    default: return .reject
    }
  }
}
