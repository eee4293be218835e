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
    var rest = bytes
    while !rest.isEmpty { rest = rest.dropFirst(try file.write(rest)) }
    guard fdatasync(file.rawValue) == 0 else { throw SystemError(code: errno) }
  }
}
