import Capture
import Decode

/// Reads one JSON object in place: checks it (RFC 8259) and notes where the parts of a JSON-RPC message are.
///
/// One pass, no recursion, no allocation. What stands open is a bit per level, 1 for an object. A line feed ends a Stratum
/// message wherever it stands, so the scanner stops there; it need not be told where the line ends.
enum JSONScanner {
  /// The message whose `{` is at `start`.
  static func scan(_ bytes: RawSpan, from start: Int) -> JSONMessage {
    var message = JSONMessage()
    scan(bytes, from: start, into: &message)
    return message
  }

  /// - Parameters:
  ///   - start: offset of the `{`.
  ///   - message: filled in; what it held is forgotten.
  static func scan(_ bytes: RawSpan, from start: Int, into message: inout JSONMessage) {
    message.clear()
    var position = start
    guard position < bytes.byteCount else { return }
    guard bytes.byteCount < JSONValue.spanLimit, bytes.byte(at: position) == UInt8(ascii: "{") else {
      return fail(.structure, at: position, &message)
    }
    var level = Level()
    while true {
      // A value has just begun or ended, and `position` is where it says. What comes next?
      guard let kind = value(bytes, &position, &level, &message) else { return }
      if kind == .object || kind == .array { continue }
      guard ends(bytes, &position, &level, &message) else { return }
      if level.depth == 0 {
        message.outcome = .complete
        message.end = position
        return
      }
    }
  }

  /// Where in the message the scanner is.
  private struct Level {
    var depth = 0
    /// A bit for each open level, the innermost lowest: 1 for an object.
    var open: UInt64 = 0
    /// Nothing stands in the innermost level yet, so it may end.
    var isEmpty = false
    var isInParameters = false
    /// The member of the outermost object that is being read.
    var slot = JSONMessage.Slot.other
    /// Where the open value at depth 1 and at depth 2 started.
    var memberStart = 0
    var elementStart = 0

    var isObject: Bool { open & 1 == 1 }
  }

  // MARK: Structure

  /// Reads a key where one is due, and then a value: whole, or only its opening bracket.
  ///
  /// - Returns: the kind, or ``JSONKind/missing`` for the end of an empty container; nil when reading stopped.
  @inline(__always)
  private static func value(
    _ bytes: RawSpan, _ position: inout Int, _ level: inout Level, _ message: inout JSONMessage
  ) -> JSONKind? {
    var first = skipBlanks(bytes, &position)
    if level.isObject {
      if level.isEmpty, first == UInt8(ascii: "}") { return .missing }
      guard first == UInt8(ascii: "\""), key(bytes, &position, &level, &message) else {
        return stop(bytes, position, &message)
      }
      first = skipBlanks(bytes, &position)
    }
    let start = position
    let kind: JSONKind
    var hasEscapes = false
    var shrink = 0
    switch first {
    case UInt8(ascii: "\""):
      guard let escapes = string(bytes, &position, &message.faults) else { return stop(bytes, position, &message) }
      (kind, hasEscapes, shrink) = (.string, escapes, 1)
    case UInt8(ascii: "{"), UInt8(ascii: "["): return begin(first == UInt8(ascii: "{"), &position, &level, &message)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      guard number(bytes, &position) else { return stop(bytes, position, &message) }
      kind = .number
    case UInt8(ascii: "]") where level.isEmpty && !level.isObject: return .missing
    default:
      kind = literal(bytes, &position, first)
      if kind == .missing { return stop(bytes, position, &message) }
    }
    level.isEmpty = false
    note(JSONValue(kind, from: start &+ shrink, to: position &- shrink, hasEscapes: hasEscapes), level, &message)
    return kind
  }

  /// Behind a value: reads the comma, or closes levels until a comma or the message's end.
  @inline(__always)
  private static func ends(
    _ bytes: RawSpan, _ position: inout Int, _ level: inout Level, _ message: inout JSONMessage
  ) -> Bool {
    while level.depth > 0 {
      let byte = skipBlanks(bytes, &position)
      if byte == UInt8(ascii: ","), !level.isEmpty {
        position &+= 1
        return true
      }
      guard byte == (level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
        _ = stop(bytes, position, &message)
        return false
      }
      let kind: JSONKind = level.isObject ? .object : .array
      position &+= 1
      level.depth &-= 1
      level.open &>>= 1
      level.isEmpty = false
      guard level.depth == 1 || level.depth == 2 else { continue }
      if level.depth == 1 { level.isInParameters = false }
      let start = level.depth == 1 ? level.memberStart : level.elementStart
      note(JSONValue(kind, from: start, to: position), level, &message)
    }
    return true
  }

