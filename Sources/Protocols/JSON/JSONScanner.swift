import Capture
import Decode

/// Reads one JSON object in place: checks it (RFC 8259) and notes where the parts of a JSON-RPC message are.
///
/// One pass, no recursion, no allocation. What stands open is a bit per level, 1 for an object. A line feed ends a Stratum
/// message wherever it stands, so the scanner stops there; it need not be told where the line ends.
struct JSONScanner: ~Escapable {
  private let bytes: RawSpan
  private var position: Int
  private var message = JSONMessage()
  private var depth = 0
  private var open: UInt64 = 0
  /// Which member of the outermost object is being read.
  private var slot = JSONMessage.Slot.other
  private var isInParameters = false
  private var memberStart = 0
  private var elementStart = 0

  private enum Phase { case value, valueOrEnd, key, keyOrEnd, next, done, stopped }

  /// - Parameter start: offset of the `{`.
  static func scan(_ bytes: RawSpan, from start: Int) -> JSONMessage {
    var scanner = JSONScanner(bytes, at: start)
    scanner.run()
    return scanner.message
  }

  @_lifetime(copy bytes)
  private init(_ bytes: RawSpan, at start: Int) {
    self.bytes = bytes
    self.position = start
  }

  private mutating func run() {
    // Offsets are kept in 32 bits. No stream buffer comes near; a span that did would be read up to there.
    guard position < bytes.byteCount else { return }
    guard bytes.byteCount < Int(UInt32.max), bytes.byte(at: position) == UInt8(ascii: "{") else {
      return fail(.structure)
    }
    var phase = begin(isObject: true)
    while true {
      switch phase {
      case .value, .valueOrEnd: phase = value(mayEnd: phase == .valueOrEnd)
      case .key, .keyOrEnd: phase = key(mayEnd: phase == .keyOrEnd)
      case .next: phase = next()
      case .done:
        message.outcome = .complete
        message.end = position
        return
      case .stopped: return
      }
    }
  }

  // MARK: Structure

  @inline(__always)
  private mutating func value(mayEnd: Bool) -> Phase {
    let first = nextByte()
    switch first {
    case UInt8(ascii: "\""):
      position &+= 1
      let start = position
      guard let hasEscapes = string() else { return .stopped }
      note(.string, from: start, to: position &- 1, hasEscapes: hasEscapes)
      return .next
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
    case UInt8(ascii: "["): return begin(isObject: false)
    case UInt8(ascii: "{"): return begin(isObject: true)
    case UInt8(ascii: "t"): return literal(0x7472_7565, tail: 0, .true)
    case UInt8(ascii: "f"): return literal(0x6661_6c73, tail: UInt8(ascii: "e"), .false)
    case UInt8(ascii: "n"): return literal(0x6e75_6c6c, tail: 0, .null)
    case UInt8(ascii: "]") where mayEnd: return close(isObject: false)
    default: return stop()
    }
  }

  @inline(__always)
  private mutating func key(mayEnd: Bool) -> Phase {
    let first = nextByte()
    guard first == UInt8(ascii: "\"") else {
      return mayEnd && first == UInt8(ascii: "}") ? close(isObject: true) : stop()
    }
    position &+= 1
    let start = position
    guard let hasEscapes = string() else { return .stopped }
    if depth == 1 { select(start..<position &- 1, hasEscapes: hasEscapes) }
    guard nextByte() == UInt8(ascii: ":") else { return stop() }
    position &+= 1
    return .value
  }

