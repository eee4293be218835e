/// HPACK's Huffman code (RFC 7541 Appendix B).
///
/// The code is canonical: among the codes of one length those of smaller symbols are smaller, and each length goes on where the
/// one before ended. So the lengths are all there is to write down.
enum HPACKHuffman {
  /// Bits of the code of each byte.
  private static let lengths: [UInt8] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
    28,
    28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6,
    6, 6,
    5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23,
    23, 23,
    23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23,
    22,
    22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22,
    25,
    26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22,
    21,
    21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  ]

  /// The codes of one length: the first of them, and the symbols in order.
  private struct Group: Sendable {
    var first: UInt32 = 0
    var symbols: [UInt8] = []
  }

  /// By length. The end-of-string symbol, the last of 30 bits, is left out: it must not occur (RFC 7541 §5.2).
  private static let groups: [Group] = {
    var groups: [Group] = []
    var code: UInt32 = 0
    for length in 0...30 {
      let symbols = lengths.indices.filter { lengths[$0] == length }.map { UInt8(truncatingIfNeeded: $0) }
      code <<= 1
      groups.append(Group(first: code, symbols: symbols))
      code += UInt32(symbols.count)
    }
    return groups
  }()

  /// - Returns: nil where the bits are no code, or the padding is not the start of the end-of-string symbol.
  static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    var text: [UInt8] = []
    var code: UInt32 = 0
    var length = 0
    for byte in bytes {
      for bit in (0..<8).reversed() {
        code = code << 1 | UInt32(byte >> UInt8(bit) & 1)
        length += 1
        guard length <= 30 else { return nil }
        let group = groups[length]
        guard code >= group.first, Int(code - group.first) < group.symbols.count else { continue }
        text.append(group.symbols[Int(code - group.first)])
        (code, length) = (0, 0)
      }
    }
    // Less than a byte of ones (RFC 7541 §5.2).
    guard length < 8, code == (1 << UInt32(length)) - 1 else { return nil }
    return text
  }
}
