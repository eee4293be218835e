package import Decode

/// A set of address ranges that answers in constant time whether an address is in it.
package struct PrefixSet: Sendable {
  package init() {}
  package func contains(_ address: IPAddress) -> Bool { false }
}
