import Glibc

/// Where lines go: a file, a socket, standard output. Owned by one ``SinkWriter``, used by one thread at a time.
protocol LineSink: AnyObject {
  /// What it is and where, for a person: "eve /var/log/minewatch/eve.json".
  var name: String { get }

  /// Opens it, so that what is wrong is known at the start and not at the first alert.
  func open() throws(SinkFailure)

  /// Takes lines from the front, in order.
  ///
  /// A line that went out in part is taken: the sink keeps the rest and writes it before anything else, so that no half
  /// line ever stands before a good one. With no lines at all it only does that.
  func write(_ lines: ArraySlice<[UInt8]>) -> SinkProgress

  /// A line went out in part: call ``write(_:)`` again.
  var isMidLine: Bool { get }

  /// The reader went away for good, which is no failure; what is written goes nowhere.
  var isClosed: Bool { get }

  /// Lets go of what is open; the next write opens it anew by its path.
  func reopen()
}

extension LineSink {
  var isClosed: Bool { false }
}

/// How far a write came.
struct SinkProgress {
  /// Lines that need not be given again.
  var taken = 0
  /// Lines among `taken` that nobody will ever read.
  var lost = 0
  /// Why it stopped before the end.
  var failure: SinkFailure?
}

/// Why a sink does not write: what, where and what to do, in one line.
package struct SinkFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kernel's `errno`.
  package let code: Int32
  package let description: String
  /// It passes by itself in a moment: the reader is slow.
  package let isTransient: Bool

  package init(code: Int32, description: String, isTransient: Bool = false) {
    self.code = code
    self.description = description
    self.isTransient = isTransient
  }

  /// What to do about a path, whatever is written there.
  static func cureOfPath(_ code: Int32) -> String {
    switch code {
    case ENOTDIR: "a part of the path is a file: correct the path in the policy"
    case EROFS: "remount it writable, or name the folder under ReadWritePaths= in the unit"
    default: "look at the kernel's log and the disk"
    }
  }
}

/// At most `limit` bytes of UTF-8, cut between scalars.
func cut(_ bytes: [UInt8], to limit: Int) -> [UInt8] {
  guard bytes.count > limit else { return bytes }
  var end = max(0, limit)
  while end > 0, bytes[end] & 0xc0 == 0x80 { end -= 1 }
  return Array(bytes[..<end])
}
