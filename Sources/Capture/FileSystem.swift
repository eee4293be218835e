import Glibc

/// What a writer of whole files asks the kernel for, beside ``Descriptor``.
package enum FileSystem {
  /// Makes a folder that its group may read (mode 0750, less the umask). One that is there already is no error.
  package static func makeFolder(_ path: String) throws(SystemError) {
    guard unsafe mkdir(path, 0o750) != 0, errno != EEXIST else { return }
    throw SystemError(code: errno)
  }

  /// Puts a file in another's place, or in none's: whoever opens `path` finds the old one whole or the new one whole.
  package static func rename(_ path: String, to newPath: String) throws(SystemError) {
    guard unsafe Glibc.rename(path, newPath) != 0 else { return }
    throw SystemError(code: errno)
  }

  /// Removes a file. One that is gone already is no error.
  package static func remove(_ path: String) throws(SystemError) {
    guard unsafe unlink(path) != 0, errno != ENOENT else { return }
    throw SystemError(code: errno)
  }

  /// What stands at a path.
  package enum Kind: Equatable, Sendable {
    case file, folder, other
  }

  /// - Throws: when there is nothing (ENOENT), or when it may not be looked at (EACCES). Symbolic links are followed.
  package static func kind(of path: String) throws(SystemError) -> Kind {
    switch try facts(of: path).st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// Tells two files under one path apart.
  package struct Identity: Equatable, Sendable {
    package var device: UInt64
    package var number: UInt64
  }

  /// Nil where nothing is, or nothing may be seen.
  package static func identity(of path: String) -> Identity? {
    guard let facts = try? facts(of: path) else { return nil }
    return Identity(device: UInt64(facts.st_dev), number: UInt64(facts.st_ino))
  }

  private static func facts(of path: String) throws(SystemError) -> stat {
    var facts = stat()
    guard unsafe stat(path, &facts) == 0 else { throw SystemError(code: errno) }
    return facts
  }

  /// - Throws: why this process may not read what stands at a path.
  package static func checkReadable(_ path: String) throws(SystemError) {
    guard unsafe access(path, R_OK) != 0 else { return }
    throw SystemError(code: errno)
  }

  /// Bytes of a plain file; nil for anything else, or nothing.
  package static func size(of path: String) -> Int? {
    var facts = stat()
    guard unsafe lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(facts.st_size)
  }
}

extension Descriptor {
  /// Makes a new file (mode 0640, less the umask) and writes it, all the way to the disk.
  ///
  /// - Throws: EEXIST when there is something of that name, a symbolic link too. What was made stays when it fails later.
  package static func create(_ path: String, holding bytes: ArraySlice<UInt8>) throws(SystemError) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let file = try Descriptor(unsafe open(path, flags, 0o640))
    try file.writeAll(bytes)
    guard fdatasync(file.rawValue) == 0 else { throw SystemError(code: errno) }
  }
}
