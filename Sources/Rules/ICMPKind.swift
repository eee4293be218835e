import Decode

/// ICMP types by what they are for (IANA "ICMP Parameters", "ICMPv6 Parameters").
enum ICMPKind {
  /// Says that another packet could not be delivered or should go elsewhere: an answer, not an exchange of its own.
  case error
  /// Neighbour discovery (RFC 4861).
  case neighbourDiscovery
  /// Who wants which group's packets (MLD, RFC 2710 and RFC 3810).
  case groupMembership
  /// Echo (RFC 792, RFC 4443 §4).
  case echo
  /// Whatever else starts or answers an exchange.
  case exchange

  init(ipProtocol: UInt8, type: UInt8) {
    switch (ipProtocol, type) {
    // Destination unreachable, source quench, redirect, time exceeded, parameter problem (RFC 792).
    case (IPProtocol.icmp, 3), (IPProtocol.icmp, 4), (IPProtocol.icmp, 5), (IPProtocol.icmp, 11), (IPProtocol.icmp, 12):
      self = .error
    // Destination unreachable, packet too big, time exceeded, parameter problem (RFC 4443 §3).
    case (IPProtocol.icmpv6, 1...4): self = .error
    case (IPProtocol.icmpv6, 133...137): self = .neighbourDiscovery
    case (IPProtocol.icmpv6, 130...132), (IPProtocol.icmpv6, 143): self = .groupMembership
    case (IPProtocol.icmp, 0), (IPProtocol.icmp, 8), (IPProtocol.icmpv6, 128...129): self = .echo
    default: self = .exchange
    }
  }

  /// Whether somebody wants something of the other end, or is answered.
  var isExchange: Bool { self == .echo || self == .exchange }
}
