package import Decode

/// What the site calls its miners.
package struct Inventory: Sendable {
  package init() {}
}
