/// What a JSON value is, as its first byte tells.
enum JSONKind: UInt8, Sendable, BitwiseCopyable {
  case missing, string, number, object, array, `true`, `false`, null
}

/// Where a value stands in the bytes it was read from.
///
/// Offsets count from the start of the span that was scanned. A string's range leaves out its quotes.
struct JSONValue: Equatable, Sendable, BitwiseCopyable {
  var start: UInt32
  var end: UInt32
  var kind: JSONKind
  /// A string that contains a backslash, so its bytes are not its text.
  var hasEscapes: Bool

  static var missing: JSONValue { JSONValue(start: 0, end: 0, kind: .missing, hasEscapes: false) }

  var range: Range<Int> { Int(start)..<max(Int(start), Int(end)) }
  /// Absent or `null`: the two ways to say nothing.
  var isNothing: Bool { kind == .missing || kind == .null }
}

/// What is wrong with the bytes of a message.
struct JSONFaults: OptionSet, Sendable, BitwiseCopyable {
  let rawValue: UInt8

  /// The grammar is broken, and reading stopped there.
  static let structure = JSONFaults(rawValue: 1 << 0)
  /// Deeper than ``Capture/Limits/jsonDepth``, and reading stopped there.
  static let depth = JSONFaults(rawValue: 1 << 1)
  /// A raw control character or an unknown escape inside a string. jansson refuses it, cJSON reads on, so do we.
  static let text = JSONFaults(rawValue: 1 << 2)
  /// A string is not UTF-8 (RFC 3629), or escapes half a surrogate pair. Read on.
  static let encoding = JSONFaults(rawValue: 1 << 3)
  /// One of the keys that are read stands there twice: jansson keeps the last, cJSON finds the first.
  static let duplicateKey = JSONFaults(rawValue: 1 << 4)
}

/// One JSON-RPC message, not copied: where the parts of its outermost object are.
struct JSONMessage: Sendable, BitwiseCopyable {
  enum Outcome: UInt8, Sendable, BitwiseCopyable {
    /// The object is whole; it ends before ``end``.
    case complete
    /// The bytes ran out inside it, without a line feed.
    case unfinished
    /// A line feed or an error stands at ``end``.
    case broken
  }

  var outcome = Outcome.unfinished
  var faults: JSONFaults = []
  /// `method` is written in another case than the protocol does; cJSON's look-up ignores that, jansson's does not.
  var hasLooseKey = false
  /// Offset behind the last byte read.
  var end = 0

  var id = JSONValue.missing
  var method = JSONValue.missing
  var params = JSONValue.missing
  var result = JSONValue.missing
  var error = JSONValue.missing
  var rejectReason = JSONValue.missing
  /// The first `method` and `params` where they stand there twice; otherwise missing.
  var firstMethod = JSONValue.missing
  var firstParams = JSONValue.missing

  /// How many elements the array `params` has.
  var parameterCount = 0
  /// The first ten of them. Bitcoin's longest message, `mining.notify`, has nine.
  var parameters = InlineArray<10, JSONValue>(repeating: .missing)

  /// The parameter at `index` of the array `params`; missing when there is none or it is not among the first ten.
  func parameter(_ index: Int) -> JSONValue {
    index < min(parameterCount, 10) ? parameters[index] : .missing
  }
}

/// How the scanner fills it in.
extension JSONMessage {
  /// A member of the outermost object.
  enum Slot: UInt8 { case id, method, params, result, error, rejectReason, other }

  /// Tells which member a key names. Case is ignored, as cJSON's look-up does.
  ///
  /// - Parameters:
  ///   - first: the key's first eight bytes, the first one lowest, zeros behind its end.
  ///   - second: the next eight.
  @inline(__always)
  mutating func slot(_ first: UInt64, _ second: UInt64, count: Int) -> Slot {
    // Bit 5 is set in every lower-case letter and in "-". What differs from a key in that bit alone is the key in another
    // case, or holds control characters.
    switch (count, first | 0x2020_2020_2020_2020) {
    case (2, 0x2020_2020_2020_6469): return .id
    case (6, 0x2020_646f_6874_656d):
      if first != 0x646f_6874_656d { hasLooseKey = true }
      return .method
    case (6, 0x2020_736d_6172_6170): return .params
    case (6, 0x2020_746c_7573_6572): return .result
    case (5, 0x2020_2072_6f72_7265): return .error
    case (13, 0x722d_7463_656a_6572) where second | 0x2020_2020_2020_2020 == 0x2020_206e_6f73_6165: return .rejectReason
    default: return .other
    }
  }

  mutating func fill(_ slot: Slot, _ value: JSONValue) {
    switch slot {
    case .other: return
    case .id: Self.replace(&id, value, &faults)
    case .method:
      if firstMethod.kind == .missing { firstMethod = method }
      Self.replace(&method, value, &faults)
    case .params:
      if firstParams.kind == .missing { firstParams = params }
      Self.replace(&params, value, &faults)
      if value.kind != .array { parameterCount = 0 }
    case .result: Self.replace(&result, value, &faults)
    case .error: Self.replace(&error, value, &faults)
    case .rejectReason: Self.replace(&rejectReason, value, &faults)
    }
  }

  @inline(__always)
  private static func replace(_ member: inout JSONValue, _ value: JSONValue, _ faults: inout JSONFaults) {
    if member.kind != .missing { faults.insert(.duplicateKey) }
    member = value
  }
}
