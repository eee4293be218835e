import Sinks

/// What the program says about its own running, to standard error: for the journal, or for the person who started it.
///
/// Not where alerts go. Under systemd each line carries its level as sd-daemon(3) wants it.
package struct OperationLog: Sendable {
  package enum Level: Int, Sendable {
    case error = 3
    case warning = 4
    case notice = 5
  }

  private let name: String
  private let prefixesLevel: Bool
  /// Nil: whoever speaks waits until it is written.
  private let queue: StandardErrorQueue?

  /// Lines of one kind that are said at a time: nobody reads more of them in a journal.
  private static let longestList = 20

  /// - Parameters:
  ///   - name: the program's, for a person; the journal knows it.
  ///   - neverWaits: whether speaking returns at once, so that a journal that hangs cannot stop the watch. Then ``close()`` is due.
  package init(name: String = "minewatch", neverWaits: Bool = false) {
    self.name = name
    prefixesLevel = ServiceNotifier.variable("JOURNAL_STREAM") != nil
    queue = neverWaits ? StandardErrorQueue() : nil
  }

  package func say(_ level: Level, _ sentence: String) {
    guard let queue else { return StandardError.say(sentence, prefix: prefix(level)) }
    queue.write("\(prefix(level))\(sentence)") { lost in
      "\(prefix(.warning))\(Figures.counted(lost, "line")) of this log were lost: whoever reads it was too slow"
    }
  }

  /// Says a list, of which only the beginning when it is long.
  ///
  /// - Parameter all: where the whole is to be had.
  package func say(_ level: Level, _ sentences: [String], all: String) {
    for sentence in sentences.prefix(Self.longestList) { say(level, sentence) }
    guard sentences.count > Self.longestList else { return }
    say(level, "and \(sentences.count - Self.longestList) more: \(all)")
  }

  /// Writes out what waits, where that can be done; the last call.
  package func close() {
    queue?.close()
  }

  private func prefix(_ level: Level) -> String {
    prefixesLevel ? "<\(level.rawValue)>" : "\(name): "
  }
}
