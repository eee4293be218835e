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

  /// Reads six pairs of hexadecimal digits with `:` between them all, or `-`.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8.prefix(18))
    guard bytes.count == 17, bytes[2] == UInt8(ascii: ":") || bytes[2] == UInt8(ascii: "-") else { return nil }
    var value: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      if index % 3 == 2 {
        guard byte == bytes[2] else { return nil }
      } else {
        guard let digit = byte.hexDigit else { return nil }
        value = value << 4 | UInt64(digit)
      }
    }
    self.init(rawValue: value)
  }
}
