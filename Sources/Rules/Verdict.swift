package import Policy
package import Protocols

/// What a flow's destination is to the policy: one answer a flow, the most specific that there is, so that one flow never
/// raises two destination rules.
package enum Verdict: Sendable {
  /// No miner is concerned, or another observation of the flow decides.
  case none
  case allowed(Explanation)
  /// Never asked about: it does not leave the link.
  case exempt(Exemption)
  /// On the indicator list, by address, port or a name that is bound to the address.
  case indicator(Indicators.Match)
  /// Mining at a place that is no pool of the policy.
  case unlistedPool(PoolStranger)
  /// Mining inside another protocol; `isAllowed` when what it leads to is an allowed pool's endpoint.
  case tunnelledPool(Wrapper, isAllowed: Bool)
  /// Mining in the clear where the pool is allowed only over TLS or V2.
  case plaintext(Pool)
  /// An allowed endpoint that is spoken to in a way it should not be.
  case notStratum(Pool, PoolEndpoint, found: AppProtocol)
  case unlistedResolver
  case encryptedDNS(EncryptedDNS)
  case tunnel(Passage)
  case unlistedTimeServer
  case unlisted
  /// A host of the site that is no manager opened it; `answered` as for ``inbound(answered:)``.
  case access(answered: Bool?)
  /// A miner went to another miner, or to a host of the site, that nothing explains.
  case lateral
  /// A host outside the site opened it; `answered` is nil where nobody can tell.
  case inbound(answered: Bool?)

  /// Why a miner may go there.
  package enum Explanation: Equatable, Sendable {
    case pool(String)
    case service(String)
    case allowance(String)
  }

  /// How far a place of mining is from being allowed.
  package enum PoolStranger: Equatable, Sendable {
    case unknown
    /// An allowed pool's address, at a port that none of its endpoints has.
    case otherPort(pool: String)
    /// Allowed for other traffic, not for mining.
    case allowance(String)
  }

  /// Whether a rule has something to say about it.
  var isComplaint: Bool {
    switch self {
    case .none, .allowed, .exempt: false
    default: true
    }
  }

  /// Whether a name learned later could still explain the destination.
  var mayBeExplainedLater: Bool {
    switch self {
    case .unlistedPool(.unknown), .unlistedResolver, .encryptedDNS, .tunnel, .unlistedTimeServer, .unlisted, .lateral:
      true
    default: false
    }
  }
}

/// Something that is never asked about. What each hides is counted and shown.
package enum Exemption: Hashable, Sendable {
  /// Link-local addresses and groups: `169.254.0.0/16`, `fe80::/10`, `224.0.0.0/24`, `ff02::/16`, `255.255.255.255`.
  case linkLocal
  /// To everybody in a miner network.
  case subnetBroadcast
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
  /// An entry of `services.allow`, by its name.
  case allowance(String)

  package var summary: String {
    switch self {
    case .linkLocal: "link-local traffic"
    case .subnetBroadcast: "broadcasts to a miner network"
    case .neighbourDiscovery: "IPv6 neighbour discovery"
    case .groupMembership: "multicast group membership"
    case .icmpError: "ICMP errors"
    case .reverseLookup: "reverse lookups"
    case .linkLocalName: "names asked on the link"
    case .allowance(let name): "services.allow: \(name)"
    }
  }
}
