package import Decode

/// What the site calls its miners.
package struct Inventory: Sendable {
  package struct Entry: Equatable, Sendable {
    package var name: String
    package var rack: String?
    package var model: String?
    /// At the wall, in watts.
    package var watts: Double?

    package init(name: String, rack: String? = nil, model: String? = nil, watts: Double? = nil) {
      self.name = name
      self.rack = rack
      self.model = model
      self.watts = watts
    }
  }

  private var entries: [Entry] = []
  private var byAddress: [IPAddress: Int] = [:]
  private var byMAC: [MACAddress: Int] = [:]

  package init() {}

  package var isEmpty: Bool { entries.isEmpty }
  package var count: Int { entries.count }

  /// Every address that a row gives, in no order.
  package var addresses: some Collection<IPAddress> { byAddress.keys }

  /// Whether some row is known by its link-layer address alone.
  package var hasMACs: Bool { !byMAC.isEmpty }

  /// What a row of the file says, with at least one of the addresses.
  package struct Row: Sendable {
    package var entry: Entry
    package var address: IPAddress?
    package var mac: MACAddress?
  }

  /// All rows, in the order of the file.
  package private(set) var rows: [Row] = []

  package mutating func add(_ entry: Entry, address: IPAddress?, mac: MACAddress?) {
    entries.append(entry)
    rows.append(Row(entry: entry, address: address, mac: mac))
    if let address { byAddress[address] = entries.count - 1 }
    if let mac { byMAC[mac] = entries.count - 1 }
  }

  /// By address first: behind a router, every miner has the router's link-layer address.
  package func entry(for address: IPAddress, mac: MACAddress) -> Entry? {
    if let index = byAddress[address] { return entries[index] }
    guard mac != .none, let index = byMAC[mac] else { return nil }
    return entries[index]
  }
}
