/// Comma-separated values (RFC 4180): quoted fields may hold commas, line breaks and doubled quotes.
///
/// Also taken: bare line feeds, a byte order mark, blank lines, spaces around a field without quotes.
enum CSV {
  struct Field: Equatable {
    var text: String
    var position: FilePosition
  }

  struct SyntaxError: Error, Equatable {
    var message: String
    var position: FilePosition
  }

  /// Rows in order, blank lines left out.
  static func rows(of text: String) throws(SyntaxError) -> [[Field]] {
    var scanner = Scanner(text)
    var rows: [[Field]] = []
    while !scanner.isAtEnd {
      let row = try scanner.row()
      if row.count > 1 || row.first?.text.isEmpty == false { rows.append(row) }
    }
    return rows
  }

  private struct Scanner {
    private var rest: Substring.UnicodeScalarView
    private var position = FilePosition(line: 1, column: 1)

    init(_ text: String) {
      rest = text[...].unicodeScalars
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func row() throws(SyntaxError) -> [Field] {
      var fields = [try field()]
      while take(",") { fields.append(try field()) }
      _ = take("\r")
      guard isAtEnd || take("\n") else {
        throw SyntaxError(message: "text after the closing quote", position: position)
      }
      return fields
    }

    private mutating func field() throws(SyntaxError) -> Field {
      while take(" ") {}
      let start = position
      guard take("\"") else { return bareField(from: start) }
      var text = String.UnicodeScalarView()
      while let scalar = next() {
        if scalar != "\"" {
          text.append(scalar)
        } else if take("\"") {
          text.append("\"")
        } else {
          while take(" ") {}
          return Field(text: String(text), position: start)
        }
      }
      throw SyntaxError(message: "these quotes are never closed", position: start)
    }

    private mutating func bareField(from start: FilePosition) -> Field {
      var text = String.UnicodeScalarView()
      while let scalar = rest.first, scalar != ",", scalar != "\n", scalar != "\r" {
        text.append(scalar)
        _ = next()
      }
      while text.last == " " { text.removeLast() }
      return Field(text: String(text), position: start)
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      guard rest.first == scalar else { return false }
      _ = next()
      return true
    }

    private mutating func next() -> Unicode.Scalar? {
      guard let scalar = rest.popFirst() else { return nil }
      if scalar == "\n" {
        position = FilePosition(line: position.line + 1, column: 1)
      } else {
        position.column += 1
      }
      return scalar
    }
  }
}
