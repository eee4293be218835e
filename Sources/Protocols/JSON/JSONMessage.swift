/// What a JSON value is, as its first byte tells.
enum JSONKind: UInt8, Sendable, BitwiseCopyable {
  case missing, string, number, object, array, `true`, `false`, null

  /// The kind with this number, of which only the lowest three bits count. Spelled out, because the initialiser that the
  /// compiler makes is a call.
  @inline(__always)
  init(lowestBitsOf number: UInt32) {
    switch number & 7 {
    case 0: self = .missing
    case 1: self = .string
    case 2: self = .number
    case 3: self = .object
    case 4: self = .array
    case 5: self = .true
    case 6: self = .false
    default: self = .null
    }
  }
}

/// Where a value stands in the bytes it was read from.
///
/// Offsets count from the start of the span that was scanned. A string's range leaves out its quotes.
struct JSONValue: Equatable, Sendable, BitwiseCopyable {
  private let start: UInt32
  /// From the highest bit: whether there are escapes, three bits of kind, 28 bits of length. One word holds a value then, and
  /// a message is filled in with one store each.
  private let rest: UInt32

  /// Spans must be shorter than this, in bytes.
  static var spanLimit: Int { 1 << 28 }

  static var missing: JSONValue { JSONValue(.missing, from: 0, to: 0) }

  @inline(__always)
  init(_ kind: JSONKind, from start: Int, to end: Int, hasEscapes: Bool = false) {
    self.start = UInt32(truncatingIfNeeded: start)
    let length = UInt32(truncatingIfNeeded: end &- start) & 0xfff_ffff
    rest = length | UInt32(kind.rawValue) &<< 28 | (hasEscapes ? 1 &<< 31 : 0)
  }

  @inline(__always)
  var kind: JSONKind { JSONKind(lowestBitsOf: rest &>> 28) }
  @inline(__always)
  var isMissing: Bool { rest & 0x7000_0000 == 0 }
  /// A string that contains a backslash, so its bytes are not its text.
  var hasEscapes: Bool { rest &>> 31 != 0 }
  @inline(__always)
  private var length: Int { Int(rest & 0xfff_ffff) }

  @inline(__always)
  var range: Range<Int> { Int(start)..<Int(start) &+ length }
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
struct JSONMessage: ~Copyable {
  enum Outcome: UInt8, Sendable, BitwiseCopyable {
    /// The object is whole; it ends before ``end``.
    case complete
    /// The bytes ran out inside it, without a line feed.
    case unfinished
    /// A line feed or an error stands at ``end``.
    case broken
  }

  /// A member of the outermost object that is read.
  enum Slot: Int {
    case id, method, params, result, error, rejectReason
    /// The first `method` and the first `params` where they stand there twice.
    case firstMethod, firstParams
    case other

    /// ``other`` has none.
    @inline(__always)
    fileprivate var bit: UInt8 { 1 << UInt8(truncatingIfNeeded: rawValue) }

    static let named: [(name: PackedName, slot: Slot)] = [
      (PackedName("id"), .id), (PackedName("method"), .method), (PackedName("params"), .params),
      (PackedName("result"), .result), (PackedName("error"), .error), (PackedName("reject-reason"), .rejectReason),
    ]
  }

  var outcome = Outcome.unfinished
  var faults: JSONFaults = []
  /// `method` is written in another case than the protocol does; cJSON's look-up ignores that, jansson's does not.
  var hasLooseKey = false
  /// Offset of the brace that opens the object.
  var start = 0
  /// Offset behind the last byte read.
  var end = 0
  /// Where the object stands.
  var text: Range<Int> { start..<end }
  /// Which of the members are there, a bit each; the others are old.
  private var present: UInt8 = 0
  private var members = InlineArray<8, JSONValue>(repeating: .missing)
  /// How many elements the array `params` has.
  var parameterCount = 0
  /// The first ten of them. Bitcoin's longest message, `mining.notify`, has nine. What is behind the count is old.
  private var parameters = InlineArray<10, JSONValue>(repeating: .missing)

  subscript(slot: Slot) -> JSONValue {
    @inline(__always) get { present & slot.bit == 0 ? .missing : members[slot.rawValue] }
  }

  var id: JSONValue { self[.id] }
  var method: JSONValue { self[.method] }
  var params: JSONValue { self[.params] }
  var result: JSONValue { self[.result] }
  var error: JSONValue { self[.error] }

  /// The parameter at `index` of the array `params`; missing when there is none or it is not among the first ten.
  @inline(__always)
  func parameter(_ index: Int) -> JSONValue {
    index < min(parameterCount, 10) ? parameters[index] : .missing
  }

  // MARK: Filling in

  /// Ready for the next message, which begins at `start`.
  @inline(__always)
  mutating func clear(from start: Int) {
    self.start = start
    outcome = .unfinished
    faults = []
    hasLooseKey = false
    end = 0
    parameterCount = 0
    present = 0
  }

  /// Says the same as another message, of bytes that are equal.
  mutating func become(_ other: borrowing JSONMessage) {
    outcome = other.outcome
    faults = other.faults
    hasLooseKey = other.hasLooseKey
    start = other.start
    end = other.end
    present = other.present
    members = other.members
    parameterCount = other.parameterCount
    parameters = other.parameters
  }

  @inline(__always)
  mutating func addParameter(_ value: JSONValue) {
    if parameterCount < 10 { parameters[parameterCount] = value }
    parameterCount &+= 1
  }

  @inline(__always)
  mutating func fill(_ slot: Slot, _ value: JSONValue) {
    if present & slot.bit != 0 { refill(slot) }
    set(slot, value)
  }

  @inline(__always)
  private mutating func set(_ slot: Slot, _ value: JSONValue) {
    members[slot.rawValue] = value
    present |= slot.bit
  }

  @inline(never)
  private mutating func refill(_ slot: Slot) {
    faults.insert(.duplicateKey)
    switch slot {
    case .method where self[.firstMethod].kind == .missing: set(.firstMethod, method)
    case .params where self[.firstParams].kind == .missing: set(.firstParams, params)
    default: break
    }
  }

  /// Makes the first `method` and `params` the only ones.
  ///
  /// - Parameter bytes: what the message was read from.
  /// - Returns: the message as who finds the first of two keys reads it.
  func first(_ bytes: RawSpan) -> JSONMessage {
    var message = JSONMessage()
    message.hasLooseKey = hasLooseKey
    message.members = members
    message.present = present
    if self[.firstMethod].kind == .string { message.set(.method, self[.firstMethod]) }
    if self[.firstParams].kind != .missing { message.set(.params, self[.firstParams]) }
    guard message.params.kind == .array else { return message }
    var children = JSONChildren(bytes, of: message.params)
    while let child = children.next() { message.addParameter(child.value) }
    return message
  }
}
