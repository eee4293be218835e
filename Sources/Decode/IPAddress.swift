/// An IPv4 or IPv6 address as two machine words.
///
/// IPv4 stands in its IPv4-mapped form, `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2), so that one comparison, one hash and one
/// prefix table serve both families.
@frozen
public struct IPAddress: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The first eight bytes on the wire, most significant first.
  public let high: UInt64
  public let low: UInt64

  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// - Parameter v4: the four bytes as a number, most significant first.
  @inlinable
  public init(v4: UInt32) {
    high = 0
    low = 0xffff_0000_0000 | UInt64(v4)
  }

  @inlinable
  public var isIPv4: Bool {
    high == 0 && low >> 32 == 0xffff
  }

  /// The IPv4 address as a number; meaningless when ``isIPv4`` is false.
  @inlinable
  public var v4: UInt32 {
    UInt32(truncatingIfNeeded: low)
  }

  @inlinable
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    left.high == right.high ? left.low < right.low : left.high < right.high
  }
}

extension IPAddress {
  /// `0.0.0.0` or `::`.
  public var isUnspecified: Bool {
    isIPv4 ? v4 == 0 : high == 0 && low == 0
  }

  /// `127.0.0.0/8` or `::1`.
  public var isLoopback: Bool {
    isIPv4 ? v4 >> 24 == 127 : high == 0 && low == 1
  }

  /// A group address: `224.0.0.0/4` (RFC 5771) or `ff00::/8` (RFC 4291 §2.7).
  public var isMulticast: Bool {
    isIPv4 ? v4 >> 28 == 0xe : high >> 56 == 0xff
  }

  /// Traffic to it never leaves the link: `255.255.255.255`, `169.254.0.0/16`, `224.0.0.0/24`, `fe80::/10`, `ff02::/16`
  /// and the interface-local `ff01::/16`.
  public var isLinkLocal: Bool {
    if isIPv4 {
      return v4 == .max || v4 >> 16 == 0xa9fe || v4 >> 8 == 0xe0_0000
    }
    let top = UInt16(truncatingIfNeeded: high >> 48)
    return top & 0xffc0 == 0xfe80 || top == 0xff02 || top == 0xff01
  }

  /// Addresses of private networks: RFC 1918, unique local IPv6 (RFC 4193), link-local and loopback.
  public var isPrivate: Bool {
    if isIPv4 {
      return v4 >> 24 == 10 || v4 >> 20 == 0xac1 || v4 >> 16 == 0xc0a8 || v4 >> 16 == 0xa9fe || v4 >> 24 == 127
    }
    return high >> 57 == 0x7e || high >> 54 == 0x3fa || isLoopback
  }
}

extension IPAddress: CustomStringConvertible {
  /// Dotted decimal, or RFC 5952 form for IPv6.
  public var description: String {
    if isIPv4 {
      return "\(v4 >> 24).\(v4 >> 16 & 0xff).\(v4 >> 8 & 0xff).\(v4 & 0xff)"
    }
    let groups = (0..<8).map { index in
      UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
    }
    // RFC 5952 §4.2: the longest run of two or more zero groups becomes "::", the first of equals.
    var best = 0..<0
    var start: Int?
    for index in 0...8 {
      if index < 8, groups[index] == 0 {
        start = start ?? index
      } else if let first = start {
        if index - first > max(best.count, 1) { best = first..<index }
        start = nil
      }
    }
    let text = { (range: Range<Int>) in groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
    return best.isEmpty ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
  }
}

extension IPAddress {
  /// Reads dotted decimal or any IPv6 spelling of RFC 4291 §2.2; no zone, no port, no brackets.
  ///
  /// An IPv4-mapped spelling gives the IPv4 address.
  public init?(_ text: some StringProtocol) {
    if let v4 = Self.parseIPv4(text) {
      self.init(v4: v4)
      return
    }
    guard let (high, low) = Self.parseIPv6(text) else { return nil }
    self.init(high: high, low: low)
  }

  private static func parseIPv4(_ text: some StringProtocol) -> UInt32? {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      // A leading zero reads as octal in some programs and as decimal in others: refuse it.
      guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      guard part.count == 1 || part.first != 0x30 else { return nil }
      let number = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
      guard number <= 255 else { return nil }
      value = value << 8 | number
    }
    return value
  }

  private static func parseIPv6(_ text: some StringProtocol) -> (UInt64, UInt64)? {
    guard text.utf8.count <= 45, text.utf8.contains(UInt8(ascii: ":")) else { return nil }
    var groups: [UInt16] = []
    var gap: Int?
    var rest = Substring(text)
    if rest.hasPrefix("::") {
      gap = 0
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty {
      guard groups.count < 8 else { return nil }
      let end = rest.firstIndex(of: ":") ?? rest.endIndex
      let part = rest[..<end]
      if end == rest.endIndex, let v4 = parseIPv4(part) {
        groups += [UInt16(truncatingIfNeeded: v4 >> 16), UInt16(truncatingIfNeeded: v4)]
        break
      }
      guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16)
      else { return nil }
      groups.append(group)
      rest = rest[end...].dropFirst()
      if end < text.endIndex, rest.isEmpty { return nil }
      if rest.hasPrefix(":") {
        guard gap == nil else { return nil }
        gap = groups.count
        rest = rest.dropFirst()
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
}
