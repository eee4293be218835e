import Foundation
import Rules

/// Numbers as people write them.
enum Figures {
  /// `1,234,567`
  static func grouped(_ number: UInt64) -> String {
    let digits = Array(String(number))
    return digits.enumerated().reduce(into: "") { text, digit in
      if digit.offset > 0, (digits.count - digit.offset) % 3 == 0 { text += "," }
      text.append(digit.element)
    }
  }

  /// `1 packet`, `2 packets`
  static func counted(_ number: UInt64, _ thing: String) -> String {
    "\(grouped(number)) \(thing)\(number == 1 ? "" : "s")"
  }

  static func size(_ bytes: UInt64) -> String {
    bytes >= 1 << 20 ? "\(grouped(bytes >> 20)) MiB" : "\(grouped(bytes >> 10)) KiB"
  }

  /// `1d 2h 3m 4s`
  static func span(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "an absurd time" }
    let whole = Int(max(seconds, 0))
    let parts = [(whole / 86_400, "d"), (whole / 3_600 % 24, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")]
    let shown = parts.drop { $0.0 == 0 }.map { "\($0.0)\($0.1)" }
    return shown.isEmpty ? "less than a second" : shown.joined(separator: " ")
  }

  /// The largest part of a span alone: `3m`, `2d`.
  static func roughly(_ seconds: Double) -> String {
    seconds < 1 ? "0s" : span(seconds).split(separator: " ").first.map(String.init) ?? ""
  }

  static func decimal(_ number: Double, places: Int) -> String {
    String(format: "%.\(places)f", number)
  }

  /// Three or four digits and the unit: `98.7 TH/s`, `1.52 EH/s`.
  static func hashrate(_ terahashes: Double) -> String {
    guard terahashes.isFinite else { return "unknown" }
    let units = [(1e6, "EH/s"), (1e3, "PH/s"), (1, "TH/s"), (1e-3, "GH/s"), (1e-6, "MH/s")]
    let (scale, unit) = units.first { terahashes >= $0.0 * 0.9995 } ?? (terahashes == 0 ? units[2] : units[4])
    let number = terahashes / scale
    return "\(decimal(number, places: number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2)) \(unit)"
  }

  /// A rate and half of the range it is in, 19 times out of 20: `98.7 TH/s`, `±18 %`.
  static func hashrate(_ estimate: HashrateEstimate?) -> (rate: String, error: String) {
    guard let estimate else { return ("", "") }
    guard let rate = estimate.terahashes else { return ("unknown", "") }
    guard let range = estimate.range, rate > 0 else { return (hashrate(rate), "") }
    let half = (range.upperBound - range.lowerBound) / 2 / rate * 100
    return (hashrate(rate), "±\(decimal(half, places: half < 9.95 ? 1 : 0)) %")
  }
}
