package import Decode

/// Names, addresses and ranges, as a policy lists hosts. `*.example.com` is every name below it.
package struct HostSet: Sendable {
  /// Names that stand for themselves.
  package private(set) var names: Set<String> = []
  /// Names that stand for everything below them: `example.com` of `*.example.com`.
  package private(set) var parents: Set<String> = []
  package private(set) var prefixes = PrefixSet()

  package init() {}

  /// - Parameter names: lower case, without trailing dot; `*.example.com` for what is below a name.
  package init(names: [String], prefixes: PrefixSet) {
    for name in names {
      if name.hasPrefix("*.") {
        parents.insert(String(name.dropFirst(2)))
      } else {
        self.names.insert(name)
      }
    }
    self.prefixes = prefixes
  }

  package var isEmpty: Bool { names.isEmpty && parents.isEmpty && prefixes.isEmpty }

  /// Whether `address` is listed as address or range, or a listed name is bound to it.
  package func contains(_ address: IPAddress, _ bindings: Bindings) -> Bool {
    if prefixes.contains(address) { return true }
    guard !names.isEmpty || !parents.isEmpty else { return false }
    return bindings.names(of: address).contains { contains(name: $0) }
  }

  /// Whether the name is listed. `name` is lower case, without trailing dot.
  package func contains(name: String) -> Bool {
    if names.contains(name) { return true }
    guard !parents.isEmpty else { return false }
    return HostName.parents(of: name).contains { parents.contains(String($0)) }
  }
}

extension HostSet: CustomStringConvertible {
  /// Names in alphabetical order, then ranges in ascending order.
  package var description: String {
    let texts = names.sorted() + parents.sorted().map { "*." + $0 } + prefixes.prefixes.map(\.description)
    return texts.joined(separator: ", ")
  }
}
