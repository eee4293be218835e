import Glibc

/// What the kernel refused, by its `errno` number.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  package let code: Int32

  package init(code: Int32) {
    self.code = code
  }

  /// There is nothing of that name.
  package var meansAbsence: Bool { code == ENOENT || code == ENOTDIR }

  /// This process may not.
  package var meansNoPermission: Bool { code == EACCES || code == EPERM }

  /// The kernel's words, as `strerror` has them: "No space left on device".
  package var description: String {
    unsafe String(cString: strerror(code))
  }
}

/// An open file or a connected local socket that closes itself, for what the program writes.
///
/// The calls that take pointers stand here, beside libpcap's, so that all talk with the kernel that the compiler cannot
/// check is in one target. Each lends an array's bytes for the length of one call and keeps no pointer.
package struct Descriptor: ~Copyable, Sendable {
  package let rawValue: Int32
  private let closesItself: Bool

  init(_ rawValue: Int32, closesItself: Bool = true) throws(SystemError) {
    guard rawValue >= 0 else { throw SystemError(code: errno) }
    self.rawValue = rawValue
    self.closesItself = closesItself
  }

  deinit {
    if closesItself { close(rawValue) }
  }
}

extension Descriptor {
  /// What is open, as far as a writer cares.
  package struct Status: Equatable, Sendable {
    package var isRegularFile: Bool
    package var isCharacterDevice: Bool
    package var isDirectory: Bool
    /// Bytes.
    package var size: Int
    /// Names that the file has; 0 when the last was removed while it was open.
    package var links: Int
  }

  /// Opens a log for append, makes it when it is not there (mode 0640, less the umask), and follows no symbolic link
  /// in the last component: whoever may write to the folder could point it anywhere.
  ///
  /// Never waits: a named pipe without a reader is refused instead (ENXIO).
  package static func appending(to path: String) throws(SystemError) -> Descriptor {
    // Reading is needed to see whether the last line is whole.
    let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    return try Descriptor(unsafe open(path, flags, 0o640))
  }

  package func status() throws(SystemError) -> Status {
    var facts = stat()
    guard unsafe fstat(rawValue, &facts) == 0 else { throw SystemError(code: errno) }
    let kind = facts.st_mode & S_IFMT
    return Status(
      isRegularFile: kind == S_IFREG, isCharacterDevice: kind == S_IFCHR, isDirectory: kind == S_IFDIR,
      size: Int(facts.st_size), links: Int(facts.st_nlink))
  }

  /// The byte at `offset`; nil at or past the end.
  package func byte(at offset: Int) throws(SystemError) -> UInt8? {
    var byte: UInt8 = 0
    let count = unsafe pread(rawValue, &byte, 1, offset)
    guard count >= 0 else { throw SystemError(code: errno) }
    return count == 1 ? byte : nil
  }

  /// One write(2), tried again when a signal cuts in.
  ///
  /// - Returns: how many bytes were taken; fewer than given when the disk is full.
  package func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
    try retried { unsafe bytes.withUnsafeBytes { unsafe Glibc.write(rawValue, $0.baseAddress, $0.count) } }
  }

  private func retried(_ call: () -> Int) throws(SystemError) -> Int {
    while true {
      let count = call()
      if count >= 0 { return count }
      guard errno == EINTR else { throw SystemError(code: errno) }
    }
  }
}

// MARK: - Local sockets

extension Descriptor {
  package enum SocketKind: Sendable {
    case datagram, stream
  }

  /// Longest path that fits into a socket address (unix(7)), in bytes: 108 with the closing zero.
  package static let socketPathLimit = 107

  /// Connects to a socket in the file system. Never waits, neither here nor when sending.
  ///
  /// - Throws: ENAMETOOLONG for a path over ``socketPathLimit``, EPROTOTYPE when the socket is of the other kind.
  package static func connected(to path: String, _ kind: SocketKind) throws(SystemError) -> Descriptor {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count <= socketPathLimit, !bytes.contains(0) else { throw SystemError(code: ENAMETOOLONG) }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }

    let type = kind == .datagram ? SOCK_DGRAM : SOCK_STREAM
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = try Descriptor(socket(AF_UNIX, Int32(type.rawValue) | flags, 0))
    let result = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor.rawValue, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw SystemError(code: errno) }
    return descriptor
  }

  /// Sends without waiting and without SIGPIPE: one datagram, or as much of a stream as fits.
  ///
  /// - Throws: EAGAIN when the reader is slow, EMSGSIZE when a datagram is too long.
  package func send(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    return try retried {
      unsafe bytes.withUnsafeBytes { unsafe Glibc.send(rawValue, $0.baseAddress, $0.count, flags) }
    }
  }
}

// MARK: - The process

/// Whether something has that path, as far as this process may see.
package func exists(atPath path: String) -> Bool {
  unsafe access(path, F_OK) == 0
}

/// Makes writing to a pipe that nobody reads an error (EPIPE) instead of the end of the program.
package func ignoreBrokenPipes() {
  _ = signal(SIGPIPE, SIG_IGN)
}

/// This machine's name, as the kernel has it. Asking a resolver for it would open a socket.
package func hostName() -> String? {
  var name = [CChar](repeating: 0, count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return nil }
  let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return text.isEmpty ? nil : text
}

/// How far local time is ahead of UTC at a time, in seconds, by `TZ` or /etc/localtime.
package func localTimeOffset(atSecondsSinceEpoch seconds: Int64) -> Int {
  var time = time_t(seconds)
  var fields = unsafe tm()
  guard unsafe localtime_r(&time, &fields) != nil else { return 0 }
  return unsafe fields.tm_gmtoff
}
