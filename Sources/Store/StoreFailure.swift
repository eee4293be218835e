import GRDB

/// Why the store cannot be read or written: one sentence with what, where and the cure.
package struct StoreFailure: Error, Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// There is no such file.
    case absent
    /// It holds no database, or a broken one.
    case damaged
    /// It is a file of somebody else's.
    case foreign
    /// This user may not read it.
    case forbidden
    /// Anything else: a full disk, no permission, another program's lock.
    case failed
  }

  package let kind: Kind
  package let sentence: String

  package init(_ kind: Kind, _ sentence: String) {
    self.kind = kind
    self.sentence = sentence
  }

  /// What SQLite said, with the cure.
  init(_ error: any Error, path: String) {
    if let failure = error as? StoreFailure {
      self = failure
      return
    }
    guard let error = error as? DatabaseError else {
      self.init(.failed, "store \(path): \(error)")
      return
    }
    let reason = error.message ?? error.resultCode.description
    let cure =
      switch error.resultCode.primaryResultCode {
      case .SQLITE_FULL: "; make room on the disk"
      case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: "; let this user write there"
      case .SQLITE_CANTOPEN: "; see that the folder is there and may be written"
      case .SQLITE_BUSY, .SQLITE_LOCKED: "; another program holds it"
      case .SQLITE_IOERR: "; look at the disk, and the kernel's log"
      default: ""
      }
    self.init(Self.meansDamage(error) ? .damaged : .failed, "store \(path): \(reason)\(cure)")
  }

  static func meansDamage(_ error: DatabaseError) -> Bool {
    [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode.primaryResultCode)
  }
}
