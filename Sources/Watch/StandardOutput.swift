import Capture
import Glibc

/// Where a command writes what it was asked for.
package enum StandardOutput {
  /// Why nothing more can be written.
  package enum End: Error, Equatable, Sendable {
    /// Whoever reads is gone (`| head`): no failure, but there is nothing left to do.
    case nobodyReads
    /// What, where and what to do, in one line.
    case failed(String)
  }

  package static func write(_ text: String) throws(End) {
    try write(Array(text.utf8)[...])
  }

  static func write(_ bytes: ArraySlice<UInt8>) throws(End) {
    do throws(SystemError) {
      try Descriptor.standardOutput()?.writeAll(bytes)
    } catch {
      guard error.code != EPIPE else { throw .nobodyReads }
      let cure = error.code == ENOSPC ? "make room there, or name another file" : "look at where it leads"
      throw .failed("cannot write to standard output: \(error); \(cure)")
    }
  }
}
