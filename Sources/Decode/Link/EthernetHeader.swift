/// An Ethernet header, 14 bytes (IEEE 802.3 §3.2).
///
///      0               6               12      14
///     +---------------+---------------+-------+
///     |  Destination  |    Source     | Type  |
///     +---------------+---------------+-------+
package struct EthernetHeader: Equatable, Sendable {
  package static let byteCount = 14
  /// The smallest type. A smaller number is the length of an IEEE 802.3 frame, whose payload is LLC.
  package static let firstType: UInt16 = 0x0600
  /// Bytes that fit behind the header on a link without jumbo frames.
  package static let largestPayload = 1500

  package let destination: MACAddress
  package let source: MACAddress
  /// An EtherType, or below ``firstType`` a length in bytes.
  package let type: UInt16

  /// - Parameter bytes: from the header's first byte on.
  /// - Returns: nil when fewer than 14 bytes stand there: ``Fault/ethernetTruncated``.
  @inline(__always)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    destination = MACAddress(rawValue: bytes.uint64(at: 0) >> 16)
    source = MACAddress(rawValue: bytes.uint64(at: 6) >> 16)
    type = bytes.uint16(at: 12)
  }
}
