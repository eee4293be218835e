import Capture
import Hummingbird
import Policy
import Rules

/// What stands behind the `?` of a request. A value that makes no sense is told, not passed over.
struct Question: Sendable {
  private let values: [String: String]

  init(_ request: Request) {
    values = request.uri.queryParameters.reduce(into: [:]) { values, pair in
      values[String(pair.key)] = String(pair.value)
    }
  }

  func text(_ name: String) -> String? {
    values[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  func flag(_ name: String) -> Bool {
    values[name].map { ["", "1", "true", "yes"].contains($0) } ?? false
  }

  func number<Number: FixedWidthInteger>(
    _ name: String, in range: ClosedRange<Number>, or standard: Number
  ) throws(WrongValue) -> Number {
    guard let text = values[name] else { return standard }
    guard let number = Number(text), range.contains(number) else {
      throw WrongValue("\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func level(_ name: String) throws(WrongValue) -> Level? {
    guard let text = text(name) else { return nil }
    guard let level = Level(rawValue: text) else {
      throw WrongValue("\(name) must be one of \(Level.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return level
  }

  func time(_ name: String, now: Timestamp) throws(WrongValue) -> Timestamp? {
    guard let text = text(name) else { return nil }
    return try Moment.parse(text, now: now)
  }
}
