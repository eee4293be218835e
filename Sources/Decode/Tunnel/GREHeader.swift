/// A GRE header, four bytes and up to twelve more (RFC 2784 §2, RFC 2890 §2).
///
///      0 1 2 3 4              12 13 15 16            31
///     +-+-+-+-+-----------------+-----+---------------+
///     |C|R|K|S|    Reserved     | Ver | Protocol type |
///     +-+-+-+-+-----------------+-----+---------------+
///     |  Checksum (if C)        |  Reserved (if C)    |
///     |                Key (if K)                     |
///     |            Sequence number (if S)             |
///     +-----------------------------------------------+
///
/// R announces a source route (RFC 1701), which RFC 2784 took out again: such packets are not opened.
package struct GREHeader: Equatable, Sendable {
  package static let byteCount = 4

  /// Optional fields included, in bytes: 4...16.
  package let headerLength: Int
  package let hasRoute: Bool
  package let hasSequence: Bool
  /// 0; 1 is PPTP's variant (RFC 2637), which carries PPP.
  package let version: UInt8
  /// The EtherType of what is inside.
  package let protocolType: UInt16

  /// - Returns: nil when the header does not stand there whole: ``Fault/greTruncated``.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    let flags = bytes.uint16(at: 0)
    hasRoute = flags & 0x4000 != 0
    hasSequence = flags & 0x1000 != 0
    version = UInt8(truncatingIfNeeded: flags & 7)
    protocolType = bytes.uint16(at: 2)
    headerLength = Self.byteCount + ((flags & 0xb000).nonzeroBitCount << 2)
    guard headerLength <= bytes.byteCount else { return nil }
  }
}
