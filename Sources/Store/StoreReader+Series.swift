package import Capture
import GRDB
package import Rules

/// The sums of the site, a pool or an account over a stretch of time.
package struct StoredPoint: Equatable, Sendable {
  /// The stretch's end.
  package var time: Timestamp
  package var name: String
  /// The most in any of its minutes.
  package var workers: Int
  package var hashrate: HashrateEstimate
}

extension StoreReader {
  /// The sums of a kind (`site`, `pool` or `account`) between two times, in stretches of so many minutes, the oldest first.
  ///
  /// Stretches end at whole multiples since the epoch. One in which nothing was watched is not there.
  package func series(
    _ kind: String, from start: Timestamp, until end: Timestamp, minutes: Int
  ) throws(StoreFailure) -> [StoredPoint] {
    let step = Int64(max(minutes, 1)) * 60
    let sql = """
      SELECT (time - ? + ? - 1) / ? * ?, name, max(workers), sum(seconds), sum(accepted), sum(unknown), sum(difficulty),
        sum(squares)
      FROM totals WHERE kind = ? AND time > ? AND time <= ? GROUP BY 1, 2 ORDER BY 1, 2
      """
    return try read { database in
      let rows = try Row.fetchAll(
        database, sql: sql,
        arguments: [Self.grace, step, step, step, kind, start.seconds + Self.grace, end.seconds])
      return rows.compactMap { row in
        guard let slot = row.integer(0), let name = row.text(1) else { return nil }
        return StoredPoint(
          time: Timestamp(seconds: slot), name: name, workers: Int(clamping: row.integer(2) ?? 0),
          hashrate: HashrateEstimate(
            minutes: minutes, seconds: row.number(3) ?? 0, shares: row.count(4), unknownShares: row.count(5),
            difficulty: row.number(6) ?? 0, squares: row.number(7) ?? 0))
      }
    }
  }
}
