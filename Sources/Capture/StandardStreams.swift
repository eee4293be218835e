import Glibc

/// The three files that a program is started with.
package enum StandardStreams {
  /// Call it first. A pipe that nobody reads becomes an error (EPIPE) instead of the end of the program, and those of the
  /// three that are closed (`2>&-`) get something in their place: else the next file that is opened would have their number,
  /// and a sentence for a person would stand in a log.
  ///
  /// What is put there is open the wrong way round, so that using it fails as a closed one would.
  package static func prepare() {
    ignoreBrokenPipes()
    for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) < 0 {
      // The lowest free number is given, which is this one.
      _ = unsafe open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}

extension Descriptor {
  /// Standard output, which is not closed.
  package static func standardOutput() -> Descriptor? {
    try? Descriptor(STDOUT_FILENO, closesItself: false)
  }

  /// Standard error, which is not closed.
  package static func standardError() -> Descriptor? {
    try? Descriptor(STDERR_FILENO, closesItself: false)
  }

  /// Writes all, however many calls that takes, and waits for a slow reader.
  package func writeAll(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
    var rest = bytes
    while !rest.isEmpty {
      do {
        rest = rest.dropFirst(try write(rest))
      } catch  where error.code == EAGAIN {
        var wish = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&wish, 1, -1)
      }
    }
  }
}
