package import Decode

/// A pool that miners may mine for.
package struct Pool: Sendable {
  package var name: String
  package var endpoints: [PoolEndpoint]
  /// The pool's own ranges. When set, only these are the pool's, whatever a DNS answer says.
  package var addresses: PrefixSet?
  /// Who may be paid. Nil: anybody.
  package var accounts: [AccountGlob]?

  package init(name: String, endpoints: [PoolEndpoint], addresses: PrefixSet? = nil, accounts: [AccountGlob]? = nil) {
    self.name = name
    self.endpoints = endpoints
    self.addresses = addresses
    self.accounts = accounts
  }
}

/// One URL as typed into a miner: `stratum+tcp://host:port`.
package struct PoolEndpoint: Hashable, Sendable {
  /// How the wire looks: no scheme is ever on it, so `tls`, `ssl` and `tcps` are one.
  package enum Transport: String, Sendable {
    case plain = "stratum+tcp"
    case tls = "stratum+ssl"
    case stratumV2 = "stratum2+tcp"
  }

  package enum Host: Hashable, Sendable {
    /// Lower case, no trailing dot.
    case name(String)
    case address(IPAddress)
  }

  package var transport: Transport
  package var host: Host
  package var port: UInt16
  /// Base58check authority key of a V2 endpoint, where given.
  package var authorityKey: String?

  package init(transport: Transport, host: Host, port: UInt16, authorityKey: String? = nil) {
    self.transport = transport
    self.host = host
    self.port = port
    self.authorityKey = authorityKey
  }
}
