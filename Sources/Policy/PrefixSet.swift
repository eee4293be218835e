package import Decode

/// A set of address ranges that answers in constant time whether an address is in it.
package struct PrefixSet: Sendable {
  package init() {}

  /// - Parameter texts: `10.20.0.0/16`, `fd00::/8`, or single addresses. Nil when one is no address or range.
  package init?(_ texts: [String]) {}

  package var isEmpty: Bool { true }

  package func contains(_ address: IPAddress) -> Bool { false }
}
