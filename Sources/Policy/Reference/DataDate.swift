/// When a line of reference data was true: a month or a day, as its file has it (`2026-08`, `2026-08-31`).
package struct DataDate: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let description: String

  /// - Throws: ``WrongValue`` for what is no month or day from 2009, when there was first something to mine, to 2199.
  init(parsing text: String) throws(WrongValue) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let widths = parts.map(\.utf8.count)
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
    }
    guard widths == [4, 2] || widths == [4, 2, 2], numbers.count == parts.count,
      (2009...2199).contains(numbers[0]), (1...12).contains(numbers[1]),
      numbers.count == 2 || (1...Self.days(in: numbers[1], of: numbers[0])).contains(numbers[2])
    else {
      throw WrongValue("\(text.quoted) is no month or day (write 2026-08 or 2026-08-31)")
    }
    description = text
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// A month comes before its days.
  package static func < (left: DataDate, right: DataDate) -> Bool {
    left.description < right.description
  }
}

/// From when to when the lines of some reference data are.
package struct DataSpan: Equatable, Sendable, CustomStringConvertible {
  package private(set) var first: DataDate?
  package private(set) var last: DataDate?

  package init() {}

  mutating func include(_ date: DataDate) {
    first = min(first ?? date, date)
    last = max(last ?? date, date)
  }

  /// `of 2026-08` or `of 2024-01 to 2026-08`; empty when nothing is dated.
  package var description: String {
    guard let first, let last else { return "" }
    return first == last ? "of \(first)" : "of \(first) to \(last)"
  }
}
