package import Decode

/// Names, addresses and ranges, as a policy lists hosts. `*.example.com` is every name below it.
package struct HostSet: Sendable {
  package init() {}

  package init(names: [String], prefixes: PrefixSet) {}

  package var isEmpty: Bool { true }

  /// Whether `address` is listed as address or range, or a listed name is bound to it.
  package func contains(_ address: IPAddress, _ bindings: Bindings) -> Bool { false }

  /// Whether the name is listed. `name` is lower case, without trailing dot.
  package func contains(name: String) -> Bool { false }
}
