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

  /// `100.64.0.0/10`: shared between a provider and its customers' routers, and of no use beyond (RFC 6598).
  public var isShared: Bool { isIPv4 && v4 >> 22 == 0x191 }

  /// The IPv4 address that a translator puts into the well-known prefix `64:ff9b::/96` (RFC 6052 §2.1); nil for any other.
  public var translated: IPAddress? {
    guard high == 0x0064_ff9b_0000_0000, low >> 32 == 0 else { return nil }
    return IPAddress(v4: UInt32(truncatingIfNeeded: low))
  }

  /// Addresses of private networks: RFC 1918, unique local IPv6 (RFC 4193), link-local and loopback.
  public var isPrivate: Bool {
    if isIPv4 {
      return v4 >> 24 == 10 || v4 >> 20 == 0xac1 || v4 >> 16 == 0xc0a8 || v4 >> 16 == 0xa9fe || v4 >> 24 == 127
    }
    return high >> 57 == 0x7e || high >> 54 == 0x3fa || isLoopback
  }
}