  private static func begin(
    _ isObject: Bool, _ position: inout Int, _ level: inout Level, _ message: inout JSONMessage
  ) -> JSONKind? {
    guard level.depth < min(Limits.jsonDepth, 64) else {
      fail(.depth, at: position, &message)
      return nil
    }
    if level.depth == 1 {
      level.memberStart = position
      if level.slot == .params {
        level.isInParameters = !isObject
        message.parameterCount = 0
      }
    } else if level.depth == 2 {
      level.elementStart = position
    }
    level.depth &+= 1
    level.open = level.open &<< 1 | (isObject ? 1 : 0)
    level.isEmpty = true
    position &+= 1
    return isObject ? .object : .array
  }

  /// Takes note of a value that has ended.
  @inline(__always)
  private static func note(_ value: JSONValue, _ level: Level, _ message: inout JSONMessage) {
    if level.depth == 2 {
      if level.isInParameters { message.addParameter(value) }
    } else if level.depth == 1 {
      if level.slot == .params, value.kind != .array { message.parameterCount = 0 }
      message.fill(level.slot, value)
    }
  }

  /// Reads a key with its colon.
  @inline(__always)
  private static func key(
    _ bytes: RawSpan, _ position: inout Int, _ level: inout Level, _ message: inout JSONMessage
  ) -> Bool {
    let start = position &+ 1
    guard let hasEscapes = string(bytes, &position, &message.faults) else { return false }
    if level.depth == 1 { level.slot = slot(bytes, start..<position &- 1, hasEscapes: hasEscapes, &message) }
    guard skipBlanks(bytes, &position) == UInt8(ascii: ":") else { return false }
    position &+= 1
    return true
  }

  /// Tells which member a key names. Case is ignored, as cJSON's look-up does.
  @inline(__always)
  private static func slot(
    _ bytes: RawSpan, _ key: Range<Int>, hasEscapes: Bool, _ message: inout JSONMessage
  ) -> JSONMessage.Slot {
    guard !hasEscapes else { return escapedSlot(bytes, key, &message) }
    let first = bytes.paddedWord(from: key.lowerBound, to: key.upperBound)
    let second = key.count > 8 ? bytes.paddedWord(from: key.lowerBound &+ 8, to: key.upperBound) : 0
    return slot(first, second, count: key.count, &message)
  }

  @inline(never)
  private static func escapedSlot(_ bytes: RawSpan, _ key: Range<Int>, _ message: inout JSONMessage) -> JSONMessage.Slot
  {
    let name = PackedName(unescaping: bytes, key)
    return slot(name.words[0], name.words[1], count: name.count, &message)
  }

  @inline(__always)
  private static func slot(
    _ first: UInt64, _ second: UInt64, count: Int, _ message: inout JSONMessage
  ) -> JSONMessage.Slot {
    // Bit 5 is set in every lower-case letter and in "-". What differs from a key in that bit alone is the key in another
    // case, or holds control characters.
    switch (count, first | 0x2020_2020_2020_2020) {
    case (2, 0x2020_2020_2020_6469): return .id
    case (6, 0x2020_646f_6874_656d):
      if first != 0x646f_6874_656d { message.hasLooseKey = true }
      return .method
    case (6, 0x2020_736d_6172_6170): return .params
    case (6, 0x2020_746c_7573_6572): return .result
    case (5, 0x2020_2072_6f72_7265): return .error
    case (13, 0x722d_7463_656a_6572) where second | 0x2020_2020_2020_2020 == 0x2020_206e_6f73_6165: return .rejectReason
    default: return .other
    }
  }

  // MARK: Leaves

