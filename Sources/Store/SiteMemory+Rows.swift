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
    try readTraffic(from: database)
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

  private mutating func readTraffic(from database: Database) throws {
    let habits = try Row.fetchCursor(
      database, sql: "SELECT address, learned, \(Traffic.Habit.columns) FROM traffic ORDER BY learned DESC LIMIT ?",
      arguments: [Limits.seenMiners])
    while let row = try habits.next() {
      guard let address = row.address(0), let learned = row.time(1) else { continue }
      traffic.append(KnownTraffic(address: address, habit: Traffic.Habit(row: row, from: 2), learned: learned))
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

extension Traffic.Habit {
  /// As they stand in the table `traffic`, in this order.
  static let columns = "hours, sessions, reconnects, nameQueries, timeQueries, sent, received, unexplained"

  /// - Parameter first: where the first of ``columns`` stands in the row.
  init(row: Row, from first: Int) {
    self.init()
    let values = (0..<8).map { Float(row.number(first + $0) ?? 0) }
    (hours, sessions, reconnects, nameQueries) = (values[0], values[1], values[2], values[3])
    (timeQueries, sent, received, unexplained) = (values[4], values[5], values[6], values[7])
  }
}
