import Yams

/// A key that stands twice in one group. Yams tells its text and the place of the first; this finds the second.
struct RepeatedKey {
  let key: String
  let position: FilePosition
  /// Offsets of the key's text among the document's Unicode scalars.
  private let range: Range<Int>

  /// - Returns: nil when no second one can be told from the text; then only the first is known.
  init?(_ keys: [String], after mark: Mark, in text: String) {
    let scalars = Array(text.unicodeScalars)
    let first = Self.offset(of: mark, in: scalars)
    guard let first, let key = keys.first(where: { Self.stands($0, at: first, in: scalars) }) else { return nil }
    self.key = key
    let width = key.unicodeScalars.count
    var offset = first + width
    var line = mark.line
    var column = mark.column + width
    while offset < scalars.count {
      let previous = scalars[offset - 1]
      if previous == "\n" { (line, column) = (line + 1, 1) }
      if previous.isKeyBoundary, Self.stands(key, at: offset, in: scalars), Self.endsKey(offset + width, in: scalars),
        // In a block, the keys of one group stand in one column.
        Self.isInFlow(scalars, first) || column == mark.column
      {
        range = offset..<(offset + width)
        position = FilePosition(line: line, column: column)
        return
      }
      offset += 1
      column += 1
    }
    return nil
  }

  /// The text with another name in the key's place, as wide, so that all other places stay.
  func renamed(in text: String, number: Int) -> String {
    var scalars = Array(text.unicodeScalars)
    // A private character that no keyboard has, and different for each.
    scalars[range.lowerBound] = Unicode.Scalar(UInt32(0xe000 + number)) ?? "\u{e000}"
    return String(String.UnicodeScalarView(scalars))
  }

  private static func offset(of mark: Mark, in scalars: [Unicode.Scalar]) -> Int? {
    // Yams gives a node without a place as 0:0.
    guard mark.line > 0, mark.column > 0 else { return nil }
    var line = 1
    var offset = 0
    while line < mark.line {
      guard let end = scalars[offset...].firstIndex(of: "\n") else { return nil }
      line += 1
      offset = end + 1
    }
    offset += mark.column - 1
    return offset < scalars.count ? offset : nil
  }

  private static func stands(_ key: String, at offset: Int, in scalars: [Unicode.Scalar]) -> Bool {
    !key.isEmpty && scalars[offset...].starts(with: key.unicodeScalars)
  }

  private static func endsKey(_ offset: Int, in scalars: [Unicode.Scalar]) -> Bool {
    scalars[offset...].first { $0 != " " } == ":"
  }

  private static func isInFlow(_ scalars: [Unicode.Scalar], _ offset: Int) -> Bool {
    let before = scalars[..<offset].last { $0 != " " && $0 != "\n" && $0 != "\r" }
    return before == "{" || before == ","
  }
}

extension Unicode.Scalar {
  fileprivate var isKeyBoundary: Bool {
    [" ", "\n", "{", ","].contains(self)
  }
}
