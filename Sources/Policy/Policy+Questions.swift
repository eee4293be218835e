package import Decode

/// What an address and port are to the policy's pools.
package enum PoolMatch: Sendable {
  /// An allowed endpoint, exactly: address and port.
  case endpoint(Pool, PoolEndpoint)
  /// The pool's address, at a port that none of its endpoints has.
  case otherPort(Pool)
  case none
}

extension Policy {
  /// The site's resolvers; every private address where `services.dns` is absent.
  package func isResolver(_ address: IPAddress, _ bindings: Bindings) -> Bool {
    services.dns?.contains(address, bindings) ?? address.isPrivate
  }

  /// The site's time servers; every private address where `services.ntp` is absent.
  package func isTimeServer(_ address: IPAddress, _ bindings: Bindings) -> Bool {
    services.ntp?.contains(address, bindings) ?? address.isPrivate
  }

  /// The site's DHCP servers; every private address where `services.dhcp` is absent.
  package func isDHCPServer(_ address: IPAddress, _ bindings: Bindings) -> Bool {
    services.dhcp?.contains(address, bindings) ?? address.isPrivate
  }

  /// The name of the entry of `services.allow` that explains this destination.
  ///
  /// - Parameter port: 0 for protocols without ports.
  package func allowance(
    for address: IPAddress, port: UInt16, ipProtocol: UInt8, _ bindings: Bindings
  ) -> String? {
    services.allow.first { allowance in
      (allowance.ports.isEmpty || allowance.ports.contains { $0.matches(ipProtocol: ipProtocol, port: port) })
        && allowance.hosts.contains(address, bindings)
    }?.name
  }

  /// Whether an allowed endpoint, service or allowance explains that a miner asks for this name.
  ///
  /// - Parameter name: lower case, without trailing dot.
  package func explains(name: String) -> Bool {
    pool(named: name) != nil || services.allow.contains { $0.hosts.contains(name: name) }
      || [services.dns, services.ntp, services.dhcp].contains { $0?.contains(name: name) ?? false }
  }
}

extension Policy {
  /// The indicator that a name is, unless the policy itself explains the name: a site that runs such an agent says so.
  package func indicator(name: String) -> Indicators.Match? {
    explains(name: name) ? nil : detection.indicators.match(name: name)
  }

  /// Like ``indicator(name:)`` for a session to `port` that calls its server by this name, so that lines with a port count.
  package func indicator(name: String, port: UInt16) -> Indicators.Match? {
    explains(name: name) ? nil : detection.indicators.match(name: name, port: port)
  }

  /// The indicator that a destination is, by address, port or bound name, unless the policy allows the destination.
  package func indicator(
    at address: IPAddress, port: UInt16, ipProtocol: UInt8, _ bindings: Bindings
  ) -> Indicators.Match? {
    guard !detection.indicators.isEmpty else { return nil }
    if case .endpoint = pool(at: address, port: port, bindings) { return nil }
    if allowance(for: address, port: port, ipProtocol: ipProtocol, bindings) != nil { return nil }
    if let match = detection.indicators.match(address: address, port: port) { return match }
    for name in bindings.names(of: address) where !explains(name: name) {
      if let match = detection.indicators.match(name: name, port: port) { return match }
    }
    return nil
  }
}

extension Policy.Miners {
  /// As ``Policy/isMiner(_:)``.
  package func contains(_ address: IPAddress) -> Bool { networks.contains(address) && !except.contains(address) }
}

extension Policy.Services {
  /// Listed as a server by address or range.
  package func isServer(_ address: IPAddress) -> Bool {
    dns?.prefixes.contains(address) == true || ntp?.prefixes.contains(address) == true
      || dhcp?.prefixes.contains(address) == true
  }
}
