package import Capture
package import Decode
import Protocols

/// What miners call themselves, and whether one becomes another.
///
/// A new name alone is no change: firmware that mines its developer's share has a second agent, a boot loader asks DHCP in its
/// own way, and a proxy has as many agents as miners behind it. Then the old name is heard again soon. Only where nothing but
/// the new one is heard for a while has one taken the other's place.
package struct Identities: Sendable {
  /// Where a name comes from.
  enum Trait: UInt8, Sendable {
    case agent, dhcp, banner, server, realm

    /// Ends "the miner's".
    var text: String {
      switch self {
      case .agent: "mining agent"
      case .dhcp: "DHCP fingerprint"
      case .banner: "SSH banner"
      case .server: "web server"
      case .realm: "web login's realm"
      }
    }
  }

  struct Change: Sendable {
    var trait: Trait
    var miner: Endpoint
    var old: String
    var new: String
    var time: Timestamp
    /// Where the new name was heard first.
    var flow: FlowFacts?
  }

  /// One machine: an address that another machine takes over begins anew, and so does a machine that moves.
  struct Key: PlaceKey {
    var trait: Trait
    var address: IPAddress
    var mac: MACAddress

    package func hash(_ secrets: PlaceSecrets) -> UInt64 {
      secrets.fold(address.hash(secrets), mac.rawValue << 8 | UInt64(trait.rawValue))
    }
  }

  /// Nearly every miner has one name of a kind, so that others stand apart.
  struct Record: Keyed {
    let address: IPAddress
    let mac: MACAddress
    /// The latest that took another's place.
    var name: String
    /// Other names in use.
    var others: [String] = []
    let trait: Trait
    /// Too many to be one machine's.
    var isMixed = false
    /// ``changes`` has one.
    var isChanging = false

    init(_ key: Key, name: String) {
      (address, mac, trait) = (key.address, key.mac, key.trait)
      self.name = name
    }

    var key: Key { Key(trait: trait, address: address, mac: mac) }
  }

  private struct Turn {
    var key: Key
    var time: Timestamp
  }

  private var records = Table<Record>(limit: Limits.identities)
  /// New names that may have taken the old ones' place, each with a turn. Bounded by `Limits.heldJudgements`.
  private var changes: [Key: Change] = [:]
  private var turns = Queue<Turn>()
  /// By address: when firmware was last sent to it on purpose.
  private var updates: [IPAddress: Timestamp] = [:]
  /// Names that were not remembered because the table was full.
  private(set) var missed: UInt64 = 0

  package init() {}

  /// A miner says what it is.
  ///
  /// - Parameter flow: where it was said.
  mutating func heard(_ name: String, as trait: Trait, of miner: Endpoint, in flow: FlowFacts?, at time: Timestamp) {
    let key = Key(trait: trait, address: miner.address, mac: miner.mac)
    guard let place = records.place(of: key) else {
      guard records.count < Limits.identities else {
        missed &+= 1
        return
      }
      records.append(Record(key, name: name))
      return
    }
    // Nearly always.
    if records[place].isMixed || (!records[place].isChanging && records[place].name == name) { return }
    let record = records[place]
    guard record.isChanging, let change = changes[key] else {
      guard !record.others.contains(name) else { return }
      guard turns.count < Limits.heldJudgements else {
        missed &+= 1
        return
      }
      records[place].isChanging = true
      changes[key] = Change(trait: trait, miner: miner, old: record.name, new: name, time: time, flow: flow)
      turns.append(Turn(key: key, time: time))
      return
    }
    // The old one is heard again, or a third: all are in use.
    guard name != change.new else { return }
    changes[key] = nil
    var all = record
    all.isChanging = false
    for name in [change.new, name] where name != all.name && !all.others.contains(name) { all.others.append(name) }
    if all.others.count >= Limits.valuesPerIdentity {
      all = Record(key, name: "")
      all.isMixed = true
    }
    records[place] = all
  }

  /// Firmware is on its way to a miner, or was ordered: what it calls itself afterwards is no surprise.
  package mutating func updated(_ miner: IPAddress, at time: Timestamp) {
    guard updates[miner] != nil || updates.count < Limits.seenMiners else { return }
    updates[miner] = time
  }

  /// Names that took another's place, and that nothing explains.
  ///
  /// - Parameters:
  ///   - settling: how long the old name must not have been heard.
  ///   - explained: how long firmware that was sent explains a change.
  mutating func settle(at now: Timestamp, settling: Duration, explained: Duration) -> [Change] {
    var settled: [Change] = []
    while let turn = turns.first, turn.time.advanced(by: settling) <= now {
      _ = turns.popFirst()
      guard let change = changes[turn.key], change.time == turn.time else { continue }
      changes[turn.key] = nil
      if let place = records.place(of: turn.key) { records[place] = Record(turn.key, name: change.new) }
      if let update = updates[turn.key.address], update.advanced(by: explained) >= change.time { continue }
      settled.append(change)
    }
    return settled
  }

  /// Time was set back, so nobody can say what happened inside a while.
  mutating func forgetChanges() {
    for key in changes.keys {
      if let place = records.place(of: key) { records[place].isChanging = false }
    }
    changes = [:]
    turns = Queue()
  }
}
