import Decode

/// What a GraphQL document does (GraphQL specification §2.3): the word in front of each operation tells. The raw value is what
/// ``HTTPFields`` says.
///
/// Only what stands outside of all braces is looked at. Of several operations the gravest counts: which one is run stands
/// elsewhere, and not in every request.
enum GraphQLOperation: String {
  /// `query`, or a selection alone. It changes nothing.
  case query
  case subscription
  case mutation
  /// No document, or one whose end is missing.
  case unknown

  private var weight: Int {
    switch self {
    case .query: 0
    case .subscription: 1
    case .unknown: 2
    case .mutation: 3
    }
  }

  static func graver(_ one: Self?, _ other: Self) -> Self {
    guard let one else { return other }
    return one.weight < other.weight ? other : one
  }

  init(_ document: ArraySlice<UInt8>) {
    var scanner = Scanner(rest: document)
    var found: Self?
    var (braces, parentheses) = (0, 0)
    // A selection without a word in front of it is a query.
    var hasWord = false
    while let token = scanner.next() {
      switch token {
      case .mark(UInt8(ascii: "{")):
        if braces == 0, parentheses == 0, !hasWord { found = Self.graver(found, .query) }
        braces += 1
      case .mark(UInt8(ascii: "}")):
        braces -= 1
        if braces == 0 { hasWord = false }
      case .mark(UInt8(ascii: "(")): parentheses += 1
      case .mark(UInt8(ascii: ")")): parentheses -= 1
      case .word(let word) where braces == 0 && parentheses == 0 && !hasWord:
        hasWord = true
        // What a fragment holds is run by an operation.
        if word != "fragment" { found = Self.graver(found, Self(rawValue: word) ?? .unknown) }
      case .word, .mark: break
      }
    }
    self = braces == 0 && parentheses == 0 && scanner.isWhole ? found ?? .unknown : .unknown
  }

  /// Words and marks, without comments and texts (GraphQL specification §2.1).
  private struct Scanner {
    enum Token {
      case word(String)
      case mark(UInt8)
    }

    var rest: ArraySlice<UInt8>
    /// No text lacked its end.
    private(set) var isWhole = true

    init(rest: ArraySlice<UInt8>) {
      self.rest = rest
    }

    mutating func next() -> Token? {
      while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "#"): rest = rest.drop { $0 != 0x0a && $0 != 0x0d }
        case UInt8(ascii: "\""): skipText()
        case let byte where byte.isWordPart:
          let tail = rest.prefix(while: \.isWordPart)
          rest = rest[tail.endIndex...]
          return .word(String(decoding: [byte] + tail.prefix(32), as: UTF8.self))
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "("), UInt8(ascii: ")"): return .mark(byte)
        default: continue
        }
      }
      return nil
    }

    /// `"text"` with escapes, or `"""block"""`.
    private mutating func skipText() {
      let quotes = Array("\"\"\"".utf8)
      if rest.starts(with: quotes.dropFirst()) {
        rest = rest.dropFirst(2)
        return skip(to: quotes)
      }
      skip(to: [quotes[0]])
    }

    private mutating func skip(to end: [UInt8]) {
      while let byte = rest.first {
        if rest.starts(with: end) {
          rest = rest.dropFirst(end.count)
          return
        }
        rest = rest.dropFirst(byte == UInt8(ascii: "\\") ? 2 : 1)
      }
      isWhole = false
    }
  }
}

extension UInt8 {
  fileprivate var isWordPart: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
