/// A PPPoE session header and the PPP protocol number after it, eight bytes (RFC 2516 §4, RFC 1661 §2).
///
///      0   3 4   7 8     15 16            31
///     +-----+-----+--------+---------------+
///     | Ver | Type|  Code  |    Session    |
///     +-----+-----+--------+---------------+
///     |      Length        | PPP protocol  |
///     +--------------------+---------------+
///
/// A protocol number compressed to one byte, which RFC 2516 §7 advises against, is not read.
package struct PPPoEHeader: Equatable, Sendable {
  package static let byteCount = 8
  /// PPP protocol numbers of IP (RFC 1332 §3, RFC 5072 §2).
  package static let ipv4: UInt16 = 0x0021
  package static let ipv6: UInt16 = 0x0057

  /// Version and type, both 1 in every frame of RFC 2516.
  package let versionAndType: UInt8
  /// Zero for session data.
  package let code: UInt8
  package let session: UInt16
  /// Bytes after the six of PPPoE, the PPP protocol number included.
  package let length: UInt16
  package let pppProtocol: UInt16

  /// - Returns: nil when fewer than eight bytes stand there: ``Fault/pppoeTruncated``.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    versionAndType = bytes.byte(at: 0)
    code = bytes.byte(at: 1)
    session = bytes.uint16(at: 2)
    length = bytes.uint16(at: 4)
    pppProtocol = bytes.uint16(at: 6)
  }

  /// Header and payload, in bytes, as the sender claims.
  package var frameLength: Int {
    Int(length) + 6
  }

  /// - Parameter wireLength: bytes from this header to the frame's end, as it was on the wire.
  package func fault(wireLength: Int) -> Fault? {
    if versionAndType != 0x11 { return .pppoeBadVersion }
    if code != 0 { return .pppoeBadCode }
    if length < 2 { return .pppoeLengthShorterThanHeader }
    if frameLength > wireLength { return .pppoeLengthPastFrame }
    return nil
  }
}
