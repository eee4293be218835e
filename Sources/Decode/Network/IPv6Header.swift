/// An IPv6 header, 40 bytes (RFC 8200 §3).
///
///      0   3 4          11 12                               31
///     +-----+-------------+----------------------------------+
///     | Ver |Traffic class|            Flow label            |
///     +-----+-------------+---+----------------+-------------+
///     |    Payload length     |  Next header   |  Hop limit  |
///     +-----------------------+----------------+-------------+
///     |                 Source address (16)                  |
///     |              Destination address (16)                |
///     +------------------------------------------------------+
package struct IPv6Header: Equatable, Sendable {
  package static let byteCount = 40

  package let version: UInt8
  /// What follows, extension headers included, in bytes. Zero also when 16 bits cannot say it.
  package let payloadLength: Int
  package let nextHeader: UInt8
  package let hopLimit: UInt8
  package let source: IPAddress
  package let destination: IPAddress

  /// - Returns: nil when fewer than 40 bytes stand there: ``Fault/ipv6Truncated``.
  @inline(__always)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    version = bytes.byte(at: 0) >> 4
    payloadLength = Int(bytes.uint16(at: 4))
    nextHeader = bytes.byte(at: 6)
    hopLimit = bytes.byte(at: 7)
    source = IPAddress(high: bytes.uint64(at: 8), low: bytes.uint64(at: 16))
    destination = IPAddress(high: bytes.uint64(at: 24), low: bytes.uint64(at: 32))
  }

  /// - Parameter wireLength: bytes from this header to the end of what carries it, as it was on the wire.
  @inline(__always)
  package func fault(wireLength: Int) -> Fault? {
    if version != 6 { return .ipv6BadVersion }
    if payloadLength > wireLength - Self.byteCount { return .ipv6LengthPastFrame }
    // IPv4-mapped addresses name IPv4 hosts to programs and have no business on the wire (RFC 4291 §2.5.5.2). Here
    // they would pass for the IPv4 host itself.
    if source.isIPv4 || destination.isIPv4 { return .ipv6MappedAddress }
    return nil
  }

  /// Whether the length is missing: a jumbogram (RFC 2675), or put together by a network card or by Linux (GRO, BIG
  /// TCP), which does so with a hop-by-hop header or without. For the bound see ``IPv4Header/isSuperframe(wireLength:)``.
  @inline(__always)
  package func isSuperframe(wireLength: Int) -> Bool {
    payloadLength == 0 && wireLength > EthernetHeader.largestPayload
  }
}
