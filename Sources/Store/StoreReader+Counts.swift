package import Capture
package import Decode
import GRDB
package import Rules

extension StoreReader {
  /// How many alerts of a rule and level there are, and when the latest was.
  package struct RuleCount: Equatable, Sendable {
    package var rule: String
    package var level: Level
    package var count: Int
    package var latest: Timestamp
  }

  /// By rule and level, since a time.
  package func ruleCounts(since: Timestamp) throws(StoreFailure) -> [RuleCount] {
    let sql = "SELECT rule, severity, count(*), max(time) FROM alerts WHERE time >= ? GROUP BY 1, 2 ORDER BY 1, 2"
    return try read { database in
      try Row.fetchAll(database, sql: sql, arguments: [since.nanoseconds]).compactMap { row in
        guard let rule = row.text(0), let level = Level(severity: row.integer(1)), let latest = row.time(3) else {
          return nil
        }
        return RuleCount(rule: rule, level: level, count: Int(clamping: row.integer(2) ?? 0), latest: latest)
      }
    }
  }

  /// How many alerts of a level or worse concern each miner, since a time.
  package func minerCounts(since: Timestamp, level: Level) throws(StoreFailure) -> [IPAddress: Int] {
    let sql = "SELECT miner, count(*) FROM alerts WHERE time >= ? AND severity <= ? AND miner NOT NULL GROUP BY 1"
    return try read { database in
      let rows = try Row.fetchAll(database, sql: sql, arguments: [since.nanoseconds, level.severity])
      return rows.reduce(into: [:]) { counts, row in
        if let miner = row.address(0) { counts[miner] = Int(clamping: row.integer(1) ?? 0) }
      }
    }
  }

  /// Number of the latest alert; 0 before the first.
  package func latestAlert() throws(StoreFailure) -> Int64 {
    try read { database in try Row.fetchOne(database, sql: "SELECT max(id) FROM alerts")?.integer(0) ?? 0 }
  }
}
