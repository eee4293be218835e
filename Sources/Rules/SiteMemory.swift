package import Capture
package import Decode
package import Policy

/// What was known of a site when the monitor last ran: names, miners and their habits. Read from the store at the start, so that a restart
/// is no new beginning.
package struct SiteMemory: Sendable {
  /// The earliest learned first.
  package var bindings: [Bindings.Binding] = []
  package var miners: [KnownMiner] = []
  package var habits: [LearnedHabit] = []

  /// What miners usually do in an hour.
  package var traffic: [KnownTraffic] = []

  package init() {}

  package var isEmpty: Bool { bindings.isEmpty && miners.isEmpty && habits.isEmpty && traffic.isEmpty }

  package struct KnownTraffic: Equatable, Sendable {
    package var address: IPAddress
    package var habit: Traffic.Habit
    /// When it was last learned from.
    package var learned: Timestamp

    package init(address: IPAddress, habit: Traffic.Habit, learned: Timestamp) {
      self.address = address
      self.habit = habit
      self.learned = learned
    }
  }

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

extension Analysis {
  /// Takes over what is known from before. To be called once, before anything is observed.
  mutating func remember(_ memory: SiteMemory) {
    for binding in memory.bindings { bindings.bind(binding.name, to: binding.address, at: binding.learned) }
    for miner in memory.miners where isMiner(miner.address) {
      fleet.remember(miner)
      lan.devices.remember(miner.mac, at: miner.address, time: miner.lastSeen)
    }
    for habit in memory.habits where isMiner(habit.address) { fleetWatch.remember(habit) }
    for known in memory.traffic where isMiner(known.address) { traffic.remember(known.habit, of: known.address) }
  }
}

extension Analysis {
  /// What was learned, or seen, after `time`: for the store.
  ///
  /// - Parameter isLast: nothing will be asked for later.
  func memory(after time: Timestamp, isLast: Bool) -> SiteMemory {
    var memory = SiteMemory()
    memory.bindings = bindings.learned(after: time)
    var models = ModelNames(policy: policy)
    memory.miners = fleet.miners.filter { $0.lastSeen > time }.map { seen in
      let entry = policy.miners.inventory.entry(for: seen.address, mac: seen.mac)
      return SiteMemory.KnownMiner(
        address: seen.address, mac: seen.mac, agent: seen.agent, name: entry?.name,
        model: models.name(of: entry, agent: seen.agent),
        firstSeen: seen.firstSeen, lastSeen: seen.lastSeen)
    }
    memory.habits = fleetWatch.learned(after: time, at: now, isLast: isLast)
    memory.traffic = traffic.learned(after: time)
    return memory
  }
}
