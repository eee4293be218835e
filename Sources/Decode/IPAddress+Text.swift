extension IPAddress: CustomStringConvertible {
  /// Dotted decimal, or RFC 5952 form for IPv6.
  public var description: String {
    if isIPv4 {
      return "\(v4 >> 24).\(v4 >> 16 & 0xff).\(v4 >> 8 & 0xff).\(v4 & 0xff)"
    }
    let groups = (0..<8).map { index in
      UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
    }
    let text = { (range: Range<Int>) in groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
    let gap = Self.longestZeros(groups)
    return gap.isEmpty ? text(0..<8) : text(0..<gap.lowerBound) + "::" + text(gap.upperBound..<8)
  }

  /// The longest run of two or more zero groups, the first of equals (RFC 5952 §4.2); empty when there is none.
  private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
    var best = 0..<0
    var start: Int?
    for index in 0...groups.count {
      if index < groups.count, groups[index] == 0 {
        start = start ?? index
      } else if let first = start {
        if index - first > max(best.count, 1) { best = first..<index }
        start = nil
      }
    }
    return best
  }
}

extension IPAddress {
  /// Characters in the longest spelling: six groups of four digits and an IPv4 address.
  private static let longestText = 45

  /// Reads dotted decimal or any IPv6 spelling of RFC 4291 §2.2; no zone, no port, no brackets, no spaces.
  ///
  /// An IPv4-mapped spelling gives the IPv4 address.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8.prefix(Self.longestText + 1))
    guard bytes.count <= Self.longestText else { return nil }
    if let v4 = Self.parseIPv4(bytes[...]) {
      self.init(v4: v4)
    } else if let (high, low) = Self.parseIPv6(bytes[...]) {
      self.init(high: high, low: low)
    } else {
      return nil
    }
  }

  private static func parseIPv4(_ text: ArraySlice<UInt8>) -> UInt32? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      // A leading zero reads as octal in some programs and as decimal in others: refuse it.
      guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
      var number: UInt32 = 0
      for byte in part {
        guard let digit = byte.hexDigit, digit < 10 else { return nil }
        number = number * 10 + UInt32(digit)
      }
      guard number <= 255 else { return nil }
      value = value << 8 | number
    }
    return value
  }

  private static func parseIPv6(_ text: ArraySlice<UInt8>) -> (high: UInt64, low: UInt64)? {
    let colon = UInt8(ascii: ":")
    var groups: [UInt16] = []
    // Where "::" stands, in groups.
    var gap: Int?
    var rest = text
    if rest.starts(with: [colon, colon]) {
      gap = 0
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty {
      let part = rest.prefix { $0 != colon }
      rest = rest[part.endIndex...]
      if rest.isEmpty, let v4 = parseIPv4(part) {
        groups += [UInt16(truncatingIfNeeded: v4 >> 16), UInt16(truncatingIfNeeded: v4)]
        break
      }
      guard let group = parseGroup(part) else { return nil }
      groups.append(group)
      if rest.isEmpty { break }
      rest = rest.dropFirst()
      if rest.first == colon {
        guard gap == nil else { return nil }
        gap = groups.count
        rest = rest.dropFirst()
      } else if rest.isEmpty {
        return nil
      }
    }
    if let gap {
      guard groups.count < 8 else { return nil }
      groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
    }
    guard groups.count == 8 else { return nil }
    let word = { (range: Range<Int>) in groups[range].reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
    return (word(0..<4), word(4..<8))
  }

  /// One to four hexadecimal digits.
  private static func parseGroup(_ text: ArraySlice<UInt8>) -> UInt16? {
    guard (1...4).contains(text.count) else { return nil }
    var value: UInt16 = 0
    for byte in text {
      guard let digit = byte.hexDigit else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }
}
