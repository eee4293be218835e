import Capture
import Decode

/// A DHCPv6 message (RFC 8415 §8, §9), as far as it tells who serves what to whom.
///
///     from client or server                 from relay to relay or server
///     +--------+--------------------------+  +--------+--------+-------------------+
///     |  type  |    transaction (3)       |  |  type  |  hops  | link address (16) |
///     +--------+--------------------------+  +--------+--------+-------------------+
///     |  options: code (2), length (2), value |  peer address (16), options          |
struct DHCPv6Packet {
  private enum Option {
    static let clientIdentifier: UInt16 = 1
    static let addressAssociation: UInt16 = 3
    static let parameters: UInt16 = 6
    static let relayedMessage: UInt16 = 9
    static let vendorClass: UInt16 = 16
    static let resolvers: UInt16 = 23
    /// RFC 3646 §4.
    static let searchList: UInt16 = 24
    static let simpleTimeServers: UInt16 = 31
    static let name: UInt16 = 39
    static let timeServers: UInt16 = 56
    /// RFC 6939.
    static let clientLinkAddress: UInt16 = 79
  }

  private static let relayForward: UInt8 = 12
  private static let relayReply: UInt8 = 13
  /// Relays one behind another (RFC 8415 §7.6: HOP_COUNT_LIMIT).
  private static let relayLimit = 8

  private(set) var message = DHCPMessage(.solicit, isIPv6: true)

  /// - Returns: nil for what is no DHCPv6.
  init?(_ packet: RawSpan) {
    var range = 0..<packet.byteCount
    for _ in 0...Self.relayLimit {
      guard range.count >= 4 else { return nil }
      let type = packet.byte(at: range.lowerBound)
      if type == Self.relayForward || type == Self.relayReply {
        guard range.count >= 34 else { return nil }
        if message.relay == nil { message.relay = packet.ipv6(at: range.lowerBound + 2) }
        guard let inner = takeRelay(packet, range.lowerBound + 34..<range.upperBound) else { return nil }
        range = inner
        continue
      }
      guard let kind = Self.kind(type) else { return nil }
      message.kind = kind
      let isWhole = Self.forEachOption(packet, range.lowerBound + 4..<range.upperBound) { code, value in
        take(code, packet, value)
      }
      if !isWhole { return nil }
      return
    }
    return nil
  }

  /// The options of a relay's message.
  ///
  /// - Returns: where the message inside stands.
  private mutating func takeRelay(_ packet: RawSpan, _ options: Range<Int>) -> Range<Int>? {
    var inner: Range<Int>?
    let isWhole = Self.forEachOption(packet, options) { code, value in
      if code == Option.relayedMessage { inner = value }
      if code == Option.clientLinkAddress { takeClientLinkAddress(packet, value) }
    }
    return isWhole ? inner : nil
  }

  /// - Returns: whether the options fill their field exactly.
  private static func forEachOption(
    _ packet: RawSpan, _ field: Range<Int>, _ body: (UInt16, Range<Int>) -> Void
  ) -> Bool {
    var offset = field.lowerBound
    while offset < field.upperBound {
      guard field.upperBound - offset >= 4 else { return false }
      let length = Int(packet.uint16(at: offset + 2))
      let start = offset + 4
      guard length <= field.upperBound - start else { return false }
      body(packet.uint16(at: offset), start..<start + length)
      offset = start + length
    }
    return true
  }

  private mutating func take(_ code: UInt16, _ packet: RawSpan, _ value: Range<Int>) {
    switch code {
    case Option.clientIdentifier: takeClient(packet, value)
    case Option.addressAssociation where value.count >= 12:
      _ = Self.forEachOption(packet, value.lowerBound + 12..<value.upperBound) { code, inner in
        takeAddress(code, packet, inner)
      }
    case Option.parameters:
      for offset in stride(from: value.lowerBound, through: value.upperBound - 2, by: 2)
      where message.parameters.count < Limits.dhcpParameters {
        message.parameters.append(packet.uint16(at: offset))
      }
    // An enterprise number, then texts behind their lengths.
    case Option.vendorClass where value.count >= 6:
      let length = min(Int(packet.uint16(at: value.lowerBound + 4)), value.count - 6)
      message.vendorClass = packet.extracting(value.lowerBound + 6..<value.lowerBound + 6 + length).wireText
    case Option.resolvers: packet.appendIPv6(value, to: &message.resolvers)
    case Option.searchList: packet.extracting(value).appendSearchDomains(to: &message.searchDomains)
    case Option.simpleTimeServers: packet.appendIPv6(value, to: &message.timeServers)
    // Suboptions 1 and 2 are addresses, 3 is a name (RFC 5908 §4).
    case Option.timeServers:
      _ = Self.forEachOption(packet, value) { code, inner in
        if code == 1 || code == 2 { packet.appendIPv6(inner, to: &message.timeServers) }
      }
    case Option.name where value.count > 1:
      var offset = value.lowerBound + 1
      let name = try? DNSName(packet.extracting(0..<value.upperBound), at: &offset)
      message.hostname = name?.text
    default: break
    }
  }

  /// Where a DUID is made of an Ethernet address it tells the client's (RFC 8415 §11.2, §11.4).
  private mutating func takeClient(_ packet: RawSpan, _ value: Range<Int>) {
    guard value.count >= 10, message.clientMAC == .none else { return }
    let start = value.lowerBound
    switch (packet.uint16(at: start), packet.uint16(at: start + 2), value.count) {
    case (1, 1, 14): message.clientMAC = packet.mac(at: start + 8)
    case (3, 1, 10): message.clientMAC = packet.mac(at: start + 4)
    default: break
    }
  }

  private mutating func takeClientLinkAddress(_ packet: RawSpan, _ value: Range<Int>) {
    guard value.count == 8, packet.uint16(at: value.lowerBound) == 1 else { return }
    message.clientMAC = packet.mac(at: value.lowerBound + 2)
  }

  /// An address with its lifetimes (RFC 8415 §21.6): given by a server, hoped for by a client.
  private mutating func takeAddress(_ code: UInt16, _ packet: RawSpan, _ value: Range<Int>) {
    guard code == 5, value.count >= 24, message.assigned.count < Limits.wireList else { return }
    let address = packet.ipv6(at: value.lowerBound)
    if message.isFromServer { message.assigned.append(address) } else { message.requested = address }
  }

  private static func kind(_ number: UInt8) -> DHCPMessage.Kind? {
    let kinds: [DHCPMessage.Kind] = [
      .solicit, .advertise, .request, .confirm, .renew, .rebind, .reply, .release, .decline, .reconfigure,
      .informationRequest,
    ]
    return (1...11).contains(number) ? kinds[Int(number) - 1] : nil
  }
}

extension RawSpan {
  /// Appends the IPv6 addresses that stand in `range` one after the other, as many as a list may have.
  fileprivate func appendIPv6(_ range: Range<Int>, to list: inout [IPAddress]) {
    for offset in stride(from: range.lowerBound, through: range.upperBound - 16, by: 16)
    where list.count < Limits.wireList {
      list.append(ipv6(at: offset))
    }
  }
}
