import Sinks

/// Rows under headings, as wide as they must be and no wider than the screen.
///
/// Where the screen is too narrow, the columns that matter least go first; then the last column that is left is cut.
struct TextTable {
  struct Column {
    var title: String
    var isNumber = false
    /// 0 stays; the highest goes first.
    var rank = 0
  }

  private let columns: [Column]
  private var rows: [[String]] = []
  private static let gap = 2

  init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row. What came from the wire is escaped.
  mutating func add(_ cells: [String]) {
    rows.append(cells.map { WireEscape.escaped($0, as: .sentence) })
  }

  /// - Parameters:
  ///   - width: of the screen; nil for any.
  ///   - isColoured: headings are bold.
  func lines(width: Int?, isColoured: Bool = false) -> [String] {
    var widths = columns.indices.map { column in
      max(columns[column].title.count, rows.map { TextWidth.of($0[column]) }.max() ?? 0)
    }
    // A column that says nothing takes no room.
    var shown = columns.indices.filter { column in rows.isEmpty || rows.contains { !$0[column].isEmpty } }
    if let width {
      while total(shown, widths) > width, let least = shown.max(by: { columns[$0].rank < columns[$1].rank }),
        columns[least].rank > 0
      {
        shown.removeAll { $0 == least }
      }
      if let last = shown.last { widths[last] = max(4, widths[last] - max(0, total(shown, widths) - width)) }
    }
    // A screen that is narrower than what stays has the lines cut.
    let fit = { (line: String) in width.map { TextWidth.cut(line, to: $0) } ?? line }
    let heading = fit(line(columns.map(\.title), shown, widths))
    return [isColoured ? "\u{1b}[1m\(heading)\u{1b}[0m" : heading] + rows.map { fit(line($0, shown, widths)) }
  }

  private func total(_ shown: [Int], _ widths: [Int]) -> Int {
    shown.reduce(Self.gap * max(shown.count - 1, 0)) { $0 + widths[$1] }
  }

  private func line(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
    var line = ""
    for column in shown {
      if !line.isEmpty || column != shown.first { line += String(repeating: " ", count: Self.gap) }
      let text = TextWidth.cut(cells[column], to: widths[column])
      let room = String(repeating: " ", count: widths[column] - TextWidth.of(text))
      if columns[column].isNumber {
        line += room + text
      } else {
        line += column == shown.last ? text : text + room
      }
    }
    return line
  }
}
