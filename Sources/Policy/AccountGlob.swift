/// A pattern over a pool user name: `*` stands for any run of characters, `?` for one.
package struct AccountGlob: Sendable {
  package let pattern: String
  private let tokens: [Token]

  private enum Token {
    case anyRun
    case anyOne
    case exactly(Unicode.Scalar)
    /// An ASCII letter of a bech32 address, in lower case.
    case letter(Unicode.Scalar)

    func accepts(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .anyRun, .anyOne: true
      case .exactly(let expected): scalar == expected
      case .letter(let expected): scalar == expected || scalar.lowered == expected
      }
    }
  }

  package init(_ pattern: String) {
    self.pattern = pattern
    let scalars = Array(pattern.unicodeScalars)
    let address = Self.bech32Length(scalars)
    tokens = scalars.enumerated().map { index, scalar in
      switch scalar {
      case "*": .anyRun
      case "?": .anyOne
      default: index < address ? .letter(scalar.lowered) : .exactly(scalar)
      }
    }
  }

  /// Case counts, but for bech32 addresses (`bc1…`, BIP 173), which are read in either case.
  ///
  /// Takes at most the product of both lengths: after a mismatch only the latest `*` may swallow more, as an earlier
  /// one could gain nothing that the latest cannot.
  package func matches(_ user: String) -> Bool {
    let bytes = user.utf8Span
    if bytes.isKnownASCII { return matches(bytes.count) { Unicode.Scalar(bytes.span[$0]) } }
    let scalars = Array(user.unicodeScalars)
    return matches(scalars.count) { scalars[$0] }
  }

  @inline(__always)
  private func matches(_ count: Int, _ scalar: (Int) -> Unicode.Scalar) -> Bool {
    var position = 0
    var token = 0
    var retry: (token: Int, position: Int)?
    while position < count {
      if token < tokens.count, case .anyRun = tokens[token] {
        retry = (token, position)
        token += 1
      } else if token < tokens.count, tokens[token].accepts(scalar(position)) {
        token += 1
        position += 1
      } else if let (star, swallowed) = retry {
        retry = (star, swallowed + 1)
        token = star + 1
        position = swallowed + 1
      } else {
        return false
      }
    }
    return tokens[token...].allSatisfy { if case .anyRun = $0 { true } else { false } }
  }

  /// How many leading characters of the pattern are the literal part of a bech32 address.
  private static func bech32Length(_ scalars: [Unicode.Scalar]) -> Int {
    guard scalars.prefix(3).map(\.lowered) == ["b", "c", "1"] else { return 0 }
    return scalars.prefix { ("a"..."z").contains($0.lowered) || ("0"..."9").contains($0) }.count
  }
}

extension Unicode.Scalar {
  /// In lower case if it is an ASCII letter.
  fileprivate var lowered: Unicode.Scalar {
    ("A"..."Z").contains(self) ? Unicode.Scalar(UInt8(truncatingIfNeeded: value) | 0x20) : self
  }
}
