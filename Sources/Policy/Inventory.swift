package import Decode

/// What the site calls its miners.
package struct Inventory: Sendable {
  package struct Entry: Equatable, Sendable {
    package var name: String
    package var rack: String?
    package var model: String?
    package var watts: Double?
  }

  package init() {}

  package func entry(for address: IPAddress, mac: MACAddress) -> Entry? { nil }
}
