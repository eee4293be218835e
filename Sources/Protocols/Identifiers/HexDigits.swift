import Decode

/// Hexadecimal digits as they go by, whatever separates pairs of them: `:`, `-`, `.`, `_`, a blank, or one of these percent-encoded.
struct HexDigits: BitwiseCopyable {
  private var value: UInt64 = 0
  private var count: UInt8 = 0
  /// Digits of a percent-encoded byte that are still to come.
  private var encoded: UInt8 = 0

  @inline(__always)
  static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: " ")
  }

  /// Takes in the next byte.
  ///
  /// - Returns: whether the last twelve digits are the address.
  @inline(__always)
  mutating func read(_ byte: UInt8, seeking mac: MACAddress) -> Bool {
    let digit: UInt8
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- UInt8(ascii: "A") &+ 10
    case _ where Self.isSeparator(byte): return false
    case UInt8(ascii: "%"):
      encoded = 2
      return false
    default:
      self = HexDigits()
      return false
    }
    guard encoded == 0 else {
      encoded &-= 1
      return false
    }
    value = value << 4 | UInt64(digit)
    count = min(count &+ 1, 12)
    return count == 12 && value & 0xffff_ffff_ffff == mac.rawValue
  }
}
