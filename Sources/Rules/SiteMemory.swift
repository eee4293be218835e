package import Capture
package import Decode
package import Policy

/// What was known of a site when the monitor last ran: names, and miners. Read from the store at the start, so that a restart
/// is no new beginning.
package struct SiteMemory: Sendable {
  /// The earliest learned first.
  package var bindings: [Bindings.Binding] = []
  package var miners: [KnownMiner] = []

  package init() {}

  package struct KnownMiner: Equatable, Sendable {
    package var address: IPAddress
    package var mac: MACAddress
    package var agent: String?
    /// From the inventory of the time.
    package var name: String?
    package var model: String?
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp

    package init(
      address: IPAddress, mac: MACAddress, agent: String?, name: String? = nil, model: String? = nil,
      firstSeen: Timestamp, lastSeen: Timestamp
    ) {
      self.address = address
      self.mac = mac
      self.agent = agent
      self.name = name
      self.model = model
      self.firstSeen = firstSeen
      self.lastSeen = lastSeen
    }
  }
}

/// The addresses and link-layer addresses that were miners before this run began. Bounded by what the store gives back,
/// `Limits.seenMiners`.
package struct RememberedMiners: Sendable {
  package private(set) var addresses: Set<IPAddress> = []
  package private(set) var macs: Set<MACAddress> = []

  package init() {}

  /// Whether a device is known from before, by either of its addresses.
  package func contains(_ address: IPAddress, _ mac: MACAddress) -> Bool {
    addresses.contains(address) || (mac != .none && macs.contains(mac))
  }

  mutating func insert(_ miner: SiteMemory.KnownMiner) {
    addresses.insert(miner.address)
    if miner.mac != .none { macs.insert(miner.mac) }
  }
}

extension Analysis {
  /// Takes over what is known from before. To be called once, before anything is observed.
  mutating func remember(_ memory: SiteMemory) {
    for binding in memory.bindings { bindings.bind(binding.name, to: binding.address, at: binding.learned) }
    for miner in memory.miners where policy.isMiner(miner.address) {
      fleet.remember(miner)
      remembered.insert(miner)
    }
  }
}

extension Analysis {
  /// What was learned, or seen, after `time`: for the store.
  func memory(after time: Timestamp) -> SiteMemory {
    var memory = SiteMemory()
    memory.bindings = bindings.learned(after: time)
    memory.miners = fleet.miners.filter { $0.value.lastSeen > time }.map { address, seen in
      let entry = policy.miners.inventory.entry(for: address, mac: seen.mac)
      return SiteMemory.KnownMiner(
        address: address, mac: seen.mac, agent: seen.agent, name: entry?.name, model: entry?.model,
        firstSeen: seen.firstSeen, lastSeen: seen.lastSeen)
    }
    return memory
  }
}
