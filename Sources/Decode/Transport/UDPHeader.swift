/// A UDP header, eight bytes (RFC 768).
///
///      0                 15 16                31
///     +--------------------+--------------------+
///     |    Source port     |  Destination port  |
///     +--------------------+--------------------+
///     |       Length       |      Checksum      |
///     +--------------------+--------------------+
///
/// The checksum is not verified: network cards fill it in after the capture.
package struct UDPHeader: Equatable, Sendable {
  package static let byteCount = 8

  package let sourcePort: UInt16
  package let destinationPort: UInt16
  /// Header and payload, in bytes, as the sender claims. Zero in a jumbogram (RFC 2675 §4).
  package let length: Int

  /// - Returns: nil when fewer than eight bytes stand there: ``Fault/udpTruncated``.
  @inline(__always)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    sourcePort = bytes.uint16(at: 0)
    destinationPort = bytes.uint16(at: 2)
    length = Int(bytes.uint16(at: 4))
  }

  /// - Parameter claimedLength: bytes from this header to the datagram's end, as the IP header says.
  @inline(__always)
  package func fault(claimedLength: Int) -> Fault? {
    if length < Self.byteCount, !isJumbo(claimedLength: claimedLength) { return .udpLengthShorterThanHeader }
    // Receivers drop it, so its bytes must not count as said.
    if length > claimedLength { return .udpLengthPastDatagram }
    return nil
  }

  /// Whether the datagram is larger than its length field can say.
  @inline(__always)
  package func isJumbo(claimedLength: Int) -> Bool {
    length == 0 && claimedLength > Int(UInt16.max)
  }
}
