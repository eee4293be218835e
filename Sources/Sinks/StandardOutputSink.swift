import Capture
import Glibc

/// Standard output, for a replay, or standard error, for a daemon. When nobody reads any more (`| head`), it goes quiet: that
/// is no failure.
final class StandardOutputSink: LineSink {
  let name: String
  private let descriptor: Descriptor?
  private var rest: ArraySlice<UInt8> = []
  private(set) var isClosed = false

  init(_ descriptor: consuming Descriptor? = .standardOutput(), name: String = "standard output") {
    self.name = name
    self.descriptor = descriptor
    ignoreBrokenPipes()
  }

  var isMidLine: Bool { !rest.isEmpty }

  func open() {}

  func reopen() {}

  func write(_ lines: ArraySlice<[UInt8]>) -> SinkProgress {
    var progress = SinkProgress()
    do {
      try finishLine()
      for line in lines {
        progress.taken += 1
        rest = line[...]
        try finishLine()
      }
    } catch  where error.code == EPIPE {
      isClosed = true
      rest = []
      progress.taken = lines.count
    } catch {
      progress.failure = SinkFailure(
        code: error.code, description: "\(name): \(error)", isTransient: error.code == EAGAIN)
    }
    return progress
  }

  private func finishLine() throws(SystemError) {
    while !isClosed, !rest.isEmpty {
      rest = rest.dropFirst(try descriptor?.write(rest) ?? rest.count)
    }
    rest = []
  }
}
