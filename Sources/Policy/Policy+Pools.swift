package import Decode

extension Policy {
  /// Which pool is at an address. Where a pool pins `addresses`, only those count; else its hosts' literal addresses and
  /// what the bindings say of its names. Several pools may share an address: an exact endpoint wins.
  package func pool(at address: IPAddress, port: UInt16, _ bindings: Bindings) -> PoolMatch {
    let names = bindings.names(of: address)
    for pool in pools {
      if let endpoint = pool.endpoint(at: address, port: port, names) { return .endpoint(pool, endpoint) }
    }
    return pools.first { $0.isAt(address, names) }.map(PoolMatch.otherPort) ?? .none
  }

  /// Every allowed endpoint at an address and port, in the policy's order: one port may be allowed for more than one
  /// transport. Where a pool's pinned address is known by a name of its endpoints, only that name's endpoints count.
  package func endpoints(
    at address: IPAddress, port: UInt16, _ bindings: Bindings
  ) -> [(pool: Pool, endpoint: PoolEndpoint)] {
    endpoints(at: address, port: port, bindings.names(of: address))
  }

  private func endpoints(
    at address: IPAddress, port: UInt16, _ names: [String]
  ) -> [(pool: Pool, endpoint: PoolEndpoint)] {
    pools.flatMap { pool in pool.endpoints(at: address, port: port, names).map { (pool, $0) } }
  }

  /// Whether one of ``endpoints(at:port:_:)`` is such, without the making of a list.
  package func hasEndpoint(
    at address: IPAddress, port: UInt16, _ bindings: Bindings, where isSuch: (Pool, PoolEndpoint) -> Bool
  ) -> Bool {
    let names = bindings.names(of: address)
    // By place: a pool that is handed on is a copy.
    for place in pools.indices
    where pools[place].hasEndpoint(at: address, port: port, names, where: { isSuch(pools[place], $0) }) {
      return true
    }
    return false
  }

  /// The pool that has `name` among its endpoints' hosts.
  ///
  /// - Parameter name: lower case, without trailing dot.
  package func pool(named name: String) -> Pool? {
    pools.first { pool in pool.endpoints.contains { $0.host == .name(name) } }
  }
}

extension Pool {
  /// - Parameter names: what `address` is known by.
  fileprivate func isAt(_ address: IPAddress, _ names: [String]) -> Bool {
    addresses?.contains(address) ?? endpoints.contains { $0.host.stands(for: address, names) }
  }

  /// The first of ``endpoints(at:port:_:)``, without the making of a list.
  fileprivate func endpoint(at address: IPAddress, port: UInt16, _ names: [String]) -> PoolEndpoint? {
    let isPinned = addresses?.contains(address)
    guard isPinned != false else { return nil }
    var named: PoolEndpoint?
    for endpoint in endpoints where endpoint.port == port {
      if endpoint.host.stands(for: address, names) { return endpoint }
      if named == nil, case .name = endpoint.host { named = endpoint }
    }
    return isPinned == nil ? nil : named
  }

  fileprivate func endpoints(at address: IPAddress, port: UInt16, _ names: [String]) -> [PoolEndpoint] {
    var found: [PoolEndpoint] = []
    _ = hasEndpoint(at: address, port: port, names) {
      found.append($0)
      return false
    }
    return found
  }

  fileprivate func hasEndpoint(
    at address: IPAddress, port: UInt16, _ names: [String], where isSuch: (PoolEndpoint) -> Bool
  ) -> Bool {
    let isPinned = addresses?.contains(address)
    guard isPinned != false else { return false }
    var isNamed = false
    for endpoint in endpoints where endpoint.port == port && endpoint.host.stands(for: address, names) {
      isNamed = true
      if isSuch(endpoint) { return true }
    }
    guard isPinned == true, !isNamed else { return false }
    // Pinned, but no name leads here yet: any of the pool's named hosts may.
    return endpoints.contains { endpoint in
      guard endpoint.port == port, case .name = endpoint.host else { return false }
      return isSuch(endpoint)
    }
  }
}

extension PoolEndpoint.Host {
  fileprivate func stands(for address: IPAddress, _ names: [String]) -> Bool {
    switch self {
    case .name(let name): names.contains(name)
    case .address(let own): own == address
    }
  }
}
