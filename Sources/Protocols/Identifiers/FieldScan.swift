import Decode

/// Finds serial numbers by the names of their fields, in JSON, forms and headers alike: a word, then `:` or `=`, then a value.
///
/// It keeps a few bytes and no text, so that it can go on from one segment to the next.
struct FieldScan: BitwiseCopyable {
  private enum Phase: UInt8, BitwiseCopyable {
    case word
    /// Behind a word: quotes and blanks, and then perhaps a colon.
    case afterWord
    /// Behind the colon.
    case beforeValue
    case value
  }

  /// Shortest value that is a serial number, and that is a chip's.
  private static let serialLength: UInt8 = 8
  private static let chipLength: UInt8 = 16
  private static let longestValue: UInt8 = 40

  private var phase = Phase.word
  /// The first eight bytes of the word in lower case, and its last three.
  private var head: UInt64 = 0
  private var tail: UInt32 = 0
  private var wordLength: UInt8 = 0
  /// The word is `ID`, in capitals.
  private var isID = false
  private var isChip = false
  private var length: UInt8 = 0
  private var digits: UInt8 = 0
  private var hasLetter = false
  private var isHex = true
  private var first: UInt8 = 0
  private var isVaried = false

  /// Nothing of a field was seen yet.
  var isFresh: Bool { phase == .word && wordLength == 0 }

  /// Takes in the next byte.
  ///
  /// - Returns: what ended with the byte before this one, and its length.
  mutating func read(_ byte: UInt8) -> (kind: DeviceIdentifier.Kind, length: Int)? {
    let isWordByte = Self.isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    switch phase {
    case .word:
      if isWordByte {
        extendWord(byte)
      } else if wordLength > 0 {
        phase = .afterWord
        return read(byte)
      }
    case .afterWord:
      if byte == UInt8(ascii: ":") || byte == UInt8(ascii: "=") {
        beginValue()
      } else if isWordByte {
        beginWord()
        extendWord(byte)
      } else if !Self.isFiller(byte) {
        beginWord()
      }
    case .beforeValue:
      if isWordByte {
        phase = .value
        extendValue(byte)
      } else if !Self.isFiller(byte) {
        beginWord()
      }
    case .value:
      if isWordByte {
        extendValue(byte)
      } else {
        defer { beginWord() }
        return verdict
      }
    }
    return nil
  }

  /// What the bytes end with.
  var verdict: (kind: DeviceIdentifier.Kind, length: Int)? {
    guard phase == .value, isVaried, length <= Self.longestValue else { return nil }
    if isChip { return length >= Self.chipLength && isHex ? (.chip, Int(length)) : nil }
    // Letters and at least four digits: a number alone may count anything.
    return length >= Self.serialLength && digits >= 4 && hasLetter ? (.serial, Int(length)) : nil
  }

  private mutating func beginWord() {
    self = FieldScan()
  }

  private mutating func extendWord(_ byte: UInt8) {
    let folded = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    if wordLength < 8 { head = head << 8 | UInt64(folded) }
    tail = tail << 8 | UInt32(folded)
    isID = wordLength == 0 ? byte == UInt8(ascii: "I") : wordLength == 1 && isID && byte == UInt8(ascii: "D")
    wordLength = min(wordLength &+ 1, .max - 1)
  }

  private mutating func beginValue() {
    let isSerial = isSerialName
    isChip = isID
    guard isSerial || isChip else { return beginWord() }
    phase = .beforeValue
  }

  /// `sn`, `miner_sn` and the like, and all that begins with `serial`.
  private var isSerialName: Bool {
    if wordLength == 2 { return head == 0x736e }
    if wordLength > 2, tail & 0xff_ffff == 0x5f_736e || tail & 0xff_ffff == 0x2d_736e { return true }
    guard wordLength >= 6 else { return false }
    let kept = min(wordLength, 8)
    return head >> (UInt64(kept - 6) * 8) == 0x7365_7269_616c
  }

  private mutating func extendValue(_ byte: UInt8) {
    if length == 0 { first = byte } else if byte != first { isVaried = true }
    length = min(length &+ 1, Self.longestValue + 1)
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digits = min(digits &+ 1, .max - 1)
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): hasLetter = true
    case UInt8(ascii: "-"), UInt8(ascii: "_"): isHex = false
    default: (hasLetter, isHex) = (true, false)
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }

  /// Quotes, blanks and the backslash of a quoted quote.
  private static func isFiller(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\\")
      || byte == UInt8(ascii: "\t")
  }
}
