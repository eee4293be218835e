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

  /// - Parameter name: the program's, for a person; the journal knows it.
  package init(name: String = "minewatch") {
    self.name = name
    prefixesLevel = ServiceNotifier.variable("JOURNAL_STREAM") != nil
  }

  package func say(_ level: Level, _ sentence: String) {
    StandardError.say(sentence, prefix: prefixesLevel ? "<\(level.rawValue)>" : "\(name): ")
  }
}
