package import Decode

/// A router tells a host to send what is for one destination to another gateway: ICMP redirect (RFC 792 p. 12) and ICMPv6
/// redirect (RFC 4861 §4.5).
///
///     IPv4, behind type, code, checksum     IPv6, behind type, code, checksum
///     +---------------------------------+   +---------------------------------+
///     |       Gateway address (4)       |   |          Reserved (4)           |
///     +---------------------------------+   +---------------------------------+
///     |  Header of the packet that was  |   |      Target address (16)        |
///     |  sent the long way (20 or more) |   +---------------------------------+
///     +---------------------------------+   |    Destination address (16)     |
///                                           +---------------------------------+
package struct RouteRedirect: Equatable, Sendable {
  package static let icmpType: UInt16 = 5
  package static let icmpv6Type: UInt16 = 137

  /// Who says so: it must be the host's own gateway.
  package var router: IPAddress
  /// Who is told.
  package var host: IPAddress
  /// Where packets are to go from now on; in IPv6 the destination itself when that is on the link.
  package var gateway: IPAddress
  /// For which destination.
  package var destination: IPAddress

  package init(router: IPAddress, host: IPAddress, gateway: IPAddress, destination: IPAddress) {
    self.router = router
    self.host = host
    self.gateway = gateway
    self.destination = destination
  }

  /// - Returns: nil when the message is cut short.
  init?(ipv4 message: RawSpan, from router: IPAddress, to host: IPAddress) {
    guard message.byteCount >= 24, message.byte(at: 4) >> 4 == 4 else { return nil }
    self.init(
      router: router, host: host, gateway: IPAddress(v4: message.uint32(at: 0)),
      destination: IPAddress(v4: message.uint32(at: 20)))
  }

  /// - Returns: nil for what a host would drop (RFC 4861 §8.1).
  init?(ipv6 message: RawSpan, from router: IPAddress, to host: IPAddress) {
    guard message.byteCount >= 36, router.isLinkLocal else { return nil }
    self.init(
      router: router, host: host, gateway: message.ipv6(at: 4), destination: message.ipv6(at: 20))
    guard !destination.isMulticast else { return nil }
  }
}
