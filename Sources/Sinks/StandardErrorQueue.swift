import Capture
package import Dispatch
import Synchronization

/// Lines for standard error behind a queue and a thread, as a sink has them: whoever speaks never waits for whoever reads.
package final class StandardErrorQueue: Sendable {
  private let writer: SinkWriter
  /// Lines that were lost and not told yet.
  private let untold = Mutex<UInt64>(0)

  package convenience init() {
    self.init(SinkWriter(StandardOutputSink(.standardError(), name: "standard error"), mode: .queued))
  }

  init(_ writer: SinkWriter) {
    self.writer = writer
  }

  /// - Parameter loss: the line that tells how many were lost before this one.
  package func write(_ line: String, loss: (UInt64) -> String) {
    untold.withLock { untold in
      untold &+= writer.takeLoss()?.lines ?? 0
      if untold > 0 {
        if writer.write(Array("\(loss(untold))\n".utf8)) {
          untold = 0
        } else {
          // That line is no loss.
          _ = writer.takeLoss()
        }
      }
      writer.write(Array("\(line)\n".utf8))
    }
  }

  /// Writes what waits; the last call.
  package func close(timeout: DispatchTimeInterval = .seconds(5)) {
    writer.close(timeout: timeout)
  }
}
