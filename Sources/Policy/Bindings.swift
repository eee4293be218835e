package import Capture
package import Decode

/// Which names stand for which addresses, learned from the DNS answers that miners get.
///
/// Kept far beyond an answer's time to live: a miner resolves when it connects and then keeps its session for days
/// (cgminer util.c). Bounded by `Limits.bindings`; the binding unused for longest goes first.
package struct Bindings: Sendable {
  package init() {}

  package mutating func bind(_ name: String, to address: IPAddress, at time: Timestamp) {}

  /// Names that were answered with `address`, the latest first; empty when none was.
  package func names(of address: IPAddress) -> [String] { [] }

  /// Addresses that `name` was answered with.
  package func addresses(of name: String) -> [IPAddress] { [] }

  package var count: Int { 0 }
  /// Bindings dropped because the table was full.
  package var evicted: UInt64 { 0 }
}
