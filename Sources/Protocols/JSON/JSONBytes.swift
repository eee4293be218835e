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
    guard byteCount &- start >= 16 else { return endOfShortText(from: start) }
    // Most strings are that short.
    let hits = Self.special(word(at: start))
    let next = Self.special(word(at: start &+ 8))
    guard hits | next != 0 else { return endOfLongText(from: start &+ 16) }
    let bits = hits != 0 ? hits.trailingZeroBitCount : 64 &+ next.trailingZeroBitCount
    return start &+ (bits &>> 3)
  }

  /// The same, 32 bytes a step.
  @inline(never)
  private func endOfLongText(from start: Int) -> Int {
    var position = start
    while byteCount &- position >= 32 {
      let hits = Self.special(fourWords(at: position))
      if hits[0] | hits[1] | hits[2] | hits[3] != 0 { return position &+ Self.firstByte(of: hits) }
      position &+= 32
    }
    return endOfShortText(from: position)
  }

  /// Which byte the lowest bit stands in.
  @inline(__always)
  private static func firstByte(of hits: SIMD4<UInt64>) -> Int {
    if hits[0] != 0 { return hits[0].trailingZeroBitCount &>> 3 }
    if hits[1] != 0 { return 8 &+ hits[1].trailingZeroBitCount &>> 3 }
    if hits[2] != 0 { return 16 &+ hits[2].trailingZeroBitCount &>> 3 }
    return 24 &+ hits[3].trailingZeroBitCount &>> 3
  }

  /// The same, eight bytes a step and then byte by byte.
  @inline(never)
  private func endOfShortText(from start: Int) -> Int {
    var position = start
    while byteCount &- position >= 8 {
      let hits = Self.special(word(at: position))
      if hits != 0 { return position &+ (hits.trailingZeroBitCount &>> 3) }
      position &+= 8
    }
    while position < byteCount, Self.isPlain(byte(at: position)) { position &+= 1 }
    return position
  }

  /// Offset of the first line feed at or after `start`, or nil.
  func lineFeed(from start: Int) -> Int? {
    var position = max(0, start)
    let count = byteCount
    while count &- position >= 8 {
      let hits = Self.zeroBytes(word(at: position) ^ 0x0a0a_0a0a_0a0a_0a0a)
      if hits != 0 { return position &+ (hits.trailingZeroBitCount &>> 3) }
      position &+= 8
    }
    while position < count {
      if byte(at: position) == UInt8(ascii: "\n") { return position }
      position &+= 1
    }
    return nil
  }

  /// The top bit of each byte that is 0; of those above the first one, perhaps also of others.
  @inline(__always)
  static func zeroBytes(_ word: UInt64) -> UInt64 {
    (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
  }

  /// Up to eight bytes from `start` on and before `end`, zeros above them.
  @inline(__always)
  func paddedWord(from start: Int, to end: Int) -> UInt64 {
    let wanted = end &- start
    guard wanted > 0 else { return 0 }
    let whole = wordOrLess(at: start)
    return wanted >= 8 ? whole : whole & ((1 &<< UInt64(truncatingIfNeeded: wanted &* 8)) &- 1)
  }

  /// The eight bytes from `start` on, zeros above the last when there are fewer.
  @inline(__always)
  func wordOrLess(at start: Int) -> UInt64 {
    byteCount &- start >= 8 ? word(at: start) : lastWord(at: start)
  }

  /// The same where fewer than eight bytes are left: what stands before them is shifted out.
  @inline(never)
  private func lastWord(at start: Int) -> UInt64 {
    let left = byteCount &- start
    guard left > 0 else { return 0 }
    if byteCount >= 8 { return word(at: byteCount &- 8) &>> UInt64(truncatingIfNeeded: (8 &- left) &* 8) }
    var word: UInt64 = 0
    for offset in stride(from: left &- 1, through: 0, by: -1) { word = word &<< 8 | UInt64(byte(at: start &+ offset)) }
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

  /// The same in each of four words.
  @inline(__always)
  private static func special(_ words: SIMD4<UInt64>) -> SIMD4<UInt64> {
    let ones = SIMD4<UInt64>(repeating: 0x0101_0101_0101_0101)
    let quoteOrControl = (words ^ (ones &* 0x02)) &- (ones &* 0x21)
    let backslash = (words ^ (ones &* 0x5c)) &- ones
    return (quoteOrControl | backslash | words) & (ones &* 0x80)
  }

  @inline(__always)
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }
}

extension UInt8 {
  var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
}

extension UInt64 {
  /// The number that the eight bytes spell as hexadecimal digits, the lowest byte first; nil when one of them is none.
  ///
  /// Each byte is looked at by additions that carry into its highest bit, never into the next byte.
  var hexNumber: UInt32? {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let folded = self | (ones &* 0x20)
    let isDigit = (self &+ (ones &* 0x50)) & ~(self &+ (ones &* 0x46))
    let isLetter = (folded &+ (ones &* 0x1f)) & ~(folded &+ (ones &* 0x19)) & (ones &* 0x80)
    guard self & (ones &* 0x80) == 0, (isDigit | isLetter) & (ones &* 0x80) == ones &* 0x80 else { return nil }
    var digits = (self & (ones &* 0x0f)) &+ (isLetter &>> 7) &* 9
    digits = (digits &<< 4 | digits &>> 8) & 0x00ff_00ff_00ff_00ff
    digits = (digits | digits &>> 8) & 0x0000_ffff_0000_ffff
    return UInt32(truncatingIfNeeded: digits | digits &>> 16).byteSwapped
  }
}
