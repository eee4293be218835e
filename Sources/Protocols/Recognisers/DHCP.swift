import Decode

/// Tells DHCP by BOOTP's fixed part and the magic cookie (RFC 2131 §2, §3), or by a DHCPv6 message that its options fill to
/// the end (RFC 8415 §8), each on its ports.
enum DHCP {
  static let ipv6Ports: ClosedRange<UInt16> = 546...547

  static func probe(_ bytes: FirstBytes) -> Probe {
    let ports: ClosedRange<UInt16> = 67...68
    guard ports.contains(bytes.openerPort) || ports.contains(bytes.answererPort) else { return probeIPv6(bytes) }
    guard DHCPv4Packet.isPlausible(bytes.opening) else { return .reject }
    return .match(opener: bytes.opening.byte(at: 0) == 1 ? .client : .server)
  }

  private static func probeIPv6(_ bytes: FirstBytes) -> Probe {
    guard ipv6Ports.contains(bytes.openerPort) || ipv6Ports.contains(bytes.answererPort),
      let message = DHCPv6Packet(bytes.opening)?.message
    else { return .reject }
    return .match(opener: message.isFromServer ? .server : .client)
  }
}
