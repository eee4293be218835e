import Capture

/// What a command was given: texts by name, or by position from "0". Bounded in number and length.
package struct APIParameters: Equatable, Sendable {
  package struct Parameter: Equatable, Sendable {
    /// A key, or keys joined by dots without the positions in lists: `pools.url`. A position in decimal where there is no key.
    package var name: String
    package var value: String
  }

  package private(set) var all: [Parameter] = []
  /// Parameters that were not kept: those beyond ``Capture/Limits/apiParameters``, and ``Capture/Limits/apiTargets`` more for
  /// what may say where to mine.
  package private(set) var leftOut = 0
  /// Among those left out may be where to mine.
  package private(set) var lacksTarget = false

  package init() {}

  package var isEmpty: Bool { all.isEmpty }

  /// The first value under a name.
  package subscript(name: String) -> String? { all.first { $0.name == name }?.value }

  /// Adds a parameter, both texts cut to ``Capture/Limits/wireText``.
  package mutating func add(_ name: String, _ value: String) {
    if all.count >= Limits.apiParameters {
      let mayBeTarget = TargetWords.mayBe(in: name, value)
      guard mayBeTarget, all.count < Limits.apiParameters + Limits.apiTargets else {
        leftOut += 1
        lacksTarget = lacksTarget || mayBeTarget
        return
      }
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
