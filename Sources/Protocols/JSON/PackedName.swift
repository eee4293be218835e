import Decode

/// A short ASCII name in four machine words, so that it is compared with a few instructions and without memory.
struct PackedName: Equatable, Sendable, BitwiseCopyable {
  /// The first 32 bytes, the first byte lowest, zeros behind the end.
  var words: InlineArray<4, UInt64>
  /// Bytes of the whole name; what is behind the 32nd is not kept.
  var count: Int

  static let capacity = 32

  /// The bytes of a string without escapes, as they stand there.
  @inline(__always)
  init(_ bytes: RawSpan, _ range: Range<Int>) {
    let start = range.lowerBound
    let end = range.upperBound
    words = [
      bytes.paddedWord(from: start, to: end), bytes.paddedWord(from: start &+ 8, to: end),
      bytes.paddedWord(from: start &+ 16, to: end), bytes.paddedWord(from: start &+ 24, to: end),
    ]
    count = range.count
  }

  /// The text of a string with escapes.
  init(unescaping bytes: RawSpan, _ range: Range<Int>) {
    self.init()
    var scalars = JSONScalars(bytes, range)
    while let scalar = scalars.next() {
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
    }
  }

  init(_ name: String) {
    self.init()
    for byte in name.utf8 { append(byte) }
  }

  private init() {
    words = [0, 0, 0, 0]
    count = 0
  }

  private mutating func append(_ byte: UInt8) {
    if count < Self.capacity { words[count &>> 3] |= UInt64(byte) &<< UInt64(truncatingIfNeeded: (count & 7) &* 8) }
    count &+= 1
  }

  @inline(__always)
  static func == (left: PackedName, right: PackedName) -> Bool {
    left.count == right.count && left.words[0] == right.words[0] && left.words[1] == right.words[1]
      && left.words[2] == right.words[2] && left.words[3] == right.words[3]
  }

  /// Whether this is a name of up to 16 bytes, given as two words.
  @inline(__always)
  func equals(_ first: UInt64, _ second: UInt64, count: Int) -> Bool {
    self.count == count && words[0] == first && words[1] == second
  }

  /// The name as text; what is no ASCII is marked.
  var text: String {
    var text = String.UnicodeScalarView()
    for index in 0..<min(count, Self.capacity) {
      let byte = UInt8(truncatingIfNeeded: words[index &>> 3] &>> UInt64(truncatingIfNeeded: (index & 7) &* 8))
      text.append(byte < 0x80 ? Unicode.Scalar(byte) : "\u{FFFD}")
    }
    return String(text)
  }

  /// The name with its ASCII letters in lower case.
  var lowercased: PackedName {
    var folded = self
    for index in 0..<4 { folded.words[index] = Self.lowercase(words[index]) }
    return folded
  }

  /// Whether this name starts with the whole of `prefix`.
  func hasPrefix(_ prefix: PackedName) -> Bool {
    guard count >= prefix.count, prefix.count <= Self.capacity else { return false }
    for index in 0..<4 {
      let kept = min(max(prefix.count &- index &* 8, 0), 8)
      let mask: UInt64 = kept == 8 ? .max : (1 &<< UInt64(truncatingIfNeeded: kept &* 8)) &- 1
      guard words[index] & mask == prefix.words[index] else { return false }
    }
    return true
  }

  /// Sets bit 5 of the bytes that are "A" to "Z", eight at once.
  private static func lowercase(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let seven = word & (ones &* 0x7f)
    let fromA = seven &+ (ones &* (0x80 - 0x41))
    let afterZ = seven &+ (ones &* (0x80 - 0x5b))
    return word | (((fromA & ~afterZ & ~word) & (ones &* 0x80)) &>> 2)
  }
}
