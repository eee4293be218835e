package import Capture

/// A point in time as people write it, in the Gregorian calendar, from arithmetic alone: no locale, no leap seconds.
package struct CivilTime: Equatable, Sendable {
  package let year: Int64
  /// 1...12.
  package let month: Int64
  /// 1...31.
  package let day: Int64
  package let hour: Int64
  package let minute: Int64
  package let second: Int64
  package let nanosecond: Int64

  /// - Parameter offset: seconds that the wanted time is ahead of UTC.
  package init(_ time: Timestamp, offset: Int = 0) {
    let seconds = time.seconds &+ Int64(offset)
    // The product wraps for the first second that fits; the difference is right all the same.
    nanosecond = time.nanoseconds &- (time.seconds &* 1_000_000_000)
    let secondOfDay = ((seconds % 86_400) + 86_400) % 86_400
    hour = secondOfDay / 3_600
    minute = secondOfDay / 60 % 60
    second = secondOfDay % 60

    // Days since 0000-03-01, so that a leap day ends its year; eras of 400 years have 146,097 days.
    let days = (seconds - secondOfDay) / 86_400 + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}

extension CivilTime {
  /// `2026-11-22T14:25:01.123456+0000`, as EVE has it.
  package static func eve(_ time: Timestamp) -> String {
    CivilTime(time).text(fractionDigits: 6, zone: "+0000")
  }

  /// `2026-11-22T14:25:01.123Z` (RFC 3339), with three digits for people, six for RFC 5424, or none.
  package static func rfc3339(_ time: Timestamp, fractionDigits: Int) -> String {
    CivilTime(time).text(fractionDigits: fractionDigits, zone: "Z")
  }

  /// `Nov 22 14:25:01` in local time (RFC 3164 §4.1.2): English month, day padded with a blank.
  package static func rfc3164(_ time: Timestamp) -> String {
    let civil = CivilTime(time, offset: localTimeOffset(atSecondsSinceEpoch: time.seconds))
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    var bytes: [UInt8] = []
    bytes.append(months[Int(civil.month - 1)])
    bytes.append(civil.day < 10 ? "  " : " ")
    bytes.append(decimal: civil.day, digits: 1)
    bytes.append(UInt8(ascii: " "))
    civil.appendClock(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `20261122T142501.123456Z` (ISO 8601, basic form): sorts by time, and holds no colon, which would name a host to scp.
  package static func fileName(_ time: Timestamp) -> String {
    rfc3339(time, fractionDigits: 6).replacing("-", with: "").replacing(":", with: "")
  }

  private func text(fractionDigits: Int, zone: String) -> String {
    var bytes: [UInt8] = []
    bytes.append(decimal: year, digits: 4)
    bytes.append(UInt8(ascii: "-"))
    bytes.append(decimal: month, digits: 2)
    bytes.append(UInt8(ascii: "-"))
    bytes.append(decimal: day, digits: 2)
    bytes.append(UInt8(ascii: "T"))
    appendClock(to: &bytes)
    guard fractionDigits > 0 else {
      bytes.append(zone)
      return String(decoding: bytes, as: UTF8.self)
    }
    bytes.append(UInt8(ascii: "."))
    // Cut, not rounded: an event must not seem to come before its cause.
    let divisor = (fractionDigits..<9).reduce(Int64(1)) { product, _ in product * 10 }
    bytes.append(decimal: nanosecond / divisor, digits: fractionDigits)
    bytes.append(zone)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func appendClock(to bytes: inout [UInt8]) {
    bytes.append(decimal: hour, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(decimal: minute, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(decimal: second, digits: 2)
  }
}
