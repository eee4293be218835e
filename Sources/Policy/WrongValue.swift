/// Why a text of the policy is not what its place asks for, as half a sentence for a person: `"60" has no unit (write 60s)`.
package struct WrongValue: Error, Equatable {
  package let why: String

  package init(_ why: String) {
    self.why = why
  }
}

extension String {
  /// In double quotes, fit for one line of an error: control characters escaped, the middle of a long text left out.
  var quoted: String {
    let scalars = unicodeScalars
    guard scalars.count > 80 else { return "\"\(visible)\"" }
    let ends = (scalars.prefix(50).map(\.visible).joined(), scalars.suffix(20).map(\.visible).joined())
    return "\"\(ends.0)…\(ends.1)\""
  }

  /// Fit for one line: what cannot be seen, or turns what can, is escaped.
  var visible: String { unicodeScalars.map(\.visible).joined() }
}

extension Unicode.Scalar {
  fileprivate var visible: String {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
      "\\u{\(String(value, radix: 16))}"
    default: String(self)
    }
  }
}
