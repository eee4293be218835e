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
    guard begin(isObject: true, &position, &level, &message) else { return }
    while level.depth > 0 {
      let first = skipBlanks(bytes, &position)
      let start = position
      if first == UInt8(ascii: "\"") {
        guard let hasEscapes = string(bytes, &position, &message.faults) else { return stop(bytes, position, &message) }
        let content = JSONValue(.string, from: start &+ 1, to: position &- 1, hasEscapes: hasEscapes)
        if level.expectsKey {
          if level.depth == 1 { level.slot = slot(bytes, content, &message) }
          guard skipBlanks(bytes, &position) == UInt8(ascii: ":") else { return stop(bytes, position, &message) }
          position &+= 1
          level.expectsKey = false
          level.isEmpty = false
          continue
        }
        note(content, level, &message)
      } else if first == UInt8(ascii: "{") || first == UInt8(ascii: "["), !level.expectsKey {
        guard begin(isObject: first == UInt8(ascii: "{"), &position, &level, &message) else { return }
        continue
      } else if !level.isEmpty || first != level.closer {
        guard !level.expectsKey, let leaf = JSONLeaf.read(bytes, &position, first) else {
          return stop(bytes, position, &message)
        }
        note(JSONValue(leaf, from: start, to: position), level, &message)
      }
      guard end(bytes, &position, &level, &message) else { return stop(bytes, position, &message) }
    }
    message.outcome = .complete
    message.end = position
  }

  /// Where in the message the scanner is.
  private struct Level {
    var depth = 0
    /// A bit for each open level, the innermost lowest: 1 for an object.
    var open: UInt64 = 0
    /// Nothing stands in the innermost level yet, so it may end.
    var isEmpty = false
    /// A key comes next, not a value.
    var expectsKey = false
    var isInParameters = false
    /// The member of the outermost object that is being read.
    var slot = JSONMessage.Slot.other
    /// Where the open value at depth 1 and at depth 2 started.
    var memberStart = 0
    var elementStart = 0

    var isObject: Bool { open & 1 == 1 }
    var closer: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }
  }

  // MARK: Structure

  /// Opens a level.
  @inline(__always)
  private static func begin(
    isObject: Bool, _ position: inout Int, _ level: inout Level, _ message: inout JSONMessage
  ) -> Bool {
    guard level.depth < min(Limits.jsonDepth, 64) else {
      fail(.depth, at: position, &message)
      return false
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
    level.expectsKey = isObject
    position &+= 1
    return true
  }

  /// Behind a value, or in an empty level: reads the comma, or closes levels until a comma or the message's end.
  @inline(__always)
  private static func end(
    _ bytes: RawSpan, _ position: inout Int, _ level: inout Level, _ message: inout JSONMessage
  ) -> Bool {
    while level.depth > 0 {
      let byte = skipBlanks(bytes, &position)
      if byte == UInt8(ascii: ",") {
        position &+= 1
        level.isEmpty = false
        level.expectsKey = level.isObject
        return true
      }
      guard byte == level.closer else { return false }
      let kind: JSONKind = level.isObject ? .object : .array
      position &+= 1
      level.depth &-= 1
      level.open &>>= 1
      guard level.depth == 1 || level.depth == 2 else { continue }
      if level.depth == 1 { level.isInParameters = false }
      let start = level.depth == 1 ? level.memberStart : level.elementStart
      note(JSONValue(kind, from: start, to: position), level, &message)
    }
    return true
  }

  /// Takes note of a value that has ended.
  @inline(__always)
  private static func note(_ value: JSONValue, _ level: Level, _ message: inout JSONMessage) {
    if level.depth == 2 {
      if level.isInParameters { message.addParameter(value) }
    } else if level.depth == 1, level.slot != .other {
      if level.slot == .params, value.kind != .array { message.parameterCount = 0 }
      message.fill(level.slot, value)
    }
  }

  /// Tells which member a key names. Case is ignored, as cJSON's look-up does.
  @inline(__always)
  private static func slot(_ bytes: RawSpan, _ key: JSONValue, _ message: inout JSONMessage) -> JSONMessage.Slot {
    let range = key.range
    guard range.count <= 8, !key.hasEscapes else { return longSlot(bytes, key, &message) }
    // Bit 5 is set in every lower-case letter and in "-". What differs from a key in that bit alone is the key in another
    // case, or holds control characters.
    let word = bytes.paddedWord(from: range.lowerBound, to: range.upperBound)
    switch word | 0x2020_2020_2020_2020 {
    case 0x2020_2020_2020_6469: return range.count == 2 ? .id : .other
    case 0x2020_646f_6874_656d:
      guard range.count == 6 else { return .other }
      if word != 0x646f_6874_656d { message.hasLooseKey = true }
      return .method
    case 0x2020_736d_6172_6170: return range.count == 6 ? .params : .other
    case 0x2020_746c_7573_6572: return range.count == 6 ? .result : .other
    case 0x2020_2072_6f72_7265: return range.count == 5 ? .error : .other
    default: return .other
    }
  }

  /// The same for a key with escapes or of more than eight bytes.
  @inline(never)
  private static func longSlot(_ bytes: RawSpan, _ key: JSONValue, _ message: inout JSONMessage) -> JSONMessage.Slot {
    let name = PackedName(unescaping: bytes, key.range)
    let folded = name.lowercased
    guard let slot = JSONMessage.Slot.named.first(where: { $0.name == folded })?.slot else { return .other }
    if slot == .method, folded != name { message.hasLooseKey = true }
    return slot
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

  // MARK: Bytes

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
  private static func stop(_ bytes: RawSpan, _ position: Int, _ message: inout JSONMessage) {
    guard position >= bytes.byteCount else { return fail(.structure, at: position, &message) }
    message.outcome = .unfinished
    message.end = bytes.byteCount
  }

  private static func fail(_ fault: JSONFaults, at position: Int, _ message: inout JSONMessage) {
    message.faults.insert(fault)
    message.outcome = .broken
    message.end = position
  }
}
