import Sinks

/// What is wrong with a program's arguments, as one line like every failure: what, and where to read on.
package enum UsageSentence {
  /// Bytes of what is said; an argument may be of any length.
  private static let longest = 500

  /// - Parameters:
  ///   - message: the argument parser's, of one line or several, with what was typed in it.
  ///   - command: whose help tells more: "minewatch run".
  package static func text(_ message: String, command: String) -> String {
    let lines = message.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: { $0 == " " }) }
    let said = WireEscape.escaped(lines.joined(separator: " "), as: .sentence, limit: longest)
    return "\(said) (see `\(command) --help`)"
  }
}
