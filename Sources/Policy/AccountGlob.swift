/// A pattern over a pool user name: `*` stands for any run of characters, `?` for one.
package struct AccountGlob: Sendable {
  package let pattern: String

  package init(_ pattern: String) {
    self.pattern = pattern
  }

  /// Case counts, but for bech32 addresses (`bc1…`, BIP 173), which are read in either case.
  package func matches(_ user: String) -> Bool { false }
}
