import Capture

extension SettingText {
  /// What a date without a time of day stands for.
  enum DayEdge {
    case start, end
  }

  /// `2026-12-01T17:00Z`, with seconds or an offset from UTC if wanted (RFC 3339 §5.6), or a date alone, in UTC.
  static func time(_ text: String, dateMeans edge: DayEdge) throws(WrongValue) -> Timestamp {
    var cursor = Cursor(text)
    guard let year = cursor.number(digits: 4), cursor.take("-"), let month = cursor.number(digits: 2),
      cursor.take("-"), let day = cursor.number(digits: 2)
    else {
      throw WrongValue("\(text.quoted) is no time (write 2026-12-01T17:00Z or 2026-12-01)")
    }
    guard (2000...2199).contains(year), (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day)
    else {
      throw WrongValue("\(text.quoted): there is no such day between the years 2000 and 2199")
    }
    let midnight = Self.daysSinceEpoch(year, month, day) * 86_400
    if cursor.isAtEnd { return Timestamp(seconds: Int64(edge == .start ? midnight : midnight + 86_400)) }
    guard cursor.take("T") || cursor.take("t") || cursor.take(" "), let hour = cursor.number(digits: 2),
      cursor.take(":"), let minute = cursor.number(digits: 2)
    else {
      throw WrongValue("\(text.quoted) has no time of day after its date (write 2026-12-01T17:00Z)")
    }
    let second = cursor.take(":") ? cursor.number(digits: 2) : 0
    guard let second, hour < 24, minute < 60, second < 60 else {
      throw WrongValue("\(text.quoted): there is no such time of day")
    }
    guard let offset = cursor.offset(), cursor.isAtEnd else {
      throw WrongValue("\(text.quoted) does not say its zone (write Z for UTC, or +02:00)")
    }
    return Timestamp(seconds: Int64(midnight + hour * 3_600 + minute * 60 + second - offset))
  }

  private static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  /// Days from 1970-01-01 in the Gregorian calendar. Counted in years that begin in March, so that the leap day is last.
  private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }

  private struct Cursor {
    private var rest: Substring.UTF8View

    init(_ text: String) {
      rest = text[...].utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard let byte = rest.first, UInt32(byte) == character.value else { return false }
      rest = rest.dropFirst()
      return true
    }

    mutating func number(digits: Int) -> Int? {
      let text = rest.prefix(digits)
      guard text.count == digits, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      rest = rest.dropFirst(digits)
      return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Seconds east of UTC: `Z`, `+02:00`, `-0530`.
    mutating func offset() -> Int? {
      if take("Z") || take("z") { return 0 }
      let sign = take("-") ? -1 : 1
      guard sign < 0 || take("+"), let hours = number(digits: 2) else { return nil }
      _ = take(":")
      guard let minutes = number(digits: 2), hours < 24, minutes < 60 else { return nil }
      return sign * (hours * 3_600 + minutes * 60)
    }
  }
}

extension Timestamp {
  /// `2026-12-01T17:00:00Z`, whole seconds (RFC 3339 §5.6).
  package var utcText: String {
    let day = Int(seconds >= 0 ? seconds / 86_400 : (seconds + 1) / 86_400 - 1)
    let (year, month, dayOfMonth) = SettingText.date(ofDay: day)
    let time = Int(seconds) - day * 86_400
    let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(dayOfMonth))T\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
  }
}

extension SettingText {
  /// The inverse of counting days from 1970-01-01, in eras of 400 years that begin in March.
  fileprivate static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let isLateInYear = month < 10
    return (
      yearOfEra + era * 400 + (isLateInYear ? 0 : 1), isLateInYear ? month + 3 : month - 9,
      dayOfYear - (153 * month + 2) / 5 + 1
    )
  }
}
