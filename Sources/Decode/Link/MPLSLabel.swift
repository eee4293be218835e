/// One entry of an MPLS label stack, four bytes (RFC 3032 §2.1).
///
///      0                  19 20 22 23 24     31
///     +---------------------+-----+--+--------+
///     |        Label        | TC  |S |  TTL   |
///     +---------------------+-----+--+--------+
package struct MPLSLabel: Equatable, Sendable {
  package static let byteCount = 4

  package let label: UInt32
  package let trafficClass: UInt8
  /// The last entry: what follows is the packet, and nothing says of which protocol.
  package let isBottom: Bool
  package let timeToLive: UInt8

  /// - Returns: nil when fewer than four bytes stand there: ``Fault/mplsTruncated``.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    let word = bytes.uint32(at: 0)
    label = word >> 12
    trafficClass = UInt8(truncatingIfNeeded: word >> 9 & 7)
    isBottom = word & 0x100 != 0
    timeToLive = UInt8(truncatingIfNeeded: word)
  }
}
