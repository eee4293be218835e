package import Capture
package import Decode
import GRDB
package import Rules

/// A miner as the store knows it, under one user name: a proxy has one for each of its users, a miner that never mined has one
/// without user.
package struct StoredMiner: Equatable, Sendable {
  package var address: IPAddress
  package var mac: MACAddress
  package var name: String?
  package var agent: String?
  package var model: String?
  package var firstSeen: Timestamp
  package var lastSeen: Timestamp
  /// Nil when unknown.
  package var user: String?
  package var account: String?
  package var pool: String?
  /// Address and port.
  package var server: String?
  /// End of the last minute that it stood in, in packet time.
  package var lastMinute: Timestamp?
  /// Nil when nothing was counted in the window that was asked for.
  package var hashrate: HashrateEstimate?
  package var rejected: UInt64
  /// Nil before an hour was learned from.
  package var traffic: Traffic.Habit?
}

extension StoredMiner {
  /// A miner that nobody has seen yet.
  package init(neverSeen address: IPAddress) {
    let never = Timestamp(nanoseconds: 0)
    self.init(address: address, mac: .none, firstSeen: never, lastSeen: never, rejected: 0)
  }
}

/// The sums of a pool, an account or the site.
package struct StoredTotal: Equatable, Sendable {
  package var name: String
  /// Workers in the latest minute.
  package var workers: Int
  /// Those whose sessions cannot be read: their work is in no number here.
  package var unreadable: Int
  package var hashrate: HashrateEstimate
}

extension StoreReader {
  /// All miners that are remembered, by address and user, with what they did in the `minutes` before `end`.
  package func miners(until end: Timestamp, minutes: Int) throws(StoreFailure) -> [StoredMiner] {
    let habits = Traffic.Habit.columns.split(separator: ", ")
    let sql = { (traffic: String) in
      """
      SELECT m.address, m.mac, m.name, m.agent, m.model, m.firstSeen, m.lastSeen, w.user, w.account, w.pool, w.server,
        w.lastMinute, r.seconds, r.accepted, r.unknown, r.difficulty, r.squares, r.rejected,
        \(habits.map { "t.\($0)" }.joined(separator: ", "))
      FROM miners m LEFT JOIN \(traffic) t ON t.address = m.address LEFT JOIN workers w ON w.address = m.address LEFT JOIN (
        SELECT worker, sum(iif(unknown = 0, seconds, 0)) AS seconds, sum(iif(unknown = 0, accepted, 0)) AS accepted,
          sum(unknown) AS unknown, sum(iif(unknown = 0, difficulty, 0)) AS difficulty,
          sum(iif(unknown = 0, squares, 0)) AS squares, sum(rejected) AS rejected
        FROM minutes WHERE time > ? AND time <= ? GROUP BY worker
      ) r ON r.worker = w.id
      """
    }
    return try read { database in
      // A file that an older Minewatch wrote has no such table, until the daemon opens it.
      let none = "(SELECT NULL AS address, \(habits.map { "NULL AS \($0)" }.joined(separator: ", ")))"
      let rows = try Row.fetchCursor(
        database, sql: sql(database.tableExists("traffic") ? "traffic" : none),
        arguments: [end.seconds - Int64(minutes) * 60 + Self.grace, end.seconds])
      var miners: [StoredMiner] = []
      while let row = try rows.next() {
        if let miner = StoredMiner(row: row, minutes: minutes) { miners.append(miner) }
      }
      return miners.sorted { ($0.address, $0.user ?? "") < ($1.address, $1.user ?? "") }
    }
  }

  /// The sums of a kind (`site`, `pool` or `account`) in the `minutes` before `end`, by name.
  package func totals(
    _ kind: String, until end: Timestamp, minutes: Int
  ) throws(StoreFailure) -> [StoredTotal] {
    let sql = """
      SELECT name, sum(seconds), sum(accepted), sum(unknown), sum(difficulty), sum(squares),
        sum(iif(time = (SELECT max(time) FROM totals WHERE time <= ?), workers, 0)),
        sum(iif(time = (SELECT max(time) FROM totals WHERE time <= ?), unreadable, 0))
      FROM totals WHERE kind = ? AND time > ? AND time <= ? GROUP BY name ORDER BY name
      """
    let start = end.seconds - Int64(minutes) * 60 + Self.grace
    return try read { database in
      let rows = try Row.fetchAll(database, sql: sql, arguments: [end.seconds, end.seconds, kind, start, end.seconds])
      return rows.compactMap { row in
        guard let name = row.text(0) else { return nil }
        return StoredTotal(
          name: name, workers: Int(clamping: row.integer(6) ?? 0),
          unreadable: Int(clamping: row.integer(7) ?? 0),
          hashrate: HashrateEstimate(
            minutes: minutes, seconds: row.number(1) ?? 0, shares: row.count(2), unknownShares: row.count(3),
            difficulty: row.number(4) ?? 0, squares: row.number(5) ?? 0))
      }
    }
  }

  /// End of the latest minute in the store; nil before the first.
  package func latestMinute() throws(StoreFailure) -> Timestamp? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT max(time) FROM totals")?.integer(0).map { Timestamp(seconds: $0) }
    }
  }

  /// A minute ends with the first packet or tick of the next one, so up to a second late: the window's first minute is told from
  /// the one before by this many seconds.
  static let grace: Int64 = 30
}

extension StoredMiner {
  fileprivate init?(row: Row, minutes: Int) {
    guard let address = row.address(0), let first = row.time(5), let last = row.time(6) else { return nil }
    self.init(
      address: address, mac: row.mac(1), name: row.text(2), agent: row.text(3), model: row.text(4), firstSeen: first,
      lastSeen: last, user: row.text(7).flatMap { $0.isEmpty ? nil : $0 },
      account: row.text(8).flatMap { $0.isEmpty ? nil : $0 }, pool: row.text(9), server: row.text(10),
      lastMinute: row.integer(11).map { Timestamp(seconds: $0) },
      hashrate: row.integer(13).map { shares in
        HashrateEstimate(
          minutes: minutes, seconds: row.number(12) ?? 0, shares: UInt64(clamping: shares),
          unknownShares: row.count(14),
          difficulty: row.number(15) ?? 0, squares: row.number(16) ?? 0)
      }, rejected: row.count(17), traffic: row.number(18).map { _ in Traffic.Habit(row: row, from: 18) })
  }
}
