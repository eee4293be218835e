/// What all messages of ICMP and ICMPv6 start with, four bytes (RFC 792, RFC 4443 §2.1).
///
///      0        7 8       15 16                31
///     +----------+----------+--------------------+
///     |   Type   |   Code   |      Checksum      |
///     +----------+----------+--------------------+
///     |          depends on the type             |
///     +------------------------------------------+
///
/// The four bytes after it belong to the message's kind (identifier, gateway, flags) and are left in the payload.
/// The checksum is not verified: network cards fill it in after the capture.
package struct ICMPHeader: Equatable, Sendable {
  package static let byteCount = 4
  /// Every message that is defined has the second word too, and receivers drop what has not.
  package static let smallestMessage = 8

  package let type: UInt8
  package let code: UInt8

  /// - Returns: nil when fewer than eight bytes stand there: ``Fault/icmpTruncated``, ``Fault/icmpv6Truncated``.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.smallestMessage else { return nil }
    type = bytes.byte(at: 0)
    code = bytes.byte(at: 1)
  }
}
