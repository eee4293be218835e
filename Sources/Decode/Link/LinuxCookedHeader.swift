/// The header that Linux "cooked" captures put in place of the link layer's, version 1, 16 bytes (LINKTYPE_LINUX_SLL).
///
///      0       2         4        6               14      16
///     +-------+---------+--------+---------------+-------+
///     | Packet| ARPHRD_ | Address|    Address    | Proto-|
///     |  type |  type   | length |               |  col  |
///     +-------+---------+--------+---------------+-------+
package struct LinuxCookedHeader: Equatable, Sendable {
  package static let byteCount = 16
  /// Linux's ETH_P_802_2 in place of an EtherType: an LLC header follows.
  package static let llcType: UInt16 = 4

  /// 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us.
  package let packetType: UInt16
  /// Kind of interface, an ARPHRD_ number: 1 Ethernet, 772 loopback.
  package let hardwareType: UInt16
  /// The sender's address; ``MACAddress/none`` unless it has six bytes.
  package let source: MACAddress
  /// An EtherType; numbers below 0x0600 are Linux's own.
  package let type: UInt16

  /// - Returns: nil when fewer than 16 bytes stand there: ``Fault/linuxCookedTruncated``.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    packetType = bytes.uint16(at: 0)
    hardwareType = bytes.uint16(at: 2)
    source = bytes.uint16(at: 4) == 6 ? MACAddress(rawValue: bytes.uint64(at: 6) >> 16) : .none
    type = bytes.uint16(at: 14)
  }
}

/// Version 2 of the "cooked" header, 20 bytes (LINKTYPE_LINUX_SLL2).
///
///      0       2       4           8         10       11       12          20
///     +-------+-------+-----------+---------+--------+--------+-----------+
///     | Proto-| Zero  | Interface | ARPHRD_ | Packet | Address|  Address  |
///     |  col  |       |   index   |  type   |  type  | length |           |
///     +-------+-------+-----------+---------+--------+--------+-----------+
package struct LinuxCooked2Header: Equatable, Sendable {
  package static let byteCount = 20

  /// As ``LinuxCookedHeader/type``.
  package let type: UInt16
  /// The kernel's number of the interface, on the machine that captured.
  package let interfaceIndex: UInt32
  package let hardwareType: UInt16
  package let packetType: UInt8
  /// As ``LinuxCookedHeader/source``.
  package let source: MACAddress

  /// - Returns: nil when fewer than 20 bytes stand there: ``Fault/linuxCookedTruncated``.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    type = bytes.uint16(at: 0)
    interfaceIndex = bytes.uint32(at: 4)
    hardwareType = bytes.uint16(at: 8)
    packetType = bytes.byte(at: 10)
    source = bytes.byte(at: 11) == 6 ? MACAddress(rawValue: bytes.uint64(at: 12) >> 16) : .none
  }
}
