/// A VXLAN header, eight bytes, over UDP (RFC 7348 §5).
///
///      0        7 8                     31
///     +----------+-----------------------+
///     |RRRRIRRR  |       Reserved        |
///     +----------+-----------+-----------+
///     |  Network identifier  | Reserved  |
///     +----------------------+-----------+
///
/// Reserved bits are ignored, as a receiver does.
package struct VXLANHeader: Equatable, Sendable {
  package static let byteCount = 8
  /// The destination port that IANA gave it.
  package static let port: UInt16 = 4789

  /// The I flag. A header without it is invalid.
  package let hasIdentifier: Bool
  /// 24 bits.
  package let networkIdentifier: UInt32

  /// - Returns: nil when fewer than eight bytes stand there: ``Fault/vxlanTruncated``.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    hasIdentifier = bytes.byte(at: 0) & 0x08 != 0
    networkIdentifier = bytes.uint32(at: 4) >> 8
  }

  package var fault: Fault? {
    hasIdentifier ? nil : .vxlanWithoutIdentifier
  }
}
