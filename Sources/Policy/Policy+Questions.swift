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
  package func isMiner(_ address: IPAddress) -> Bool { false }

  package func isManager(_ address: IPAddress) -> Bool { false }

  /// The site's own: miners, managers and the addresses of its services (not `services.allow`, which is outside).
  package func isSite(_ address: IPAddress) -> Bool { false }

  /// Which pool is at an address. Where a pool pins `addresses`, only those count; else its hosts' literal addresses and
  /// what the bindings say of its names. Several pools may share an address: an exact endpoint wins.
  package func pool(at address: IPAddress, port: UInt16, _ bindings: Bindings) -> PoolMatch { .none }

  /// The pool that has `name` among its endpoints' hosts.
  package func pool(named name: String) -> Pool? { nil }

  /// The site's resolvers; every private address where `services.dns` is absent.
  package func isResolver(_ address: IPAddress, _ bindings: Bindings) -> Bool { false }

  package func isTimeServer(_ address: IPAddress, _ bindings: Bindings) -> Bool { false }

  package func isDHCPServer(_ address: IPAddress, _ bindings: Bindings) -> Bool { false }

  /// The name of the entry of `services.allow` that explains this destination.
  package func allowance(
    for address: IPAddress, port: UInt16, ipProtocol: UInt8, _ bindings: Bindings
  ) -> String? { nil }

  /// Whether an allowed endpoint, service or allowance explains that a miner asks for this name.
  package func explains(name: String) -> Bool { false }
}
