import Glibc

/// What a name looks like.
enum NameShape {
  /// The part of a name that somebody registered, as far as the name tells: its last two labels, or three where the last but
  /// one is a country's usual second level (`co.uk`). A list of public suffixes would know more and be old tomorrow.
  static func domain(of name: String) -> Substring {
    let bytes = name.utf8.span
    let top = labelStart(bytes, end: bytes.count)
    guard top > 0 else { return name[...] }
    let second = labelStart(bytes, end: top - 1)
    guard second > 0 else { return name[...] }
    let secondLevel = name.utf8.index(name.startIndex, offsetBy: second)
    guard bytes.count - top == 2,
      secondLevels.contains(String(name[secondLevel..<name.utf8.index(name.startIndex, offsetBy: top - 1)]))
    else { return name[secondLevel...] }
    return name[name.utf8.index(name.startIndex, offsetBy: labelStart(bytes, end: second - 1))...]
  }

  /// Where the label begins that ends before `end`.
  private static func labelStart(_ name: borrowing Span<UInt8>, end: Int) -> Int {
    var start = end
    while start > 0, name[start - 1] != dot { start -= 1 }
    return start
  }

  private static let dot = UInt8(ascii: ".")

  private static let secondLevels: Set<String> = ["ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"]

  /// Whether what stands below the domain may be data: it is long, or has a label that looks random.
  static func isOdd(_ name: String, below domain: Substring) -> Bool {
    let count = name.utf8.count - domain.utf8.count
    guard count > 0 else { return false }
    if count > longPart { return true }
    let bytes = name.utf8.span
    var start = 0
    for end in 0...count where end == count || bytes[end] == dot {
      if end - start >= randomLabel, entropy(of: bytes.extracting(start..<end)) >= randomEntropy { return true }
      start = end + 1
    }
    return false
  }

  /// Bytes below the domain that no host needs: tunnels fill 100 and more.
  private static let longPart = 40
  /// A label of this length whose characters tell so many bits each is no word: base 32 gives 3.4 and more, hexadecimal 2.9.
  private static let randomLabel = 12
  private static let randomEntropy = 2.8

  /// Shannon's entropy of the bytes, in bits each.
  private static func entropy(of label: borrowing Span<UInt8>) -> Double {
    var counts = InlineArray<256, UInt32>(repeating: 0)
    for place in label.indices { counts[Int(label[place])] &+= 1 }
    let total = Double(label.count)
    var sum = 0.0
    for byte in 0..<256 where counts[byte] > 0 {
      let share = Double(counts[byte]) / total
      sum -= share * log2(share)
    }
    return sum
  }
}
