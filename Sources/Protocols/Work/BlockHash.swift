import Decode

/// The hash of a block, as block explorers print it: most significant byte first.
package struct BlockHash: Hashable, Sendable, BitwiseCopyable {
  /// Eight bytes each, the most significant ones first.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  package init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
    words = (first, second, third, fourth)
  }

  /// As `mining.notify` has it: 64 hexadecimal digits, eight groups of four bytes, the least significant group first.
  ///
  /// - Returns: nil for anything else.
  init?(_ bytes: RawSpan, _ value: JSONValue) {
    guard value.kind == .string, !value.hasEscapes, value.range.count == 64 else { return nil }
    var words: InlineArray<4, UInt64> = [0, 0, 0, 0]
    for group in 0..<8 {
      let start = value.range.lowerBound &+ group &* 8
      guard let high = bytes.hexQuad(at: start), let low = bytes.hexQuad(at: start &+ 4) else { return nil }
      let place = (7 &- group) &>> 1
      words[place] = words[place] &<< 32 | UInt64(high &<< 16 | low)
    }
    // Two groups a word, and the second of them is the more significant: swapped back.
    for place in 0..<4 { words[place] = words[place] &<< 32 | words[place] &>> 32 }
    self.init(words[0], words[1], words[2], words[3])
  }

  /// As Stratum V2 has it (U256): 32 bytes, the least significant first.
  ///
  /// - Parameter offset: 32 bytes follow from there on.
  init(_ bytes: RawSpan, at offset: Int) {
    self.init(
      bytes.word(at: offset &+ 24), bytes.word(at: offset &+ 16), bytes.word(at: offset &+ 8), bytes.word(at: offset))
  }

  package static func == (left: BlockHash, right: BlockHash) -> Bool { left.words == right.words }

  package func hash(into hasher: inout Hasher) {
    // Proof of work leaves the first bytes zero; the last ones tell blocks apart.
    hasher.combine(words.3)
    hasher.combine(words.2)
  }

  /// Its first 32 bits are zero: so are all that difficulty 1 asks for.
  var isBelowFirstTarget: Bool { words.0 >> 32 == 0 }

  /// 64 hexadecimal digits.
  package var text: String {
    [words.0, words.1, words.2, words.3].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
