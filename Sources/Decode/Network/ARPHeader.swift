/// An ARP packet for IPv4 over Ethernet, 28 bytes (RFC 826).
///
///      0               2               4       5       6               8
///     +---------------+---------------+-------+-------+---------------+
///     | Hardware type | Protocol type | HLen  | PLen  |   Operation   |
///     +---------------+---------------+-------+-------+---------------+
///     |  Sender hardware address (6)                  | Sender IPv4 ..|
///     +---------------+-------------------------------+---------------+
///     |..   address   |  Target hardware address (6)                  |
///     +---------------+---------------+-------------------------------+
///     |  Target IPv4 address          |
///     +-------------------------------+
package struct ARPHeader: Equatable, Sendable {
  package static let byteCount = 28

  /// 1 for Ethernet.
  package let hardwareType: UInt16
  /// 0x0800 for IPv4.
  package let protocolType: UInt16
  /// Sizes of the addresses in bytes: 6 and 4.
  package let hardwareSize: UInt8
  package let protocolSize: UInt8
  /// 1 request, 2 reply.
  package let operation: UInt16
  package let senderMAC: MACAddress
  package let senderAddress: IPAddress
  package let targetMAC: MACAddress
  package let targetAddress: IPAddress

  /// - Returns: nil when fewer than 28 bytes stand there: ``Fault/arpTruncated``.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    hardwareType = bytes.uint16(at: 0)
    protocolType = bytes.uint16(at: 2)
    hardwareSize = bytes.byte(at: 4)
    protocolSize = bytes.byte(at: 5)
    operation = bytes.uint16(at: 6)
    senderMAC = MACAddress(rawValue: bytes.uint64(at: 8) >> 16)
    senderAddress = IPAddress(v4: bytes.uint32(at: 14))
    targetMAC = MACAddress(rawValue: bytes.uint64(at: 18) >> 16)
    targetAddress = IPAddress(v4: bytes.uint32(at: 24))
  }

  /// Whether the picture above holds; with other address sizes the fields mean nothing.
  package var isIPv4OverEthernet: Bool {
    hardwareType == 1 && protocolType == EtherType.ipv4 && hardwareSize == 6 && protocolSize == 4
  }
}
