/// Makes any text one harmless stretch of a readable line.
///
/// Backslash becomes `\\`, line feed `\n`, return `\r`, tab `\t`, and everything else that is not printable
/// `\u{1b}`, with the scalar's number. What is left can be told back to what was sent.
package enum WireEscape {
  package enum Place: Sendable {
    /// A whole sentence of ours, in which quotes stand around what was sent.
    case sentence
    /// Inside quotes: these are escaped too.
    case quoted
    /// A bare word between others, such as a name: blanks, quotes and brackets are escaped too, so that it stays a word.
    case word
  }

  /// - Parameter limit: bytes written at the most; what does not fit is cut between scalars and marked with "…".
  package static func append(_ text: String, as place: Place, limit: Int, to line: inout [UInt8]) {
    let mark = "…"
    let end = line.count + max(0, limit)
    var lastFit = line.count
    for scalar in text.unicodeScalars {
      append(scalar, as: place, to: &line)
      if line.count > end {
        line.removeSubrange(lastFit...)
        line.append(mark)
        return
      }
      if line.count + mark.utf8.count <= end { lastFit = line.count }
    }
  }

  package static func escaped(_ text: String, as place: Place, limit: Int = .max / 2) -> String {
    var bytes: [UInt8] = []
    append(text, as: place, limit: limit, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func append(_ scalar: Unicode.Scalar, as place: Place, to line: inout [UInt8]) {
    switch scalar {
    case "\\": line.append(#"\\"#)
    case "\n": line.append(#"\n"#)
    case "\r": line.append(#"\r"#)
    case "\t": line.append(#"\t"#)
    case "\"" where place != .sentence: line.append(#"\""#)
    case _ where place == .word && isBlankOrBracket(scalar): appendNumber(of: scalar, to: &line)
    case _ where scalar.isPrintable: line.append(scalar)
    default: appendNumber(of: scalar, to: &line)
    }
  }

  private static func isBlankOrBracket(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || "()[]".unicodeScalars.contains(scalar)
  }

  private static func appendNumber(of scalar: Unicode.Scalar, to line: inout [UInt8]) {
    line.append(#"\u{"#)
    line.append(hexadecimal: scalar.value, digits: 1)
    line.append(UInt8(ascii: "}"))
  }
}
