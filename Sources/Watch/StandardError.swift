import Capture

/// Where the program speaks to whoever started it, beside what it was asked for.
package enum StandardError {
  /// Writes a sentence as a line.
  ///
  /// - Parameter prefix: who speaks, or how grave it is where a journal wants that in front (sd-daemon(3)).
  package static func say(_ sentence: String, prefix: String = "minewatch: ") {
    write("\(prefix)\(sentence)\n")
  }

  /// Of a failure here nobody can be told, so there is none.
  package static func write(_ text: String) {
    try? Descriptor.standardError()?.writeAll(Array(text.utf8)[...])
  }
}
