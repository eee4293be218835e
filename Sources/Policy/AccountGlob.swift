/// A pattern over a pool user name: `*` stands for any run of characters, `?` for one.
package struct AccountGlob: Sendable {
  package init(_ pattern: String) {}
}
