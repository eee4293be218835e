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

  /// Whether it says what a flow leads to by way of another host, which is more than that it goes to this one.
  func isAboutInside(_ observation: Observation) -> Bool {
    switch self {
    case .tunnelledPool: true
    case .indicator: if case .wrapped = observation.content { true } else { false }
    default: false
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
