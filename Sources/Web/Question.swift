import Capture
import Hummingbird
import Policy
import Rules
import Watch

/// What stands behind the `?` of a request. A word that nobody knows and a value that makes no sense are told, not passed over: who
/// asks for what does not exist would take the answer for what was asked.
struct Question: Sendable {
  private let values: [String: String]

  /// - Parameter words: that the address knows.
  init(_ request: Request, of words: Set<String> = []) throws(WrongValue) {
    var values: [String: String] = [:]
    for (key, value) in request.uri.queryParameters {
      let word = String(key)
      guard words.contains(word) else {
        throw WrongValue(
          words.isEmpty
            ? "nothing can be asked for here" : "only \(words.sorted().joined(separator: ", ")) can be asked for")
      }
      values[word] = String(value)
    }
    self.values = values
  }

  func text(_ name: String) -> String? {
    values[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  func flag(_ name: String) throws(WrongValue) -> Bool {
    switch values[name] {
    case nil, "0", "false", "no": return false
    case "", "1", "true", "yes": return true
    default: throw WrongValue("\(name) must be true or false")
    }
  }

  /// A rule's name, for a name or a number.
  func rule(_ name: String) throws(WrongValue) -> String? {
    try text(name).map { (asked) throws(WrongValue) in try RuleBook.asked(asked).reference.name }
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
