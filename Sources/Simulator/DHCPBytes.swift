package import Decode

/// DHCP packets as clients and servers send them (RFC 2131 §2).
package enum DHCPBytes {
  package static let clientPort: UInt16 = 68
  package static let serverPort: UInt16 = 67

  /// What busybox's udhcpc asks for, the client of most miners.
  package static let parameters: [UInt8] = [1, 3, 6, 12, 15, 28, 42]

  /// - Parameter type: 1 discover, 3 request.
  package static func fromClient(
    _ client: MACAddress, type: UInt8, hostname: String = "antminer", vendorClass: String = "udhcp 1.24.1",
    parameters: [UInt8] = parameters, requested: IPAddress? = nil
  ) -> [UInt8] {
    var packet = fixed(operation: 1, client: client)
    packet += [53, 1, type]
    if let requested { packet += option(50, [requested]) }
    packet += option(12, Array(hostname.utf8)) + option(60, Array(vendorClass.utf8)) + option(55, parameters)
    return packet + [255]
  }

  /// - Parameter type: 2 offer, 5 acknowledgment.
  package static func fromServer(
    _ server: IPAddress, to client: MACAddress, type: UInt8, gives address: IPAddress, router: IPAddress,
    resolvers: [IPAddress], timeServers: [IPAddress] = [], relay: IPAddress = IPAddress(v4: 0)
  ) -> [UInt8] {
    var packet = fixed(operation: 2, client: client, given: address, relay: relay)
    packet += [53, 1, type]
    packet += option(54, [server]) + option(3, [router]) + option(6, resolvers)
    if !timeServers.isEmpty { packet += option(42, timeServers) }
    return packet + [255]
  }

  private static func fixed(
    operation: UInt8, client: MACAddress, given: IPAddress = IPAddress(v4: 0), relay: IPAddress = IPAddress(v4: 0)
  ) -> [UInt8] {
    var packet: [UInt8] = [operation, 1, 6, 0, 0x39, 0x03, 0xf3, 0x26, 0, 0, 0x80, 0, 0, 0, 0, 0]
    packet.append32(given.v4)
    packet += [UInt8](repeating: 0, count: 4)
    packet.append32(relay.v4)
    packet.append48(client.rawValue)
    packet += [UInt8](repeating: 0, count: 10 + 64 + 128)
    return packet + [0x63, 0x82, 0x53, 0x63]
  }

  private static func option(_ kind: UInt8, _ value: [UInt8]) -> [UInt8] {
    [kind, UInt8(clamping: value.count)] + value.prefix(255)
  }

  private static func option(_ kind: UInt8, _ addresses: [IPAddress]) -> [UInt8] {
    var value: [UInt8] = []
    for address in addresses { value.append32(address.v4) }
    return option(kind, value)
  }
}
