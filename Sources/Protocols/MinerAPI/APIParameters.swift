import Capture
import Decode

/// What a command was given: texts by name, or by position from "0". Bounded in number and length.
package struct APIParameters: Equatable, Sendable {
  package struct Parameter: Equatable, Sendable {
    /// A key, or keys joined by dots without the positions in lists: `pools.url`. A position in decimal where there is no key.
    package var name: String
    package var value: String
  }

  package private(set) var all: [Parameter] = []
  /// Parameters beyond ``Capture/Limits/apiParameters``.
  package private(set) var leftOut = 0

  package init() {}

  package var isEmpty: Bool { all.isEmpty }

  /// The first value under a name.
  package subscript(name: String) -> String? { all.first { $0.name == name }?.value }

  /// Adds a parameter, both texts cut to ``Capture/Limits/wireText``.
  package mutating func add(_ name: String, _ value: String) {
    guard all.count < Limits.apiParameters else {
      leftOut += 1
      return
    }
    all.append(Parameter(name: Self.cut(name), value: Self.cut(value)))
  }

  /// Adds the next one by position.
  package mutating func add(_ value: String) {
    add(String(all.count &+ leftOut), value)
  }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > Limits.wireText else { return text }
    var cut = String.UnicodeScalarView()
    var length = 0
    for scalar in text.unicodeScalars {
      length &+= UTF8.width(scalar)
      guard length <= Limits.wireText else { break }
      cut.append(scalar)
    }
    return String(cut) + "\u{2026}"
  }
}

// MARK: - Out of bytes

extension APIParameters {
  /// Adds all leaves of a JSON object, each under its keys: `{"pools":[{"url":"a"}]}` is `pools.url` = `a`.
  ///
  /// - Parameter range: where it stands; it may be cut off, or not quite JSON.
  mutating func add(json bytes: RawSpan, _ range: Range<Int>) {
    var json = LooseJSON(bytes, range)
    while let leaf = json.next() {
      if all.count < Limits.apiParameters {
        add(json.name(), bytes.text(leaf.range, limit: Limits.wireText))
      } else {
        leftOut += 1
      }
    }
  }

  /// Adds `a=1&b=2`: a query, or a form (WHATWG URL §5.1).
  ///
  /// - Parameter text: at most a few KiB of it.
  mutating func add(form text: String) {
    for pair in text.utf8.split(separator: UInt8(ascii: "&"), maxSplits: Limits.apiParameters) {
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      add(Self.unescaped(parts.first ?? pair), parts.count == 2 ? Self.unescaped(parts[1]) : "")
    }
  }

  /// `+` is a space, `%41` an A; what is no escape stays.
  private static func unescaped(_ text: Substring.UTF8View) -> String {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(Substring(digits), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
