/// A 48-bit link-layer address.
@frozen
public struct MACAddress: Hashable, Sendable, BitwiseCopyable {
  /// The six bytes as a number, first byte on the wire most significant.
  public let rawValue: UInt64

  @inlinable
  public init(rawValue: UInt64) {
    self.rawValue = rawValue & 0xffff_ffff_ffff
  }

  /// All zero: what a frame without Ethernet header has.
  @inlinable public static var none: MACAddress { MACAddress(rawValue: 0) }
}

extension MACAddress: CustomStringConvertible {
  /// Six pairs of lower-case hexadecimal digits with colons.
  public var description: String {
    (0..<6).map { index in
      let byte = UInt8(truncatingIfNeeded: rawValue >> UInt64(40 - 8 * index))
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined(separator: ":")
  }

  /// Reads six hexadecimal pairs separated by `:` or `-`.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: text.contains("-") ? "-" : ":", omittingEmptySubsequences: false)
    guard parts.count == 6, parts.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy(\.isHexDigit) }) else { return nil }
    self.init(rawValue: parts.reduce(UInt64(0)) { $0 << 8 | (UInt64($1, radix: 16) ?? 0) })
  }
}
