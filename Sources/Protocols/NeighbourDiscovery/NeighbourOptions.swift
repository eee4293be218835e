import Capture
import Decode

/// Walks the options behind a neighbour discovery message (RFC 4861 §4.6).
///
///      0        7 8       15 16            31
///     +----------+----------+----------------+
///     |   Type   |  Length  |      ...       |
///     +----------+----------+----------------+
///
/// The length counts units of eight bytes and includes type and length. A length of zero makes hosts drop the whole message,
/// and so does one that passes its end.
struct NeighbourOptions {
  enum Kind {
    static let sourceLinkAddress: UInt8 = 1
    static let targetLinkAddress: UInt8 = 2
    static let prefix: UInt8 = 3
    /// RFC 8106 §5.1.
    static let resolvers: UInt8 = 25
    /// RFC 8106 §5.2.
    static let searchList: UInt8 = 31
  }

  private(set) var offset: Int

  /// - Parameter offset: of the first option.
  init(from offset: Int) {
    self.offset = offset
  }

  /// The next option, as type and the bytes that it takes in the message; nil at the end.
  ///
  /// - Throws: ``Malformed`` when a host would drop the message.
  mutating func next(_ message: RawSpan) throws(Malformed) -> (kind: UInt8, range: Range<Int>)? {
    guard offset < message.byteCount else { return nil }
    guard message.byteCount - offset >= 2 else { throw Malformed() }
    let length = Int(message.byte(at: offset + 1)) * 8
    guard length > 0, length <= message.byteCount - offset else { throw Malformed() }
    defer { offset += length }
    return (message.byte(at: offset), offset..<offset + length)
  }

  struct Malformed: Error {}
}

extension RawSpan {
  /// The 16 bytes at `offset`; there must be as many.
  func ipv6(at offset: Int) -> IPAddress {
    IPAddress(high: uint64(at: offset), low: uint64(at: offset + 8))
  }

  /// The six bytes at `offset`; there must be as many.
  func mac(at offset: Int) -> MACAddress {
    MACAddress(rawValue: UInt64(uint16(at: offset)) << 32 | UInt64(uint32(at: offset + 2)))
  }
}