  @inline(__always)
  private mutating func next() -> Phase {
    let byte = nextByte()
    let isObject = open & 1 == 1
    if byte == UInt8(ascii: ",") {
      position &+= 1
      return isObject ? .key : .value
    }
    return byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) ? close(isObject: isObject) : stop()
  }

  private mutating func begin(isObject: Bool) -> Phase {
    guard depth < min(Limits.jsonDepth, 64) else {
      fail(.depth)
      return .stopped
    }
    if depth == 1 {
      memberStart = position
      if slot == .params, !isObject {
        isInParameters = true
        message.parameterCount = 0
      }
    } else if depth == 2 {
      elementStart = position
    }
    depth &+= 1
    open = open &<< 1 | (isObject ? 1 : 0)
    position &+= 1
    return isObject ? .keyOrEnd : .valueOrEnd
  }

  private mutating func close(isObject: Bool) -> Phase {
    depth &-= 1
    open &>>= 1
    position &+= 1
    guard depth > 0 else { return .done }
    if depth == 1 { isInParameters = false }
    if depth <= 2 {
      note(isObject ? .object : .array, from: depth == 1 ? memberStart : elementStart, to: position, hasEscapes: false)
    }
    return .next
  }

  // MARK: Leaves

  /// Reads on behind the closing quote. Returns whether there was a backslash, or nil when the string does not end.
  @inline(__always)
  private mutating func string() -> Bool? {
    position = bytes.endOfPlainText(from: position)
    if position < bytes.byteCount, bytes.byte(at: position) == UInt8(ascii: "\"") {
      position &+= 1
      return false
    }
    return unusualString()
  }

  /// The rest of a string that holds something other than plain ASCII.
  @inline(never)
  private mutating func unusualString() -> Bool? {
    var hasEscapes = false
    while true {
      position = bytes.endOfPlainText(from: position)
      guard position < bytes.byteCount else {
        _ = stop()
        return nil
      }
      switch bytes.byte(at: position) {
      case UInt8(ascii: "\""):
        position &+= 1
        return hasEscapes
      case UInt8(ascii: "\\"):
        hasEscapes = true
        escape()
      case UInt8(ascii: "\n"):
        _ = stop()
        return nil
      case 0x00..<0x20:
        message.faults.insert(.text)
        position &+= 1
      default:
        let length = bytes.sequenceLength(at: position)
        if length == 0 { message.faults.insert(.encoding) }
        position &+= max(length, 1)
      }
    }
  }

  private mutating func escape() {
    let behind = position &+ 1
    // The caller notices the end of the bytes, or the line feed, in its next turn.
    guard behind < bytes.byteCount, bytes.byte(at: behind) != UInt8(ascii: "\n") else { return position &+= 1 }
    switch bytes.byte(at: behind) {
    case UInt8(ascii: "u"):
      let escaped = JSONScalars.escapedUnit(in: bytes, at: position, to: bytes.byteCount)
      if escaped.isMalformed { message.faults.insert(.text) }
      if escaped.isLoneSurrogate { message.faults.insert(.encoding) }
      position &+= escaped.length
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      position &+= 2
    default:
      message.faults.insert(.text)
      position &+= 1
    }
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  private mutating func number() -> Phase {
    let start = position
    if current == UInt8(ascii: "-") { position &+= 1 }
    if current == UInt8(ascii: "0") {
      position &+= 1
    } else if !digits() {
      return stop()
    }
    if current == UInt8(ascii: ".") {
      position &+= 1
      guard digits() else { return stop() }
    }
    if current | 0x20 == UInt8(ascii: "e") {
      position &+= 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position &+= 1 }
      guard digits() else { return stop() }
    }
    note(.number, from: start, to: position, hasEscapes: false)
    return .next
  }

  @inline(__always)
  private mutating func digits() -> Bool {
    let start = position
    while current.isDigit { position &+= 1 }
    return position > start
  }

  /// - Parameter head: its first four bytes in network order; `tail` the fifth, or 0 when there is none.
  @inline(__always)
  private mutating func literal(_ head: UInt32, tail: UInt8, _ kind: JSONKind) -> Phase {
    let length = tail == 0 ? 4 : 5
    guard bytes.byteCount &- position >= length else { return unfinishedLiteral() }
    guard bytes.uint32(at: position) == head, tail == 0 || bytes.byte(at: position &+ 4) == tail else { return stop() }
    note(kind, from: position, to: position &+ length, hasEscapes: false)
    position &+= length
    return .next
  }

  /// Fewer bytes are left than the literal has: the line ends here, or goes on in the next segment.
  private mutating func unfinishedLiteral() -> Phase {
    position = bytes.lineFeed(from: position) ?? bytes.byteCount
    return stop()
  }

  // MARK: What is noted

  /// Takes note of a value that has ended.
  @inline(__always)
  private mutating func note(_ kind: JSONKind, from start: Int, to end: Int, hasEscapes: Bool) {
    let value = JSONValue(
      start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end), kind: kind, hasEscapes: hasEscapes
    )
    if depth == 2 {
      guard isInParameters else { return }
      if message.parameterCount < 10 { message.parameters[message.parameterCount] = value }
      message.parameterCount &+= 1
    } else if depth == 1 {
      message.fill(slot, value)
    }
  }

  /// Tells which member a key of the outermost object names. Case is ignored, as cJSON's look-up does.
  @inline(__always)
  private mutating func select(_ key: Range<Int>, hasEscapes: Bool) {
    if hasEscapes {
      let name = PackedName(unescaping: bytes, key)
      slot = message.slot(name.words[0], name.words[1], count: name.count)
      return
    }
    let first = bytes.paddedWord(from: key.lowerBound, to: key.upperBound)
    let second = key.count > 8 ? bytes.paddedWord(from: key.lowerBound &+ 8, to: key.upperBound) : 0
    slot = message.slot(first, second, count: key.count)
  }

  // MARK: Bytes

  /// The byte at the position, 0 at the end.
  @inline(__always)
  private var current: UInt8 { position < bytes.byteCount ? bytes.byte(at: position) : 0 }

  /// Skips blanks and returns the byte that follows, 0 at the end. Stands still at a line feed.
  @inline(__always)
  private mutating func nextByte() -> UInt8 {
    while position < bytes.byteCount {
      let byte = bytes.byte(at: position)
      guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") else { return byte }
      position &+= 1
    }
    return 0
  }

  /// Ends the reading: either the bytes ran out, or what stands here does not belong here.
  private mutating func stop() -> Phase {
    if position >= bytes.byteCount {
      message.outcome = .unfinished
      message.end = bytes.byteCount
    } else {
      fail(.structure)
    }
    return .stopped
  }

  private mutating func fail(_ fault: JSONFaults) {
    message.faults.insert(fault)
    message.outcome = .broken
    message.end = position
  }
}
