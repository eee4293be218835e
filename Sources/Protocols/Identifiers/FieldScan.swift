import Decode

/// Finds serial numbers by the names of their fields, in JSON, forms, headers and XML alike: a word, then `:` or `=`, or `>` where it is
/// an element's name, then a value.
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
  /// The first eight bytes of the word's last part, in lower case. A part begins behind `_` or `-`, or with a capital behind a small
  /// letter.
  private var part: UInt64 = 0
  private var partLength: UInt8 = 0
  private var wordLength: UInt8 = 0
  private var isBehindSmall = false
  /// A part before the last one names a serial number, or the word before did.
  private var hasSerialPart = false
  private var isBehindSerial = false
  /// The word is the name of an element in XML.
  private var isElement = false
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
      } else {
        isElement = byte == UInt8(ascii: "<")
      }
    case .afterWord:
      if byte == UInt8(ascii: ":") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: ">") && isElement {
        beginValue()
      } else if isWordByte {
        let isBehindSerial = isSerialName
        beginWord()
        self.isBehindSerial = isBehindSerial
        extendWord(byte)
      } else if !Self.isFiller(byte) {
        beginWord()
        isElement = byte == UInt8(ascii: "<")
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
    let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    let isMark = byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    if isMark || isCapital && isBehindSmall {
      hasSerialPart = hasSerialPart || isSerialPart
      (part, partLength) = (0, 0)
    }
    if !isMark {
      if partLength < 8 { part = part << 8 | UInt64(isCapital ? byte | 0x20 : byte) }
      partLength = min(partLength &+ 1, .max - 1)
    }
    isBehindSmall = !isCapital && !isMark
    isID = wordLength == 0 ? byte == UInt8(ascii: "I") : wordLength == 1 && isID && byte == UInt8(ascii: "D")
    wordLength = min(wordLength &+ 1, .max - 1)
  }

  private mutating func beginValue() {
    let isSerial = isSerialName
    isChip = isID
    guard isSerial || isChip else { return beginWord() }
    phase = .beforeValue
  }

  /// `sn`, `minerSn`, `psu_serial_no` and the like, and `number` behind such a word.
  private var isSerialName: Bool { hasSerialPart || isSerialPart || isBehindSerial && isNumber }

  /// `sn`, and all that begins with `serial`.
  private var isSerialPart: Bool {
    if partLength == 2 { return part == 0x736e }
    guard partLength >= 6 else { return false }
    return part >> (UInt64(min(partLength, 8) - 6) * 8) == 0x7365_7269_616c
  }

  /// `no`, `num` and `number`.
  private var isNumber: Bool { part == 0x6e6f || part == 0x6e_756d || part == 0x6e75_6d62_6572 }

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
