/// An IPv4 header, 20 bytes and up to 40 of options, which are skipped (RFC 791 §3.1).
///
///      0   3 4   7 8            15 16  18 19                  31
///     +-----+-----+---------------+----------------------------+
///     | Ver | IHL | Type of serv. |        Total length        |
///     +-----+-----+---------------+------+---------------------+
///     |      Identification       | Flags|   Fragment offset   |
///     +-----------+---------------+------+---------------------+
///     |    TTL    |   Protocol    |      Header checksum       |
///     +-----------+---------------+----------------------------+
///     |                    Source address                      |
///     |                  Destination address                   |
///     +--------------------------------------------------------+
///
/// The checksum is not verified: network cards fill it in after the capture, and drop what is wrong before it.
package struct IPv4Header: Equatable, Sendable {
  package static let byteCount = 20

  package let version: UInt8
  /// Options included, in bytes; 20...60 when there is no fault.
  package let headerLength: Int
  /// Header and payload, in bytes, as the sender claims. Zero when a segmentation offload is yet to fill it in.
  package let totalLength: Int
  package let identification: UInt16
  package let moreFragments: Bool
  /// Where the payload belongs in its datagram, in bytes: a multiple of 8, at most 65,528.
  package let fragmentOffset: UInt32
  package let timeToLive: UInt8
  package let payloadProtocol: UInt8
  package let source: IPAddress
  package let destination: IPAddress

  /// - Returns: nil when fewer than 20 bytes stand there: ``Fault/ipv4Truncated``.
  @inline(__always)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    let first = bytes.byte(at: 0)
    version = first >> 4
    headerLength = Int(first & 0x0f) << 2
    totalLength = Int(bytes.uint16(at: 2))
    identification = bytes.uint16(at: 4)
    let flagsAndOffset = bytes.uint16(at: 6)
    moreFragments = flagsAndOffset & 0x2000 != 0
    fragmentOffset = UInt32(flagsAndOffset & 0x1fff) << 3
    timeToLive = bytes.byte(at: 8)
    payloadProtocol = bytes.byte(at: 9)
    source = IPAddress(v4: bytes.uint32(at: 12))
    destination = IPAddress(v4: bytes.uint32(at: 16))
  }

  /// Whether this is a piece of a datagram.
  @inline(__always)
  package var isFragment: Bool {
    moreFragments || fragmentOffset != 0
  }

  /// - Parameter wireLength: bytes from this header to the end of what carries it, as it was on the wire.
  @inline(__always)
  package func fault(wireLength: Int) -> Fault? {
    if version != 4 { return .ipv4BadVersion }
    if headerLength < Self.byteCount { return .ipv4HeaderTooShort }
    if totalLength < headerLength, !isSuperframe(wireLength: wireLength) {
      return .ipv4LengthShorterThanHeader
    }
    if totalLength > wireLength { return .ipv4LengthPastFrame }
    return nil
  }

  /// Whether the length is missing because a network card will cut this up (TSO) or has put it together (GRO, BIG TCP).
  ///
  /// On the wire no receiver takes length 0, so it must not be taken for a way to end where the frame ends: only a
  /// packet larger than Ethernet's 1,500 bytes can be one of these.
  @inline(__always)
  package func isSuperframe(wireLength: Int) -> Bool {
    totalLength == 0 && wireLength > EthernetHeader.largestPayload
  }
}
