package import Capture
package import Decode
package import Rules

/// Something that lasts. The writer puts records into the file in the order given.
package enum StoreRecord: Sendable {
  case alert(StoredAlert)
  /// What was learned since the last one: names, miners that were seen, and habits.
  case memory(SiteMemory)
  case minute(MinuteAccount)
  case heartbeat(Heartbeat)

  /// Rows that it comes to, at the least one.
  var rows: Int {
    switch self {
    case .alert, .heartbeat: 1
    case .memory(let memory):
      memory.bindings.count + memory.miners.count + memory.habits.count + memory.traffic.count + 1
    case .minute(let minute): minute.workers.count + minute.pools.count + minute.accounts.count + 1
    }
  }
}

/// An alert as it is kept: what is searched and shown, and the whole as JSON.
package struct StoredAlert: Equatable, Sendable {
  /// Its number, growing; 0 before it is written.
  package var id: Int64
  package var time: Timestamp
  package var level: Level
  package var rule: String
  package var ruleID: Int
  package var miner: IPAddress?
  package var mac: MACAddress
  /// The miner's, from the inventory.
  package var name: String?
  /// The readable line without time and level.
  package var summary: String
  /// The EVE event, without line feed.
  package var eve: String

  package init(
    id: Int64 = 0, time: Timestamp, level: Level, rule: String, ruleID: Int, miner: IPAddress?,
    mac: MACAddress = .none, name: String?, summary: String, eve: String
  ) {
    self.id = id
    self.time = time
    self.level = level
    self.rule = rule
    self.ruleID = ruleID
    self.miner = miner
    self.mac = mac
    self.name = name
    self.summary = summary
    self.eve = eve
  }
}

/// How the sensor was at one time.
package struct Heartbeat: Equatable, Sendable {
  package var time: Timestamp
  package var started: Timestamp
  /// It stopped in order: no further one is to be expected.
  package var hasEnded: Bool
  package var site: String
  package var version: String
  package var policyDigest: String
  /// Since the start, as all counts here.
  package var packets: UInt64
  package var bytes: UInt64
  /// Packets that kernel and interfaces dropped.
  package var dropped: UInt64
  /// Stream bytes that were acknowledged and never seen.
  package var missedBytes: UInt64
  package var findings: UInt64
  /// Miners seen.
  package var miners: Int
  /// Mining sessions open.
  package var sessions: Int
  /// Empty in a replay.
  package var interfaces: [InterfaceState]

  package struct InterfaceState: Equatable, Sendable {
    package var name: String
    package var isUp: Bool

    package init(name: String, isUp: Bool) {
      self.name = name
      self.isUp = isUp
    }
  }

  package init(
    time: Timestamp, started: Timestamp, hasEnded: Bool = false, site: String, version: String, policyDigest: String,
    packets: UInt64 = 0, bytes: UInt64 = 0, dropped: UInt64 = 0, missedBytes: UInt64 = 0, findings: UInt64 = 0,
    miners: Int = 0, sessions: Int = 0, interfaces: [InterfaceState] = []
  ) {
    self.time = time
    self.started = started
    self.hasEnded = hasEnded
    self.site = site
    self.version = version
    self.policyDigest = policyDigest
    self.packets = packets
    self.bytes = bytes
    self.dropped = dropped
    self.missedBytes = missedBytes
    self.findings = findings
    self.miners = miners
    self.sessions = sessions
    self.interfaces = interfaces
  }
}
