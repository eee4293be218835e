import Capture
import Foundation
import GRDB

/// Whose file it is that stands where the store is to be. Only what is ours is ever written to or moved away: one wrong word in a
/// policy must not cost anybody a file.
enum StoreOwner: Equatable {
  /// No file, an empty one, or a database without a table.
  case nobody
  case us
  /// Why it is somebody else's, behind "it is ".
  case another(String)

  /// Our mark in SQLite's header (sqlite.org/fileformat.html#application_id): "Mine".
  static let mark: UInt32 = 0x4d69_6e65
  private static let magic = Array("SQLite format 3\0".utf8)
  private static let markOffset = 68
  private static let headerBytes = 100

  /// Looks at the file and changes nothing. What cannot be looked at is nobody's: opening it will tell why.
  init(of path: String) {
    switch try? FileSystem.kind(of: path) {
    case nil: self = .nobody
    case .folder: self = .another("a folder")
    case .other: self = .another("no plain file")
    case .file: self = Self.owner(of: path)
    }
  }

  private static func owner(of path: String) -> StoreOwner {
    let handle = FileHandle(forReadingAtPath: path)
    guard let header = (try? handle?.read(upToCount: headerBytes)).map({ [UInt8]($0) }), !header.isEmpty else {
      return .nobody
    }
    guard header.starts(with: magic), header.count == headerBytes else { return .another("no SQLite database") }
    switch header[markOffset..<markOffset + 4].reduce(UInt32(0), { $0 << 8 | UInt32($1) }) {
    case mark: return .us
    case 0: return unmarked(path)
    default: return .another("another program's database")
    }
  }

  /// A store whose mark is not in the file yet, or was written before there was one, is known by its tables.
  private static func unmarked(_ path: String) -> StoreOwner {
    var configuration = Configuration()
    configuration.readonly = true
    let place = exists(atPath: path + "-wal") ? path : StoreReader.uri(path)
    do {
      let tables = try DatabaseQueue(path: place, configuration: configuration).read { database in
        try Set(String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'"))
      }
      if tables.isEmpty { return .nobody }
      let ours = tables.isSuperset(of: ["grdb_migrations", "heartbeats", "alerts", "minutes"])
      return ours ? .us : .another("another program's database")
    } catch let error as DatabaseError where StoreFailure.meansDamage(error) {
      return .another("a database that is damaged and does not say whose it is")
    } catch {
      return .nobody
    }
  }
}

extension StoreFailure {
  /// Why the file at `path` is left alone; nil when it is ours, or there is none.
  package static func refusal(of path: String) -> StoreFailure? {
    guard case .another(let what) = StoreOwner(of: path) else { return nil }
    return StoreFailure(
      .foreign, "store \(path): it is \(what), and is left as it is; give the store another path, or move that away")
  }
}
