/// The start of an IEEE 802.2 header, three bytes: it follows an Ethernet type that is a length.
///
///     +--------+--------+---------+
///     |  DSAP  |  SSAP  | Control |
///     +--------+--------+---------+
///
/// Nothing that Minewatch reads is sent this way today, so the frames are counted by kind and not opened.
package struct LLCHeader: Equatable, Sendable {
  package static let byteCount = 3

  package let destinationAccessPoint: UInt8
  package let sourceAccessPoint: UInt8
  package let control: UInt8

  /// - Returns: nil when fewer than three bytes stand there: ``Fault/llcTruncated``.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    destinationAccessPoint = bytes.byte(at: 0)
    sourceAccessPoint = bytes.byte(at: 1)
    control = bytes.byte(at: 2)
  }

  package var kind: Ignored {
    switch (destinationAccessPoint, sourceAccessPoint) {
    case (0xaa, 0xaa): .snap
    case (0x42, 0x42): .spanningTree
    default: .llc
    }
  }
}