  /// Reads from the opening quote on behind the closing one. Returns whether there was a backslash, or nil when it does not end.
  @inline(__always)
  private static func string(_ bytes: RawSpan, _ position: inout Int, _ faults: inout JSONFaults) -> Bool? {
    position = bytes.endOfPlainText(from: position &+ 1)
    if position < bytes.byteCount, bytes.byte(at: position) == UInt8(ascii: "\"") {
      position &+= 1
      return false
    }
    let rest = JSONString.rest(bytes, from: position)
    position = rest.end
    faults.formUnion(rest.faults)
    return rest.isWhole ? rest.hasEscapes : nil
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  @inline(__always)
  private static func number(_ bytes: RawSpan, _ position: inout Int) -> Bool {
    if current(bytes, position) == UInt8(ascii: "-") { position &+= 1 }
    if current(bytes, position) == UInt8(ascii: "0") {
      position &+= 1
    } else if !digits(bytes, &position) {
      return false
    }
    let next = current(bytes, position)
    guard next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") else { return true }
    return fraction(bytes, &position)
  }

  private static func fraction(_ bytes: RawSpan, _ position: inout Int) -> Bool {
    if current(bytes, position) == UInt8(ascii: ".") {
      position &+= 1
      guard digits(bytes, &position) else { return false }
    }
    guard current(bytes, position) | 0x20 == UInt8(ascii: "e") else { return true }
    position &+= 1
    if current(bytes, position) == UInt8(ascii: "+") || current(bytes, position) == UInt8(ascii: "-") { position &+= 1 }
    return digits(bytes, &position)
  }

  @inline(__always)
  private static func digits(_ bytes: RawSpan, _ position: inout Int) -> Bool {
    let start = position
    while current(bytes, position).isDigit { position &+= 1 }
    return position > start
  }

  /// `true`, `false` or `null`; missing when it is none of them. Then the position is at the line feed or at the end when the
  /// literal may only be cut off.
  @inline(__always)
  private static func literal(_ bytes: RawSpan, _ position: inout Int, _ first: UInt8) -> JSONKind {
    let left = bytes.byteCount &- position
    guard left >= 4 else { return cutLiteral(bytes, &position, first) }
    switch bytes.uint32(at: position) {
    case 0x7472_7565:
      position &+= 4
      return .true
    case 0x6e75_6c6c:
      position &+= 4
      return .null
    case 0x6661_6c73 where left == 4: return cutLiteral(bytes, &position, first)
    case 0x6661_6c73 where bytes.byte(at: position &+ 4) == UInt8(ascii: "e"):
      position &+= 5
      return .false
    default: return .missing
    }
  }

  private static func cutLiteral(_ bytes: RawSpan, _ position: inout Int, _ first: UInt8) -> JSONKind {
    guard first == UInt8(ascii: "t") || first == UInt8(ascii: "f") || first == UInt8(ascii: "n") else {
      return .missing
    }
    position = bytes.lineFeed(from: position) ?? bytes.byteCount
    return .missing
  }

  // MARK: Bytes

  /// The byte at the position, 0 at the end.
  @inline(__always)
  private static func current(_ bytes: RawSpan, _ position: Int) -> UInt8 {
    position < bytes.byteCount ? bytes.byte(at: position) : 0
  }

  /// Skips blanks and returns the byte that follows, 0 at the end. Stands still at a line feed.
  @inline(__always)
  private static func skipBlanks(_ bytes: RawSpan, _ position: inout Int) -> UInt8 {
    while position < bytes.byteCount {
      let byte = bytes.byte(at: position)
      if byte > 0x20 { return byte }
      guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") else { return byte }
      position &+= 1
    }
    return 0
  }

  /// Ends the reading: either the bytes ran out, or what stands here does not belong here.
  @inline(never)
  private static func stop(_ bytes: RawSpan, _ position: Int, _ message: inout JSONMessage) -> JSONKind? {
    if position >= bytes.byteCount {
      message.outcome = .unfinished
      message.end = bytes.byteCount
    } else {
      fail(.structure, at: position, &message)
    }
    return nil
  }

  private static func fail(_ fault: JSONFaults, at position: Int, _ message: inout JSONMessage) {
    message.faults.insert(fault)
    message.outcome = .broken
    message.end = position
  }
}
