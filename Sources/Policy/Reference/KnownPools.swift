package import Decode

/// A pool that anybody may mine for, as `pools.d` lists it. To know one allows nothing: it only gives a stranger a name.
package struct KnownPool: Equatable, Sendable {
  package var name: String
  /// As the pool tells its customers to type them.
  package var endpoints: [PoolEndpoint]
  package var users: UserForm
  package var confidence: Confidence
  /// When its endpoints were last seen to be so.
  package var seen: DataDate

  /// What its user names look like, and so who is paid (foreman.mn for accounts; OCEAN-xyz/datum_gateway,
  /// doc/usernames.md, for addresses). The raw value is what `pools.d` says.
  package enum UserForm: String, CaseIterable, Sendable {
    /// An account at the pool, a dot, a worker.
    case accountWorker = "account.worker"
    /// A Bitcoin address, a dot, a worker: no account, the address itself is paid.
    case addressWorker = "address.worker"
    case address
    /// A pool for its own miners.
    case `private`
  }

  /// How sure it is that these endpoints are the pool's.
  package enum Confidence: String, CaseIterable, Sendable {
    /// Probed, or named by the pool.
    case high
    /// In several configurations that people use.
    case medium
    /// In one.
    case low
  }
}

/// The public pools of all `pools.d`, found by host.
package struct KnownPools: Sendable {
  package private(set) var pools: [KnownPool] = []
  package private(set) var dates = DataSpan()
  private var byName: [String: Int] = [:]
  private var byAddress: [IPAddress: Int] = [:]

  package init() {}

  package var count: Int { pools.count }

  /// The first pool that has a host keeps it.
  mutating func add(_ pool: KnownPool) {
    for endpoint in pool.endpoints {
      switch endpoint.host {
      case .name(let name): byName[name] = byName[name] ?? pools.count
      case .address(let address): byAddress[address] = byAddress[address] ?? pools.count
      }
    }
    pools.append(pool)
    dates.include(pool.seen)
  }

  func contains(named name: String) -> Bool { pools.contains { $0.name == name } }

  /// - Parameter host: lower case, without trailing dot. A listed host stands for what is below it as well.
  package func pool(at host: String) -> KnownPool? {
    if let index = byName[host] { return pools[index] }
    for parent in HostName.parents(of: host) {
      if let index = byName[String(parent)] { return pools[index] }
    }
    return nil
  }

  package func pool(at address: IPAddress) -> KnownPool? {
    byAddress[address].map { pools[$0] }
  }
}

extension Policy {
  /// The public pool whose host this is, or is below.
  ///
  /// - Parameter name: lower case, without trailing dot: a name that was asked for, or the SNI of a TLS session.
  package func knownPool(named name: String) -> KnownPool? {
    knownPools.pool(at: name)
  }

  /// The public pool that an address is, by what DNS answers bound to it.
  package func knownPool(at address: IPAddress, _ bindings: Bindings) -> KnownPool? {
    if let pool = knownPools.pool(at: address) { return pool }
    for name in bindings.names(of: address) {
      if let pool = knownPools.pool(at: name) { return pool }
    }
    return nil
  }
}
