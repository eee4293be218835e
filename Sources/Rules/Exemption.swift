package import Decode
package import Policy

/// Something that is never asked about. What each hides is counted and shown.
package enum Exemption: Hashable, Sendable {
  /// Link-local addresses and groups: `169.254.0.0/16`, `fe80::/10`, `224.0.0.0/24`, `ff02::/16`, `255.255.255.255`.
  case linkLocal
  /// Groups that no border passes on: `239.0.0.0/8` (RFC 2365 §6), IPv6's of the scopes 3 to 8 (RFC 4291 §2.7).
  case siteGroup
  /// To everybody in a network of the site.
  case subnetBroadcast
  /// Echo between a miner and its gateway.
  case gatewayEcho
  /// ICMPv6 neighbour discovery inside the site.
  case neighbourDiscovery
  /// IGMP and MLD, which no router forwards (RFC 2236 §2, RFC 2710 §3).
  case groupMembership
  /// ICMP that says what became of another packet.
  case icmpError
  /// A name that asks for a name: `in-addr.arpa`, `ip6.arpa`.
  case reverseLookup
  /// A name asked of the whole link: mDNS, LLMNR.
  case linkLocalName
  /// The miner itself, by name.
  case localhost
  /// An allowed name with a domain behind it that the site's DHCP server has resolvers try.
  case searchDomain
  /// An entry of `services.allow`, by its name.
  case allowance(String)

  package var summary: String {
    switch self {
    case .linkLocal: "link-local traffic"
    case .siteGroup: "multicast that stays on the site"
    case .subnetBroadcast: "broadcasts to a network of the site"
    case .gatewayEcho: "pings of the gateway, and by it"
    case .neighbourDiscovery: "IPv6 neighbour discovery"
    case .groupMembership: "multicast group membership"
    case .icmpError: "ICMP errors"
    case .reverseLookup: "reverse lookups"
    case .localhost: "questions for localhost"
    case .searchDomain: "allowed names with the site's domain behind"
    case .linkLocalName: "names asked on the link"
    case .allowance(let name): "services.allow: \(name)"
    }
  }
}

extension Exemption {
  /// Why nobody asks about what goes to a group or to everybody; nil for what goes to one host, or beyond the site.
  ///
  /// For rules and for what is learned alike, so that a policy that was learned is silent about what it was learned from.
  ///
  /// - Parameters:
  ///   - isFrameToAll: the frame itself went to everybody. The networks on the wire are often smaller than the range that a
  ///     policy lists, or larger than what was learned.
  ///   - networks: those of the miners.
  package static func ofGroup(
    _ address: IPAddress, isFrameToAll: Bool, ipProtocol: UInt8, around networks: PrefixSet
  ) -> Exemption? {
    if address.isMulticast, ipProtocol == IPProtocol.igmp { return .groupMembership }
    if address.isLinkLocal { return .linkLocal }
    if address.isSiteGroup { return .siteGroup }
    // Nobody opens a connection to everybody.
    guard address.isIPv4, address.v4 & 1 == 1, ipProtocol != IPProtocol.tcp else { return nil }
    let isBroadcast =
      isFrameToAll ? address.isPrivate || networks.contains(address) : networks.mayEndSubnet(address)
    return isBroadcast ? .subnetBroadcast : nil
  }
}

extension IPAddress {
  fileprivate var isSiteGroup: Bool {
    if isIPv4 { return v4 >> 24 == 239 }
    // ff00::/8, four flags, and the scope.
    return isMulticast && (3...8).contains(high >> 48 & 0xf)
  }
}

extension MACAddress {
  /// All hosts of a link.
  package var isBroadcast: Bool { rawValue == 0xffff_ffff_ffff }
}
