import Capture
import Decode

/// Reads one JSON object in place: checks it (RFC 8259) and notes where the parts of a JSON-RPC message are.
///
/// One pass, no recursion, no allocation. The two outer levels, the members and the parameters, are read straight on; what is
/// deeper goes to ``JSONNesting``. A line feed ends a Stratum message wherever it stands, so the scanner stops there; it need
/// not be told where the line ends.
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
  @inline(never)
  static func scan(_ bytes: RawSpan, from start: Int, into message: inout JSONMessage) {
    message.clear(from: start)
    var position = start
    guard position < bytes.byteCount else { return }
    guard bytes.byteCount < JSONValue.spanLimit, bytes.byte(at: position) == UInt8(ascii: "{") else {
      message.faults = .structure
      message.outcome = .broken
      message.end = position
      return
    }
    position &+= 1
    if members(bytes, &position, &message) {
      message.outcome = .complete
      message.end = position
    } else {
      stop(bytes, position, &message)
    }
  }

  // MARK: Structure

  /// Reads from behind the outermost `{` on behind its end. Returns false where what stands at the position does not belong there.
  @inline(__always)
  private static func members(_ bytes: RawSpan, _ position: inout Int, _ message: inout JSONMessage) -> Bool {
    var first = bytes.skipBlanks(&position)
    if first == UInt8(ascii: "}") {
      position &+= 1
      return true
    }
    while first == UInt8(ascii: "\""), let slot = commonKey(bytes, &position) ?? key(bytes, &position, &message) {
      let next = bytes.skipBlanks(&position)
      let value: JSONValue
      if slot == .params, next == UInt8(ascii: "[") {
        let parameters = parameters(bytes, from: position, &message)
        value = parameters.isWhole ? JSONValue(.array, from: position, to: parameters.end) : .missing
        position = parameters.end
      } else {
        if slot == .params { message.parameterCount = 0 }
        value = Self.value(next, bytes, &position, depth: 1, &message.faults)
      }
      guard !value.isMissing else { return false }
      if slot != .other { message.fill(slot, value) }
      if bytes.skipsToString(&position) {
        first = UInt8(ascii: "\"")
        continue
      }
      switch bytes.skipBlanks(&position) {
      case UInt8(ascii: ","): position &+= 1
      case UInt8(ascii: "}"):
        position &+= 1
        return true
      default: return false
      }
      first = bytes.skipBlanks(&position)
    }
    return false
  }

  /// Reads the array `params`.
  @inline(never)
  private static func parameters(
    _ bytes: RawSpan, from start: Int, _ message: inout JSONMessage
  ) -> (end: Int, isWhole: Bool) {
    var position = start
    message.parameterCount = 0
    let isWhole = parameters(bytes, &position, &message)
    return (position, isWhole)
  }

  @inline(__always)
  private static func parameters(_ bytes: RawSpan, _ position: inout Int, _ message: inout JSONMessage) -> Bool {
    position &+= 1
    var first = bytes.skipBlanks(&position)
    if first == UInt8(ascii: "]") {
      position &+= 1
      return true
    }
    while true {
      let value = value(first, bytes, &position, depth: 2, &message.faults)
      guard !value.isMissing else { return false }
      message.addParameter(value)
      if bytes.skipsToString(&position) {
        first = UInt8(ascii: "\"")
        continue
      }
      switch bytes.skipBlanks(&position) {
      case UInt8(ascii: ","): position &+= 1
      case UInt8(ascii: "]"):
        position &+= 1
        return true
      default: return false
      }
      first = bytes.skipBlanks(&position)
    }
  }

  /// Reads a value with everything inside it; missing when it is none.
  ///
  /// - Parameters:
  ///   - first: the byte at the position.
  ///   - depth: levels open around it.
  @inline(__always)
  private static func value(
    _ first: UInt8, _ bytes: RawSpan, _ position: inout Int, depth: Int, _ faults: inout JSONFaults
  ) -> JSONValue {
    let start = position
    switch first {
    case UInt8(ascii: "\""): return JSONString.read(bytes, &position, &faults)
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      guard JSONNesting.read(bytes, &position, depth: depth, &faults) else { return .missing }
      return JSONValue(first == UInt8(ascii: "[") ? .array : .object, from: start, to: position)
    default:
      let kind = JSONLeaf.read(bytes, &position, first)
      return JSONValue(kind, from: start, to: position)
    }
  }

  // MARK: Keys

  /// The keys as nearly everybody writes them, the colon right behind the quote: one comparison each. Nil for any other; then
  /// the position is where it was.
  @inline(__always)
  private static func commonKey(_ bytes: RawSpan, _ position: inout Int) -> JSONMessage.Slot? {
    let start = position &+ 1
    let word = bytes.wordOrLess(at: start)
    switch word {
    case 0x3a22_646f_6874_656d:
      position = start &+ 8
      return .method
    case 0x3a22_736d_6172_6170:
      position = start &+ 8
      return .params
    case 0x3a22_746c_7573_6572:
      position = start &+ 8
      return .result
    case _ where UInt32(truncatingIfNeeded: word) == 0x3a22_6469:
      position = start &+ 4
      return .id
    case _ where word &<< 8 == 0x3a22_726f_7272_6500:
      position = start &+ 7
      return .error
    default: return nil
    }
  }

  /// Reads a key and its colon, and tells which member it names; nil when one of them is not there.
  private static func key(_ bytes: RawSpan, _ position: inout Int, _ message: inout JSONMessage) -> JSONMessage.Slot? {
    let key = key(bytes, from: position, &message)
    position = key.end
    return key.isWhole ? key.slot : nil
  }

  // What comes back comes in registers: a position that is lent out would be kept in memory.
  @inline(never)
  private static func key(
    _ bytes: RawSpan, from opening: Int, _ message: inout JSONMessage
  ) -> (slot: JSONMessage.Slot, end: Int, isWhole: Bool) {
    let start = opening &+ 1
    let word = bytes.wordOrLess(at: start)
    let hits = RawSpan.special(word)
    let bits = UInt64(truncatingIfNeeded: hits.trailingZeroBitCount & 0x38)
    var (slot, position) = (JSONMessage.Slot.other, opening)
    if hits != 0, UInt8(truncatingIfNeeded: word &>> bits) == UInt8(ascii: "\"") {
      position = start &+ Int(truncatingIfNeeded: bits &>> 3) &+ 1
      slot = Self.slot(word, (1 &<< bits) &- 1, &message)
    } else {
      let long = longKey(bytes, from: opening, &message)
      (slot, position) = (long.slot, long.end)
      guard long.isWhole else { return long }
    }
    guard bytes.skipBlanks(&position) == UInt8(ascii: ":") else { return (slot, position, false) }
    return (slot, position &+ 1, true)
  }

  /// Tells which member a key of less than eight bytes names. Case is ignored, as cJSON's look-up does.
  ///
  /// - Parameter mask: all bits of the key's bytes.
  @inline(__always)
  private static func slot(_ word: UInt64, _ mask: UInt64, _ message: inout JSONMessage) -> JSONMessage.Slot {
    // Bit 5 is set in every lower-case letter. What differs from a key in that bit alone is the key in another case.
    switch (word | 0x2020_2020_2020_2020) & mask {
    case 0x6469: return .id
    case 0x646f_6874_656d:
      if word & mask != 0x646f_6874_656d { message.hasLooseKey = true }
      return .method
    case 0x736d_6172_6170: return .params
    case 0x746c_7573_6572: return .result
    case 0x72_6f72_7265: return .error
    default: return .other
    }
  }

  /// The same for a key that is longer, that has escapes or other characters, or that ends close to the end of the bytes.
  @inline(never)
  private static func longKey(
    _ bytes: RawSpan, from start: Int, _ message: inout JSONMessage
  ) -> (slot: JSONMessage.Slot, end: Int, isWhole: Bool) {
    var position = start
    let key = JSONString.read(bytes, &position, &message.faults)
    guard key.kind == .string else { return (.other, position, false) }
    let name = PackedName(unescaping: bytes, key.range)
    let folded = name.lowercased
    guard let slot = JSONMessage.Slot.named.first(where: { $0.name == folded })?.slot else {
      return (.other, position, true)
    }
    if slot == .method, folded != name { message.hasLooseKey = true }
    return (slot, position, true)
  }

  // MARK: Ending

  /// Ends the reading: either the bytes ran out, or what stands here does not belong here.
  @inline(never)
  private static func stop(_ bytes: RawSpan, _ position: Int, _ message: inout JSONMessage) {
    if message.faults.contains(.depth) {
      message.outcome = .broken
      message.end = position
    } else if position >= bytes.byteCount {
      message.outcome = .unfinished
      message.end = bytes.byteCount
    } else {
      message.faults.insert(.structure)
      message.outcome = .broken
      message.end = position
    }
  }
}

extension RawSpan {
  /// Skips a comma that a quote follows, with no blank between: what stands behind most values.
  @inline(__always)
  func skipsToString(_ position: inout Int) -> Bool {
    guard byteCount &- position >= 2, uint16(at: position) == 0x2c22 else { return false }
    position &+= 1
    return true
  }

  /// Skips blanks and returns the byte that follows, 0 at the end. Stands still at a line feed.
  @inline(__always)
  func skipBlanks(_ position: inout Int) -> UInt8 {
    while position < byteCount {
      let byte = byte(at: position)
      if byte > 0x20 { return byte }
      guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") else { return byte }
      position &+= 1
    }
    return 0
  }
}
