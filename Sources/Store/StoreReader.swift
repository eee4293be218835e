package import Capture
import Decode
import Foundation
import GRDB
import Protocols
package import Rules

/// Reads the store beside the writer, or after it: it changes nothing and keeps nobody waiting.
package final class StoreReader: Sendable {
  package let path: String
  private let database: DatabaseQueue

  /// - Throws: `absent` when there is no such file, `forbidden` when it may not be read, `damaged` when it is no store.
  package init(path: String) throws(StoreFailure) {
    self.path = path
    try Self.checkAccess(path)
    do {
      database = try Self.open(path)
      guard try database.read({ try $0.tableExists("heartbeats") && $0.tableExists("alerts") }) else {
        throw StoreFailure(.damaged, "store \(path): it is no store of Minewatch's")
      }
    } catch {
      let failure = StoreFailure(error, path: path)
      guard failure.kind == .damaged else { throw failure }
      throw StoreFailure(.damaged, "\(failure.sentence); give another with --store")
    }
  }

  /// What SQLite has no word for, or only "unable to open database file".
  private static func checkAccess(_ path: String) throws(StoreFailure) {
    let isFile: Bool
    do throws(SystemError) {
      isFile = try FileSystem.kind(of: path) == .file
      for part in [path, path + "-wal"] where isFile && exists(atPath: part) { try FileSystem.checkReadable(part) }
    } catch {
      if error.meansAbsence {
        throw StoreFailure(
          .absent,
          "no store at \(path): `minewatch run` makes it; see store.path in the policy, or give another with --store")
      }
      throw error.meansNoPermission
        ? StoreFailure(.forbidden, "store \(path): no permission to read it; use sudo, or join the group minewatch")
        : StoreFailure(.failed, "store \(path): \(error); give another with --store")
    }
    guard isFile else {
      throw StoreFailure(.damaged, "store \(path): it is no plain file; give the path of the store itself")
    }
  }

  private static func open(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    configuration.qos = .utility
    configuration.label = "minewatch.reader"
    // A file without a log has no writer now. Where its folder may not be written, only an immutable one opens.
    let hasLog = FileManager.default.fileExists(atPath: path + "-wal")
    let mayWrite = FileManager.default.isWritableFile(atPath: (path as NSString).deletingLastPathComponent)
    let isImmutable = !hasLog && !mayWrite
    return try DatabaseQueue(path: isImmutable ? uri(path) : path, configuration: configuration)
  }

  /// The file as one that nobody writes to: nothing is made beside it. sqlite.org/uri.html: these three bytes have a meaning there.
  static func uri(_ path: String) -> String {
    let escaped = path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
    return "file:\(escaped)?immutable=1"
  }

  func read<Result>(_ body: (Database) throws -> Result) throws(StoreFailure) -> Result {
    do { return try database.read(body) } catch { throw StoreFailure(error, path: path) }
  }
}

// MARK: - Alerts

/// Which alerts are wanted; what is nil is not asked.
package struct AlertQuery: Sendable {
  package var since: Timestamp?
  /// Number of the last alert that is known already.
  package var after: Int64 = 0
  package var level: Level?
  package var rule: String?
  /// Address, link-layer address or name.
  package var miner: String?
  /// The latest so many.
  package var limit: Int?

  package init() {}
}

extension StoreReader {
  /// Alerts in the order in which they were written.
  package func alerts(_ query: AlertQuery) throws(StoreFailure) -> [StoredAlert] {
    var conditions = ["id > ?"]
    var arguments: StatementArguments = [query.after]
    if let since = query.since {
      conditions.append("time >= ?")
      arguments += [since.nanoseconds]
    }
    if let level = query.level {
      conditions.append("severity <= ?")
      arguments += [level.severity]
    }
    if let rule = query.rule {
      conditions.append("rule = ?")
      arguments += [rule]
    }
    if let miner = query.miner {
      conditions.append("(miner = ? OR mac = ? OR name = ?)")
      arguments += [miner, miner, miner]
    }
    let sql = """
      SELECT id, time, severity, rule, ruleID, miner, mac, name, summary, eve FROM alerts
      WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT \(query.limit ?? -1)
      """
    return try read { database in
      try Row.fetchAll(database, sql: sql, arguments: arguments).reversed().compactMap(StoredAlert.init(row:))
    }
  }

  /// How many alerts of each level there were since a time.
  package func alertCounts(since: Timestamp) throws(StoreFailure) -> [Level: Int] {
    try read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT severity, count(*) FROM alerts WHERE time >= ? GROUP BY 1",
        arguments: [since.nanoseconds])
      return rows.reduce(into: [:]) { counts, row in
        guard let level = Level(severity: row.integer(0)) else { return }
        counts[level] = Int(clamping: row.integer(1) ?? 0)
      }
    }
  }
}

extension StoredAlert {
  fileprivate init?(row: Row) {
    guard let id = row.integer(0), let time = row.time(1), let level = Level(severity: row.integer(2)),
      let rule = row.text(3), let summary = row.text(8), let eve = row.text(9)
    else { return nil }
    self.init(
      id: id, time: time, level: level, rule: rule, ruleID: Int(clamping: row.integer(4) ?? 0), miner: row.address(5),
      mac: row.mac(6), name: row.text(7), summary: summary, eve: eve)
  }
}

extension Level {
  init?(severity: Int64?) {
    guard let level = Level.allCases.first(where: { Int64($0.severity) == severity }) else { return nil }
    self = level
  }
}

// MARK: - The sensor

extension StoreReader {
  /// The latest; nil before the first.
  package func heartbeat() throws(StoreFailure) -> Heartbeat? {
    try read { database in
      let sql = """
        SELECT time, started, ended, site, version, policy, packets, bytes, dropped, missed, findings, miners, sessions
        FROM heartbeats ORDER BY time DESC LIMIT 1
        """
      guard let row = try Row.fetchOne(database, sql: sql), let time = row.time(0), let started = row.time(1) else {
        return nil
      }
      let interfaces = try Row.fetchAll(database, sql: "SELECT name, isUp FROM interfaces ORDER BY name")
      return Heartbeat(
        time: time, started: started, hasEnded: row.flag(2), site: row.text(3) ?? "", version: row.text(4) ?? "",
        policyDigest: row.text(5) ?? "", packets: row.count(6), bytes: row.count(7), dropped: row.count(8),
        missedBytes: row.count(9), findings: row.count(10), miners: Int(clamping: row.integer(11) ?? 0),
        sessions: Int(clamping: row.integer(12) ?? 0),
        interfaces: interfaces.compactMap { row in
          row.text(0).map { Heartbeat.InterfaceState(name: $0, isUp: row.flag(1)) }
        })
    }
  }

  /// Bytes that the store takes on the disk, its log included.
  package var byteCount: Int64 {
    [path, path + "-wal"].reduce(0) { sum, path in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      return sum + ((attributes?[.size] as? NSNumber)?.int64Value ?? 0)
    }
  }
}
