package import Capture

/// A point in time as a command takes it, or as our own logs write it.
package enum Moment {
  /// `2h` for two hours before `now`, or a time as in a policy: `2026-12-01T17:00Z`, or a date.
  package static func parse(_ text: String, now: Timestamp) throws(WrongValue) -> Timestamp {
    do {
      return now.advanced(byNanoseconds: -(try SettingText.duration(text)).saturatedNanoseconds)
    } catch {
      do {
        return try SettingText.time(text, dateMeans: .start)
      } catch {
        throw WrongValue("\(text.quoted) is neither a span of time, such as 2h, nor a time, such as 2026-12-01T17:00Z")
      }
    }
  }

  /// `2026-11-22T14:25:01.123456+0000` or `…01.123Z`, as sinks write it; nil for anything else.
  package static func stamp(_ text: some StringProtocol) -> Timestamp? {
    let parts = text.split(separator: ".", maxSplits: 1)
    guard parts.count == 2, let whole = try? SettingText.time("\(parts[0])Z", dateMeans: .start) else { return nil }
    let digits = parts[1].prefix { $0.isASCII && $0.isNumber }
    guard (1...9).contains(digits.count), ["Z", "+0000"].contains(parts[1].dropFirst(digits.count)),
      let fraction = Int64(digits)
    else { return nil }
    let scale = (digits.count..<9).reduce(Int64(1)) { product, _ in product * 10 }
    return whole.advanced(byNanoseconds: fraction * scale)
  }
}
