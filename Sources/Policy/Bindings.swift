package import Capture
package import Decode

/// Which names stand for which addresses, learned from the DNS answers that miners get.
///
/// Kept far beyond an answer's time to live: a miner resolves when it connects and then keeps its session for days
/// (cgminer util.c). Bounded by `Limits.bindings`. When full, a hand goes round the table and drops the next binding
/// that was not learned again since it last came by: names that miners keep asking for outlive any flood of others.
package struct Bindings: Sendable {
  /// Every binding; freed by being overwritten.
  private var entries: [Entry] = []
  private var byAddress: [IPAddress: Names] = [:]
  /// Indices into `entries`, the latest learned last.
  private var byName: [String: [Int]] = [:]
  private var hand = 0
  private let limit: Int
  /// Bindings dropped because a table was full.
  package private(set) var evicted: UInt64 = 0

  /// What an address is called. It is asked for at every turn, so the names stand ready.
  private struct Names {
    /// Indices into `entries`, the latest learned first.
    var entries: [Int] = []
    /// Their names.
    var texts: [String] = []
  }

  private struct Entry {
    var name: String
    var address: IPAddress
    var learned: Timestamp
    /// Learned again since the hand last came by.
    var isRenewed = false
  }

  package init() {
    self.init(limit: Limits.bindings)
  }

  /// - Parameter limit: bindings held at once; at least 1.
  init(limit: Int) {
    self.limit = max(limit, 1)
  }

  package var count: Int { entries.count }

  /// - Parameter name: lower case, without trailing dot. Longer than a name can be: ignored.
  package mutating func bind(_ name: String, to address: IPAddress, at time: Timestamp) {
    guard !name.isEmpty, name.utf8.count <= HostName.lengthLimit else { return }
    if let known = byName[name]?.first(where: { entries[$0].address == address }) {
      renew(known, at: time)
      return
    }
    // One name with ever new addresses, or one address under ever new names, pushes out only its own.
    if let own = byName[name], own.count >= Limits.addressesPerName { remove(own[0]) }
    if let own = byAddress[address]?.entries, own.count >= Limits.namesPerAddress { remove(own[own.count - 1]) }
    let entry = Entry(name: name, address: address, learned: time)
    guard entries.count >= limit else {
      entries.append(entry)
      link(entries.count - 1)
      return
    }
    let index = advanceHand()
    unlink(index)
    entries[index] = entry
    link(index)
    evicted &+= 1
  }

  /// Names that were answered with `address`, the latest first; empty when none was.
  package func names(of address: IPAddress) -> [String] {
    byAddress[address]?.texts ?? []
  }

  /// Addresses that `name` was answered with, the latest first.
  package func addresses(of name: String) -> [IPAddress] {
    byName[name]?.reversed().map { entries[$0].address } ?? []
  }

  /// When `name` was last answered with `address`; nil when it never was.
  package func time(of name: String, at address: IPAddress) -> Timestamp? {
    byName[name]?.first { entries[$0].address == address }.map { entries[$0].learned }
  }

  /// A name, an address that it was answered with, and when it last was.
  package struct Binding: Equatable, Sendable {
    package var name: String
    package var address: IPAddress
    package var learned: Timestamp

    package init(name: String, address: IPAddress, learned: Timestamp) {
      self.name = name
      self.address = address
      self.learned = learned
    }
  }

  /// What was learned, or learned again, after `time`, the earliest first: what a store keeps over a restart.
  package func learned(after time: Timestamp) -> [Binding] {
    entries.filter { $0.learned > time }.map { Binding(name: $0.name, address: $0.address, learned: $0.learned) }
      .sorted { $0.learned < $1.learned }
  }

  private mutating func renew(_ index: Int, at time: Timestamp) {
    entries[index].learned = max(entries[index].learned, time)
    entries[index].isRenewed = true
    guard byName[entries[index].name]?.last != index || byAddress[entries[index].address]?.entries.first != index else {
      return
    }
    unlink(index)
    link(index)
  }

  /// The next entry to give up. Ends within two rounds, and the second needs that all were renewed since the first.
  private mutating func advanceHand() -> Int {
    if hand >= entries.count { hand = 0 }
    while entries[hand].isRenewed {
      entries[hand].isRenewed = false
      hand = (hand + 1) % entries.count
    }
    defer { hand = (hand + 1) % entries.count }
    return hand
  }

  /// Drops one entry; the last one takes its place.
  private mutating func remove(_ index: Int) {
    unlink(index)
    evicted &+= 1
    let moved = entries.removeLast()
    guard index < entries.count else { return }
    entries[index] = moved
    let end = entries.count
    let renumber = { (old: Int) in old == end ? index : old }
    byName[moved.name] = byName[moved.name]?.map(renumber)
    let own = byAddress[moved.address]?.entries.map(renumber) ?? []
    byAddress[moved.address]?.entries = own
  }

  private mutating func link(_ index: Int) {
    byName[entries[index].name, default: []].append(index)
    byAddress[entries[index].address, default: Names()].entries.insert(index, at: 0)
    byAddress[entries[index].address]?.texts.insert(entries[index].name, at: 0)
  }

  private mutating func unlink(_ index: Int) {
    let (name, address) = (entries[index].name, entries[index].address)
    byName[name]?.removeAll { $0 == index }
    if byName[name]?.isEmpty == true { byName[name] = nil }
    guard let place = byAddress[address]?.entries.firstIndex(of: index) else { return }
    byAddress[address]?.entries.remove(at: place)
    byAddress[address]?.texts.remove(at: place)
    if byAddress[address]?.entries.isEmpty == true { byAddress[address] = nil }
  }
}
