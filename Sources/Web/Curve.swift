import Capture
import Policy
import Rules
import Sinks
import Store

/// Hashrate over time, for a curve: as many points as a screen can show, however long the time.
struct Curve: Sendable {
  private let kind: String
  private let hours: Int
  /// Of one point.
  private let minutes: Int

  /// What points may stand for, in minutes.
  private static let steps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1_440]

  init(_ question: Question) throws(WrongValue) {
    hours = try question.number("hours", in: 1...8_760, or: 24)
    kind = question.text("of") ?? "site"
    guard ["site", "pool", "account"].contains(kind) else { throw WrongValue("of must be site, pool or account") }
    let least = (hours * 60 + WebLimits.points - 1) / WebLimits.points
    minutes = Self.steps.first { $0 >= least } ?? least
  }

  func json(_ store: StoreReader) throws(StoreFailure) -> String {
    let end = try store.latestMinute() ?? Timestamp(seconds: 0)
    let start = end.advanced(by: .seconds(-3_600 * hours))
    let points = try store.series(kind, from: start, until: end, minutes: minutes)
    var json = JSONWriter()
    json.object { json in
      json.field("minutes", minutes)
      json.field("from", start.seconds)
      json.field("until", end.seconds)
      json.array("points") { json in
        for point in points { json.object { Self.write(point, to: &$0) } }
      }
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private static func write(_ point: StoredPoint, to json: inout JSONWriter) {
    json.field("time", point.time.seconds)
    json.field("name", point.name)
    json.field("workers", point.workers)
    if let rate = point.hashrate.terahashes { json.field("ths", rate.significant) }
    if let range = point.hashrate.range {
      json.field("low_ths", range.lowerBound.significant)
      json.field("high_ths", range.upperBound.significant)
    }
  }
}
