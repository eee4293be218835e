import Capture
import GRDB

/// Keeps the file from growing: minutes become hours after a day, what is older than wanted goes, and so does what is
/// oldest when there is too much. Little at a time, after each minute's rows, so that nothing waits for long.
struct StoreUpkeep {
  /// Minutes are kept for this long before they are summed up.
  private static let minutesKept: Int64 = 86_400
  /// Minutes summed up in one go: two, to catch up after a pause.
  private static let minutesAtATime = 2
  /// Runs between two looks at age and size.
  private static let rarely = 10

  private var runs = 0

  mutating func run(_ database: DatabaseQueue, now: Timestamp, keep: Duration, byteLimit: Int) throws {
    for _ in 0..<Self.minutesAtATime {
      guard try database.write({ try Self.sumUpOldestMinute($0, before: now.seconds - Self.minutesKept) }) else {
        break
      }
    }
    runs += 1
    guard runs % Self.rarely == 1 else { return }
    let oldest = now.advanced(byNanoseconds: -keep.saturatedNanoseconds)
    try database.write { try Self.forget($0, before: oldest) }
    while try database.write({ try Self.shrink($0, to: byteLimit) }) {}
  }

  /// - Returns: whether there was one.
  private static func sumUpOldestMinute(_ database: Database, before end: Int64) throws -> Bool {
    guard
      let minute = try Int64.fetchOne(
        database, sql: "SELECT min(time) FROM minutes WHERE time < ?", arguments: [end])
    else { return false }
    try database.execute(
      sql: """
        INSERT INTO hours (time, worker, seconds, accepted, unknown, rejected, difficulty, squares)
        SELECT (time + 3599) / 3600 * 3600, worker, iif(unknown = 0, seconds, 0), iif(unknown = 0, accepted, 0), unknown,
          rejected, iif(unknown = 0, difficulty, 0), iif(unknown = 0, squares, 0)
        FROM minutes WHERE time = ?
        ON CONFLICT (time, worker) DO UPDATE SET seconds = seconds + excluded.seconds,
          accepted = accepted + excluded.accepted, unknown = unknown + excluded.unknown,
          rejected = rejected + excluded.rejected, difficulty = difficulty + excluded.difficulty,
          squares = squares + excluded.squares
        """, arguments: [minute])
    try database.execute(sql: "DELETE FROM minutes WHERE time = ?", arguments: [minute])
    return true
  }

  private static func forget(_ database: Database, before oldest: Timestamp) throws {
    for (table, column) in [
      ("alerts", "time"), ("heartbeats", "time"), ("bindings", "learned"), ("miners", "lastSeen"),
      ("habits", "learned"),
      ("traffic", "learned"),
    ] {
      try database.execute(sql: "DELETE FROM \(table) WHERE \(column) < ?", arguments: [oldest.nanoseconds])
    }
    for (table, column) in [("minutes", "time"), ("hours", "time"), ("totals", "time"), ("workers", "lastMinute")] {
      try database.execute(sql: "DELETE FROM \(table) WHERE \(column) < ?", arguments: [oldest.seconds])
    }
  }

  /// Drops the oldest tenth of the first table that has something to give, when the file holds too much.
  ///
  /// - Returns: whether it did.
  private static func shrink(_ database: Database, to byteLimit: Int) throws -> Bool {
    let number = { (pragma: String) in try Int.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0 }
    let used = try (number("page_count") - number("freelist_count")) * number("page_size")
    guard used > byteLimit else { return false }
    for table in ["minutes", "hours", "alerts", "totals", "heartbeats"] {
      let ends = try Row.fetchOne(database, sql: "SELECT min(time), max(time) FROM \(table)")
      guard let ends, let first = ends.integer(0), let last = ends.integer(1), last > first else { continue }
      try database.execute(
        sql: "DELETE FROM \(table) WHERE time <= ?", arguments: [first + (last - first) / 10])
      return true
    }
    return false
  }
}
