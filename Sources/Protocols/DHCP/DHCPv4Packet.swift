import Capture
import Decode

/// The fixed part of a DHCP packet, 236 bytes and the magic cookie (RFC 2131 §2, §3).
///
///      0        1        2        3
///     +--------+--------+--------+--------+
///     |   op   | htype  |  hlen  |  hops  |
///     +--------+--------+--------+--------+
///     |                xid                |  4
///     |       secs      |      flags      |  8
///     |              ciaddr               | 12  the client's, when it has one
///     |              yiaddr               | 16  what it gets
///     |              siaddr               | 20
///     |              giaddr               | 24  the relay
///     |              chaddr (16)          | 28
///     |              sname (64)           | 44
///     |              file (128)           | 108
///     |        cookie 99.130.83.99        | 236
///     |  options ...
struct DHCPv4Packet {
  static let optionsOffset = 240
  private static let cookie: UInt32 = 0x6382_5363
  private static let serverName = 44..<108
  private static let file = 108..<236

  private enum Option {
    static let routers: UInt8 = 3
    static let resolvers: UInt8 = 6
    static let hostname: UInt8 = 12
    static let domain: UInt8 = 15
    static let timeServers: UInt8 = 42
    static let requestedAddress: UInt8 = 50
    static let overload: UInt8 = 52
    static let messageType: UInt8 = 53
    static let serverIdentifier: UInt8 = 54
    static let parameters: UInt8 = 55
    static let vendorClass: UInt8 = 60
    static let searchList: UInt8 = 119
  }

  /// Whether the fixed part and the cookie are there.
  static func isPlausible(_ packet: RawSpan) -> Bool {
    guard packet.byteCount >= optionsOffset, packet.uint32(at: 236) == cookie else { return false }
    // A hardware address is at most the 16 bytes of its field.
    return (1...2).contains(packet.byte(at: 0)) && packet.byte(at: 2) <= 16
  }

  private var overload: UInt8 = 0
  private(set) var message = DHCPMessage(.discover)
  private var hasType = false

  /// - Returns: nil for what is no DHCP: broken options, or BOOTP without a message type.
  init?(_ packet: RawSpan) {
    guard Self.isPlausible(packet) else { return nil }
    takeFixedPart(packet)
    guard takeOptions(packet, Self.optionsOffset..<packet.byteCount) else { return nil }
    // RFC 2131 §4.1: the two text fields may hold options as well, the file field's first.
    if overload & 1 != 0, !takeOptions(packet, Self.file) { return nil }
    if overload & 2 != 0, !takeOptions(packet, Self.serverName) { return nil }
    guard hasType else { return nil }
  }

  private mutating func takeFixedPart(_ packet: RawSpan) {
    // Ethernet (IANA hardware type 1).
    if packet.byte(at: 1) == 1, packet.byte(at: 2) == 6 { message.clientMAC = packet.mac(at: 28) }
    let own = IPAddress(v4: packet.uint32(at: 12))
    let given = IPAddress(v4: packet.uint32(at: 16))
    let relay = IPAddress(v4: packet.uint32(at: 24))
    if !own.isUnspecified { message.requested = own }
    if !given.isUnspecified { message.assigned = [given] }
    if !relay.isUnspecified { message.relay = relay }
  }

  /// Walks one field of options: a byte for the kind, one for the length, the value.
  ///
  /// - Returns: whether they are whole.
  private mutating func takeOptions(_ packet: RawSpan, _ field: Range<Int>) -> Bool {
    var offset = field.lowerBound
    while offset < field.upperBound {
      let kind = packet.byte(at: offset)
      offset += 1
      // Padding, and the end.
      if kind == 0 { continue }
      if kind == 255 { return true }
      guard offset < field.upperBound else { return false }
      let length = Int(packet.byte(at: offset))
      offset += 1
      guard length <= field.upperBound - offset else { return false }
      take(kind, packet.extracting(offset..<offset + length))
      offset += length
    }
    return true
  }

  private mutating func take(_ kind: UInt8, _ value: RawSpan) {
    switch kind {
    case Option.routers: value.appendAddresses(to: &message.routers)
    case Option.resolvers: value.appendAddresses(to: &message.resolvers)
    case Option.timeServers: value.appendAddresses(to: &message.timeServers)
    case Option.hostname: message.hostname = value.wireText
    case Option.domain: message.searchDomains.appendSearchDomain(value.wireText)
    // What is cut, or a list in several parts, is read as far as it goes.
    case Option.searchList: value.appendSearchDomains(to: &message.searchDomains)
    case Option.vendorClass: message.vendorClass = value.wireText
    case Option.requestedAddress where value.byteCount == 4: message.requested = IPAddress(v4: value.uint32(at: 0))
    case Option.serverIdentifier where value.byteCount == 4: message.server = IPAddress(v4: value.uint32(at: 0))
    case Option.overload where value.byteCount == 1: overload = value.byte(at: 0)
    case Option.messageType where value.byteCount == 1:
      guard let kind = Self.kind(value.byte(at: 0)) else { return }
      message.kind = kind
      hasType = true
    case Option.parameters:
      for index in 0..<value.byteCount where message.parameters.count < Limits.dhcpParameters {
        message.parameters.append(UInt16(value.byte(at: index)))
      }
    default: break
    }
  }

  /// RFC 2132 §9.6; later numbers are for servers among themselves.
  private static func kind(_ number: UInt8) -> DHCPMessage.Kind? {
    let kinds: [DHCPMessage.Kind] = [.discover, .offer, .request, .decline, .ack, .nak, .release, .inform]
    return (1...8).contains(number) ? kinds[Int(number) - 1] : nil
  }
}

extension RawSpan {
  /// Appends the IPv4 addresses that stand here one after the other, as many as a list may have.
  fileprivate func appendAddresses(to list: inout [IPAddress]) {
    for offset in stride(from: 0, through: byteCount - 4, by: 4) where list.count < Limits.wireList {
      list.append(IPAddress(v4: uint32(at: offset)))
    }
  }
}
