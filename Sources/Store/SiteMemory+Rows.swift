import Capture
import Decode
import GRDB
import Policy
import Rules

extension SiteMemory {
  /// What a file remembers: the latest of it, as much as the tables it is for can hold. Rows that make no sense are passed over.
  init(from database: Database) throws {
    self.init()
    let names = try Row.fetchCursor(
      database, sql: "SELECT name, address, learned FROM bindings ORDER BY learned DESC LIMIT ?",
      arguments: [Limits.bindings])
    while let row = try names.next() {
      guard let name = row.text(0), let address = row.address(1), let learned = row.time(2) else { continue }
      bindings.append(Bindings.Binding(name: name, address: address, learned: learned))
    }
    bindings.reverse()
    let known = try Row.fetchCursor(
      database, sql: "SELECT address, mac, agent, firstSeen, lastSeen FROM miners ORDER BY lastSeen DESC LIMIT ?",
      arguments: [Limits.seenMiners])
    while let row = try known.next() {
      guard let address = row.address(0), let first = row.time(3), let last = row.time(4) else { continue }
      miners.append(KnownMiner(address: address, mac: row.mac(1), agent: row.text(2), firstSeen: first, lastSeen: last))
    }
    try readHabits(from: database)
  }

  private mutating func readHabits(from database: Database) throws {
    let learned = try Row.fetchCursor(
      database,
      sql: """
        SELECT address, pace, paceVariance, minutes, spread, level, levelVariance, quarters, unit, weight, learned
        FROM habits ORDER BY learned DESC LIMIT ?
        """, arguments: [Limits.habits])
    while let row = try learned.next() {
      guard let address = row.address(0), let pace = row.moments(1), let spread = row.number(4),
        let level = row.moments(5), let unit = row.number(8), let weight = row.number(9), let time = row.time(10)
      else { continue }
      habits.append(
        LearnedHabit(
          address: address, pace: pace, spread: spread, level: level, unit: unit, weight: weight, learned: time))
    }
  }
}

extension Row {
  /// Mean, variance and count, in three columns.
  fileprivate func moments(_ index: Int) -> RunningMoments? {
    guard let mean = number(index), let variance = number(index + 1), let count = integer(index + 2) else { return nil }
    var moments = RunningMoments()
    moments.mean = mean
    moments.variance = variance
    moments.count = Int(clamping: count)
    return moments
  }
}
