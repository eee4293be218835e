package import Decode

/// Frames in which hosts tell their link something: ARP, neighbour discovery, redirects.
package enum LinkFrames {
  package static let everybody = MACAddress(rawValue: 0xffff_ffff_ffff)

  /// An ARP request (RFC 826): `sender` asks who has `target`, and says who it is itself.
  ///
  /// A sender without address is probing (RFC 5227 §2.1.1); with `target` as its own address it announces itself.
  package static func arpRequest(from sender: Host, for target: Host, link: FrameBytes.Link = .plain) -> [UInt8] {
    arp(operation: 1, sender, MACAddress.none, target.address, to: everybody, link)
  }

  /// An ARP reply: `sender` says to `asker` that its address is its own.
  package static func arpReply(from sender: Host, to asker: Host, link: FrameBytes.Link = .plain) -> [UInt8] {
    arp(operation: 2, sender, asker.mac, asker.address, to: asker.mac, link)
  }

  private static func arp(
    operation: UInt16, _ sender: Host, _ targetMAC: MACAddress, _ target: IPAddress, to destination: MACAddress,
    _ link: FrameBytes.Link
  ) -> [UInt8] {
    var bytes = FrameBytes.ethernet(from: sender.mac, to: destination, type: 0x0806, link: link)
    bytes += [0, 1, 8, 0, 6, 4]
    bytes.append16(operation)
    bytes.append48(sender.mac.rawValue)
    bytes.append32(sender.address.v4)
    bytes.append48(targetMAC.rawValue)
    bytes.append32(target.v4)
    return bytes
  }

  /// An ICMP redirect (RFC 792): `router` tells `host` to send what is for `destination` to `gateway`.
  package static func redirect(
    from router: Host, to host: Host, gateway: IPAddress, for destination: IPAddress
  ) -> [UInt8] {
    var message: [UInt8] = [5, 1, 0, 0]
    message.append32(gateway.v4)
    // The header of the packet that was sent the long way, and its first eight bytes.
    message += [0x45, 0, 0, 60, 0, 0, 0x40, 0, 64, 6, 0, 0]
    message.append32(host.address.v4)
    message.append32(destination.v4)
    message += [UInt8](repeating: 0, count: 8)
    return FrameBytes.frame(from: router, to: host, ipProtocol: 1, payload: message)
  }

  /// A neighbour advertisement to all hosts (RFC 4861 §4.4), which replaces what they know.
  package static func neighbourAdvertisement(from host: Host, of target: IPAddress) -> [UInt8] {
    var message: [UInt8] = [136, 0, 0, 0, 0x20, 0, 0, 0]
    message.append64(target.high)
    message.append64(target.low)
    message += linkAddress(host.mac, kind: 2)
    return icmpv6(from: host, message)
  }

  /// A router advertisement to all hosts (RFC 4861 §4.2) of one prefix of 64 bits.
  ///
  /// - Parameters:
  ///   - lifetime: seconds for which hosts are to send everything there.
  ///   - resolver: whom they are to ask for names (RFC 8106 §5.1).
  package static func routerAdvertisement(
    from router: Host, prefix: IPAddress, lifetime: UInt16 = 1_800, resolver: IPAddress? = nil
  ) -> [UInt8] {
    var message: [UInt8] = [134, 0, 0, 0, 64, 0]
    message.append16(lifetime)
    message += [UInt8](repeating: 0, count: 8)
    message += linkAddress(router.mac, kind: 1)
    message += [3, 4, 64, 0xc0, 0, 0x27, 0x8d, 0, 0, 9, 0x3a, 0x80, 0, 0, 0, 0]
    message.append64(prefix.high)
    message.append64(prefix.low)
    if let resolver {
      message += [25, 3, 0, 0, 0, 0, 7, 8]
      message.append64(resolver.high)
      message.append64(resolver.low)
    }
    return icmpv6(from: router, message)
  }

  private static func linkAddress(_ mac: MACAddress, kind: UInt8) -> [UInt8] {
    var option: [UInt8] = [kind, 1]
    option.append48(mac.rawValue)
    return option
  }

  /// To all hosts of the link, with the hop limit of 255 that they demand.
  private static func icmpv6(from host: Host, _ message: [UInt8]) -> [UInt8] {
    let group = Host(
      IPAddress(high: 0xff02_0000_0000_0000, low: 1), mac: MACAddress(rawValue: 0x3333_0000_0001))
    return FrameBytes.frame(from: host, to: group, ipProtocol: 58, payload: message, hopLimit: 255)
  }
}
