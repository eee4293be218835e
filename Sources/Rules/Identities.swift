package import Capture
package import Decode
import Protocols

/// What miners call themselves, and whether one becomes another.
///
/// A new name alone is no change: firmware that mines its developer's share has a second agent, a boot loader asks DHCP in its
/// own way, and a proxy has as many agents as miners behind it. Then the old name is heard again soon. Only where nothing but
/// the new one is heard for a while has one taken the other's place.
package struct Identities: Sendable {
  /// Where a name comes from. The raw value ends "the miner's".
  enum Trait: String, Hashable, Sendable {
    case agent = "mining agent"
    case dhcp = "DHCP fingerprint"
    case banner = "SSH banner"
    case server = "web server"
    case realm = "web login's realm"
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
  private struct Key: Hashable {
    var trait: Trait
    var address: IPAddress
    var mac: MACAddress
  }

  private struct Record {
    /// Names in use, the latest that took another's place last.
    var names: [String]
    var change: Change?
    /// Too many to be one machine's.
    var isMixed = false
  }

  private struct Turn {
    var key: Key
    var time: Timestamp
  }

  private var records: [Key: Record] = [:]
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
    guard let record = records[key] else {
      guard records.count < Limits.identities else {
        missed &+= 1
        return
      }
      records[key] = Record(names: [name])
      return
    }
    // Nearly always.
    if record.isMixed || (record.change == nil && record.names.last == name) { return }
    guard let change = record.change else {
      guard !record.names.contains(name) else { return }
      let old = record.names.last ?? ""
      records[key]?.change = Change(trait: trait, miner: miner, old: old, new: name, time: time, flow: flow)
      if turns.count < Limits.heldJudgements { turns.append(Turn(key: key, time: time)) } else { missed &+= 1 }
      return
    }
    // The old one is heard again, or a third: all are in use.
    guard name != change.new else { return }
    records[key]?.change = nil
    for name in [change.new, name] where records[key]?.names.contains(name) == false {
      records[key]?.names.insert(name, at: 0)
    }
    if (records[key]?.names.count ?? 0) > Limits.valuesPerIdentity {
      records[key] = Record(names: [], isMixed: true)
    }
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
    var changes: [Change] = []
    while let turn = turns.first, turn.time.advanced(by: settling) <= now {
      _ = turns.popFirst()
      guard let change = records[turn.key]?.change, change.time == turn.time else { continue }
      records[turn.key] = Record(names: [change.new])
      if let update = updates[turn.key.address], update.advanced(by: explained) >= change.time { continue }
      changes.append(change)
    }
    return changes
  }

  /// Time was set back, so nobody can say what happened inside a while.
  mutating func forgetChanges() {
    while let turn = turns.popFirst() { records[turn.key]?.change = nil }
  }
}
