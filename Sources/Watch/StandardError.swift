import Foundation

/// Where the program speaks to whoever started it, beside what it was asked for.
package enum StandardError {
  /// Writes a sentence as a line.
  ///
  /// - Parameter prefix: who speaks, or how grave it is where a journal wants that in front (sd-daemon(3)).
  package static func say(_ sentence: String, prefix: String = "minewatch: ") {
    FileHandle.standardError.write(Data("\(prefix)\(sentence)\n".utf8))
  }
}
