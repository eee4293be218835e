import Decode

/// Word-at-a-time search: eight bytes are looked at with a handful of instructions.
///
/// `word` holds its first byte in the lowest bits. A subtraction can borrow into the byte above a hit, so hits above the first
/// one may be false; the first one never is.
extension RawSpan {
  /// Offset of the first byte at or after `start` that ends a run of plain text in a JSON string: a quote, a backslash, a control
  /// character or a byte of a multi-byte character. ``byteCount`` when there is none.
  @inline(__always)
  func endOfPlainText(from start: Int) -> Int {
    var position = start
    let count = byteCount
    if count &- position >= 8 {
      // Most strings are that short.
      let hits = Self.special(word(at: position))
      if hits != 0 { return position &+ (hits.trailingZeroBitCount &>> 3) }
      position &+= 8
    }
    while count &- position >= 16 {
      let hits = Self.special(word(at: position))
      let next = Self.special(word(at: position &+ 8))
      if hits | next != 0 {
        let bits = hits != 0 ? hits.trailingZeroBitCount : 64 &+ next.trailingZeroBitCount
        return position &+ (bits &>> 3)
      }
      position &+= 16
    }
    if count &- position >= 8 {
      let hits = Self.special(word(at: position))
      if hits != 0 { return position &+ (hits.trailingZeroBitCount &>> 3) }
      position &+= 8
    }
    while position < count, Self.isPlain(byte(at: position)) { position &+= 1 }
    return position
  }

  /// Offset of the first line feed at or after `start`, or nil.
  func lineFeed(from start: Int) -> Int? {
    var position = max(0, start)
    let count = byteCount
    while count &- position >= 8 {
      let difference = word(at: position) ^ (0x0a0a_0a0a_0a0a_0a0a as UInt64)
      let hits = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
      if hits != 0 { return position &+ (hits.trailingZeroBitCount &>> 3) }
      position &+= 8
    }
    while position < count {
      if byte(at: position) == UInt8(ascii: "\n") { return position }
      position &+= 1
    }
    return nil
  }

  /// Up to eight bytes from `start` on and before `end`, zeros above them.
  @inline(__always)
  func paddedWord(from start: Int, to end: Int) -> UInt64 {
    let wanted = min(end, byteCount) &- start
    guard wanted > 0 else { return 0 }
    if byteCount &- start >= 8 {
      let whole = word(at: start)
      return wanted >= 8 ? whole : whole & ((1 &<< UInt64(truncatingIfNeeded: wanted &* 8)) &- 1)
    }
    var word: UInt64 = 0
    for offset in stride(from: wanted &- 1, through: 0, by: -1) {
      word = word &<< 8 | UInt64(byte(at: start &+ offset))
    }
    return word
  }

  /// Length of the well-formed UTF-8 sequence at `position` (RFC 3629 §4), or 0 when it is none.
  func sequenceLength(at position: Int) -> Int {
    let first = byte(at: position)
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xbf
    switch first {
    case 0x00...0x7f: return 1
    case 0xc2...0xdf: length = 2
    case 0xe0: (length, second) = (3, 0xa0...0xbf)  // shorter forms exist for what is below
    case 0xed: (length, second) = (3, 0x80...0x9f)  // surrogates are above
    case 0xe1...0xef: length = 3
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)  // U+10FFFF is the last
    case 0xf1...0xf3: length = 4
    default: return 0
    }
    guard byteCount &- position >= length, second.contains(byte(at: position &+ 1)) else { return 0 }
    for offset in 2..<max(length, 2) where byte(at: position &+ offset) & 0xc0 != 0x80 { return 0 }
    return length
  }

  /// The value of four hexadecimal digits at `position`, or nil.
  func hexQuad(at position: Int) -> UInt32? {
    guard byteCount &- position >= 4 else { return nil }
    var value: UInt32 = 0
    for offset in 0..<4 {
      guard let digit = byte(at: position &+ offset).hexDigit else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// The highest bit of every byte that ends plain text, and maybe of others above the first of them.
  @inline(__always)
  static func special(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    // Flipping bit 1 puts the quote at 0x20, right above the control characters: one subtraction finds both.
    let quoteOrControl = (word ^ (ones &* 0x02)) &- (ones &* 0x21)
    let backslash = (word ^ (ones &* 0x5c)) &- ones
    return (quoteOrControl | backslash | word) & (ones &* 0x80)
  }

  @inline(__always)
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }
}

extension UInt8 {
  /// What the ASCII hexadecimal digit stands for.
  var hexDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self &- UInt8(ascii: "a") &+ 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self &- UInt8(ascii: "A") &+ 10
    default: nil
    }
  }

  var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
}
