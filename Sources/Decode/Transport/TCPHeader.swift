/// A TCP header, 20 bytes and up to 40 of options, which are skipped (RFC 9293 §3.1).
///
///      0        3 4      7 8       15 16                31
///     +-------------------+----------+-------------------+
///     |         Source port          | Destination port  |
///     +------------------------------+-------------------+
///     |                 Sequence number                  |
///     |              Acknowledgment number               |
///     +----------+--------+----------+-------------------+
///     |   Data   |Reserved| Control  |      Window       |
///     |  offset  |        |   bits   |                   |
///     +----------+--------+----------+-------------------+
///     |           Checksum           |  Urgent pointer   |
///     +------------------------------+-------------------+
///
/// The checksum is not verified: network cards fill it in after the capture.
package struct TCPHeader: Equatable, Sendable {
  package static let byteCount = 20

  package let sourcePort: UInt16
  package let destinationPort: UInt16
  package let sequence: UInt32
  package let acknowledgment: UInt32
  /// Options included, in bytes; 20...60 when there is no fault.
  package let headerLength: Int
  package let flags: TCPFlags
  /// As sent: not scaled.
  package let window: UInt16

  /// - Returns: nil when fewer than 20 bytes stand there: ``Fault/tcpTruncated``.
  @inline(__always)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    sourcePort = bytes.uint16(at: 0)
    destinationPort = bytes.uint16(at: 2)
    sequence = bytes.uint32(at: 4)
    acknowledgment = bytes.uint32(at: 8)
    headerLength = Int(bytes.byte(at: 12) >> 4) << 2
    flags = TCPFlags(rawValue: bytes.byte(at: 13))
    window = bytes.uint16(at: 14)
  }

  /// - Parameter claimedLength: bytes from this header to the datagram's end, as the IP header says.
  @inline(__always)
  package func fault(claimedLength: Int) -> Fault? {
    headerLength < Self.byteCount || headerLength > claimedLength ? .tcpDataOffset : nil
  }
}
