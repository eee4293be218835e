import Capture
import Foundation
import GRDB
import Rules

/// The file, open for writing: opened when it is needed, checked once, set aside when it is broken, and opened anew when somebody
/// has removed it. For one thread at a time.
///
/// Write-ahead logging, so that readers never wait for the writer, nor it for them (sqlite.org/wal.html).
final class StoreFile {
  let path: String
  private let keep: Duration
  private let byteLimit: Int
  private var database: DatabaseQueue?
  /// Of the file that is, or was last, open.
  private var identity: FileSystem.Identity?
  private var isChecked = false
  private var upkeep = StoreUpkeep()
  /// What was done about a file that is broken or gone, in sentences; for whoever reports it.
  private(set) var repairs: [String] = []

  /// - Parameters:
  ///   - keep: by packet time; what is older goes.
  ///   - byteLimit: what is oldest goes when the file holds more.
  init(path: String, keep: Duration, byteLimit: Int = Limits.storeBytes) {
    self.path = path
    self.keep = keep
    self.byteLimit = byteLimit
  }

  func takeRepairs() -> [String] {
    defer { repairs = [] }
    return repairs
  }

  /// What is known from before.
  func load() throws(StoreFailure) -> SiteMemory {
    try withDatabase(isChecking: false) { database in try database.read(SiteMemory.init(from:)) }
  }

  /// Writes all records in one transaction, or none.
  func write(_ records: [StoreRecord]) throws(StoreFailure) {
    try withDatabase(isChecking: true) { database in
      try database.write { database in
        for record in records { try StoreRows.write(record, to: database) }
      }
      guard let now = records.compactMap(\.minuteEnd).last else { return }
      try upkeep.run(database, now: now, keep: keep, byteLimit: byteLimit)
    }
  }

  /// Lets go of the file: the next use opens it anew.
  func close() {
    try? database?.close()
    database = nil
  }

  /// Runs `body` on the open file. One that turns out to be broken is set aside, and `body` runs on a new one.
  private func withDatabase<Result>(
    isChecking: Bool, _ body: (DatabaseQueue) throws -> Result
  ) throws(StoreFailure) -> Result {
    do {
      return try body(opened(isChecking: isChecking))
    } catch {
      let failure = StoreFailure(error, path: path)
      close()
      guard failure.kind == .damaged else { throw failure }
      try setAside(failure)
    }
    do {
      return try body(opened(isChecking: isChecking))
    } catch {
      close()
      throw StoreFailure(error, path: path)
    }
  }

  private func opened(isChecking: Bool) throws -> DatabaseQueue {
    letGoOfLostFile()
    let database = try database ?? open()
    self.database = database
    if isChecking, !isChecked {
      try check(database)
      isChecked = true
    }
    return database
  }

  /// SQLite goes on writing to a file that was removed, where nobody will ever read it.
  private func letGoOfLostFile() {
    guard let used = identity, FileSystem.identity(of: path) != used else { return }
    close()
    identity = nil
    isChecked = false
    repairs.append(
      "store \(path): the file was removed or replaced while it was in use; it is opened anew, and what the old one held is gone"
    )
  }

  private func open() throws -> DatabaseQueue {
    if let refusal = StoreFailure.refusal(of: path) { throw refusal }
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(5)
    configuration.qos = .utility
    configuration.label = "minewatch.store"
    configuration.prepareDatabase { database in
      // Debian's SQLite overwrites what is deleted; nothing here is worth the writing.
      try database.execute(sql: "PRAGMA secure_delete = OFF; PRAGMA journal_size_limit = \(16 << 20)")
    }
    let database = try DatabaseQueue(path: path, configuration: configuration)
    let migrator = StoreSchema.migrator
    guard try !database.read(migrator.hasBeenSuperseded) else {
      throw StoreFailure(.failed, "store \(path): a newer Minewatch has written it; move it away, or install that one")
    }
    try migrator.migrate(database)
    identity = FileSystem.identity(of: path)
    return database
  }

  /// Looks at every page (sqlite.org/pragma.html#pragma_quick_check). It may take seconds, so it waits for the writer's thread.
  private func check(_ database: DatabaseQueue) throws {
    let verdict = try database.read { try String.fetchAll($0, sql: "PRAGMA quick_check(1)") }
    guard verdict == ["ok"] else {
      throw StoreFailure(.damaged, "store \(path): \(verdict.first ?? "damaged")")
    }
  }

  /// Renames the file, with what SQLite has beside it, to a name that is free: an earlier broken one may be all that is left of it.
  private func setAside(_ failure: StoreFailure) throws(StoreFailure) {
    guard StoreOwner(of: path) == .us else { throw StoreFailure.refusal(of: path) ?? failure }
    guard let aside = freeName() else {
      throw StoreFailure(
        .failed,
        "\(failure.sentence); \(Limits.damagedStores) damaged stores stand beside it: look at the disk, and move them away"
      )
    }
    do {
      for suffix in Self.suffixes where exists(atPath: path + suffix) {
        try FileManager.default.moveItem(atPath: path + suffix, toPath: aside + suffix)
      }
    } catch {
      throw StoreFailure(.failed, "\(failure.sentence); it cannot be moved away either; let this user write there")
    }
    identity = nil
    isChecked = true
    repairs.append("\(failure.sentence); it was set aside as \(aside), and what it remembered is learned anew")
  }

  /// The file itself, and what SQLite has beside it (sqlite.org/tempfiles.html).
  private static let suffixes = ["", "-wal", "-shm"]

  private func freeName() -> String? {
    let names = (1...Limits.damagedStores).map { "\(path).damaged\($0 == 1 ? "" : ".\($0)")" }
    return names.first { name in !Self.suffixes.contains { exists(atPath: name + $0) } }
  }
}

extension StoreRecord {
  fileprivate var minuteEnd: Timestamp? {
    if case .heartbeat(let beat) = self { beat.time } else { nil }
  }
}
