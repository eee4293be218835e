import Capture
import Decode

/// The characters of a JSON string, one by one, escapes undone (RFC 8259 §7).
///
/// What is no character, a broken UTF-8 sequence or half a surrogate pair, becomes U+FFFD.
struct JSONScalars: ~Escapable {
  private let bytes: RawSpan
  private var position: Int
  private let end: Int

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, _ range: Range<Int>) {
    self.bytes = bytes
    self.position = max(0, range.lowerBound)
    self.end = min(range.upperBound, bytes.byteCount)
  }

  mutating func next() -> Unicode.Scalar? {
    guard position < end else { return nil }
    let byte = bytes.byte(at: position)
    if byte == UInt8(ascii: "\\") { return escape() }
    let length = min(max(1, bytes.sequenceLength(at: position)), end &- position)
    defer { position &+= length }
    if byte < 0x80 { return Unicode.Scalar(byte) }
    guard length > 1 else { return "\u{FFFD}" }
    var value = UInt32(byte) & (0x7f &>> UInt32(length))
    for offset in 1..<length { value = value << 6 | UInt32(bytes.byte(at: position &+ offset) & 0x3f) }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  private mutating func escape() -> Unicode.Scalar {
    guard position &+ 1 < end else {
      position = end
      return "\\"
    }
    let letter = bytes.byte(at: position &+ 1)
    if letter == UInt8(ascii: "u") {
      let unit = Self.escapedUnit(in: bytes, at: position, to: end)
      position &+= unit.length
      return Unicode.Scalar(unit.value) ?? "\u{FFFD}"
    }
    position &+= 2
    switch letter {
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case 0x20..<0x80: return Unicode.Scalar(letter)
    default:
      // An escape of what cannot be escaped: the backslash alone, and the byte again in the next turn.
      position &-= 1
      return "\u{FFFD}"
    }
  }

  /// What a `\u` escape says, or two of them that make a surrogate pair.
  struct Unit {
    var value: UInt32 = 0xfffd
    /// Bytes that it takes.
    var length = 2
    var isMalformed = false
    var isLoneSurrogate = false
  }

  /// - Parameter position: of the backslash; a `u` follows it.
  static func escapedUnit(in bytes: RawSpan, at position: Int, to end: Int) -> Unit {
    var unit = Unit()
    guard end &- position >= 6, let first = bytes.hexQuad(at: position &+ 2) else {
      unit.isMalformed = true
      return unit
    }
    unit.length = 6
    switch first {
    case 0xd800..<0xdc00:
      guard end &- position >= 12, bytes.byte(at: position &+ 6) == UInt8(ascii: "\\"),
        bytes.byte(at: position &+ 7) == UInt8(ascii: "u"), let second = bytes.hexQuad(at: position &+ 8),
        0xdc00..<0xe000 ~= second
      else {
        unit.isLoneSurrogate = true
        return unit
      }
      unit.value = 0x10000 &+ ((first &- 0xd800) &<< 10) &+ (second &- 0xdc00)
      unit.length = 12
    case 0xdc00..<0xe000: unit.isLoneSurrogate = true
    default: unit.value = first
    }
    return unit
  }
}

/// Reading single values out of the bytes that a ``JSONMessage`` points into. Not for the hot path.
extension RawSpan {
  /// The text of a string, escapes undone, or of any other value as it is written. Cut, with a mark, where it would take more
  /// than ``Capture/Limits/wireText`` bytes.
  func text(_ value: JSONValue) -> String {
    text(value.range, limit: Limits.wireText)
  }

  func text(_ range: Range<Int>, limit: Int) -> String {
    // Nearly every text is plain ASCII, and nothing in it has to be undone.
    if range.count <= min(limit, Limits.wireText), endOfPlainText(from: range.lowerBound) >= range.upperBound {
      return extracting(range).wireText
    }
    var scalars = JSONScalars(self, range)
    var text = String.UnicodeScalarView()
    var length = 0
    while let scalar = scalars.next() {
      length &+= UTF8.width(scalar)
      guard length <= limit else {
        text.append("\u{2026}")
        break
      }
      text.append(scalar)
    }
    return String(text)
  }

  /// Whether the string's text is `expected`.
  func equals(_ value: JSONValue, _ expected: String) -> Bool {
    guard value.kind == .string else { return false }
    var scalars = JSONScalars(self, value.range)
    var others = expected.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == others.next() else { return false }
    }
    return others.next() == nil
  }

  /// The number, or the number that a string spells. Nil for anything else, also for what is not finite.
  func number(_ value: JSONValue) -> Double? {
    guard value.kind == .number || value.kind == .string, value.range.count <= 64 else { return nil }
    guard let number = Double(text(value)), number.isFinite else { return nil }
    return number
  }

  /// The whole number, or the whole number that a string spells in decimal. Nil for anything else and for what does not fit.
  func integer(_ value: JSONValue) -> Int? {
    guard value.kind == .number || value.kind == .string, value.range.count <= 64 else { return nil }
    let text = text(value)
    if let integer = Int(text) { return integer }
    guard value.kind == .number, let number = Double(text) else { return nil }
    return Int(exactly: number)
  }

  /// The 32 bits that a string of exactly eight hexadecimal digits stands for.
  func hexWord(_ value: JSONValue) -> UInt32? {
    guard value.kind == .string, !value.hasEscapes, value.range.count == 8 else { return nil }
    return wordOrLess(at: value.range.lowerBound).hexNumber
  }

  /// Whether the string is whole bytes in hexadecimal, at least one.
  func isHexBytes(_ value: JSONValue) -> Bool {
    guard value.kind == .string, !value.hasEscapes, !value.range.isEmpty, value.range.count % 2 == 0 else {
      return false
    }
    return value.range.allSatisfy { byte(at: $0).hexDigit != nil }
  }
}
