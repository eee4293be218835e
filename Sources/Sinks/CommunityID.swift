import Crypto
package import Decode
package import Protocols

import struct Foundation.Data

/// Community ID, version 1: one short name for a flow that every tool computes alike, whichever direction it saw
/// (github.com/corelight/community-id-spec, README.md). VLANs and tunnels are not part of it.
package enum CommunityID {
  /// - Parameter ports: source and destination; nil for protocols without. For ICMP see ``icmpPorts(type:code:isIPv6:)``.
  /// - Parameter isOneWay: keep the direction as given: the message has no answer of its own kind.
  package static func v1(
    source: IPAddress, destination: IPAddress, ipProtocol: UInt8, ports: (source: UInt16, destination: UInt16)?,
    isOneWay: Bool = false, seed: UInt16 = 0
  ) -> String {
    let sourcePort = ports?.source ?? 0
    let destinationPort = ports?.destination ?? 0
    // Numbers compare as their bytes on the wire do, as both are most significant first.
    let isOrdered = isOneWay || source < destination || (source == destination && sourcePort <= destinationPort)
    let (low, high) = isOrdered ? (source, destination) : (destination, source)
    let (lowPort, highPort) = isOrdered ? (sourcePort, destinationPort) : (destinationPort, sourcePort)

    var bytes: [UInt8] = []
    bytes.append(bigEndian: seed)
    bytes.append(low)
    bytes.append(high)
    bytes += [ipProtocol, 0]
    if ports != nil {
      bytes.append(bigEndian: lowPort)
      bytes.append(bigEndian: highPort)
    }
    return "1:" + Data(Insecure.SHA1.hash(data: bytes)).base64EncodedString()
  }

  /// A flow's name; nil when the flow does not tell enough: the second half of a one-way ICMP message is its code,
  /// which ``Protocols/FlowFacts`` does not have. A name that no other tool computes is worse than none.
  package static func v1(_ flow: FlowFacts) -> String? {
    var ports: (UInt16, UInt16)?
    switch flow.ipProtocol {
    case IPProtocol.tcp, IPProtocol.udp:
      ports = (flow.client.port, flow.server.port)
    case IPProtocol.sctp:
      // It has ports, and Decode does not read them.
      return nil
    case IPProtocol.icmp, IPProtocol.icmpv6:
      let isIPv6 = flow.ipProtocol == IPProtocol.icmpv6
      guard let answer = counterpart(of: flow.icmpType, isIPv6: isIPv6) else { return nil }
      ports = (UInt16(flow.icmpType), UInt16(answer))
    default:
      ports = nil
    }
    return v1(
      source: flow.client.address, destination: flow.server.address, ipProtocol: flow.ipProtocol, ports: ports)
  }

  /// What stands for the ports of an ICMP message: its type and the type that answers it or, when none does, its code.
  package static func icmpPorts(
    type: UInt8, code: UInt8, isIPv6: Bool
  ) -> (ports: (source: UInt16, destination: UInt16), isOneWay: Bool) {
    guard let answer = counterpart(of: type, isIPv6: isIPv6) else { return ((UInt16(type), UInt16(code)), true) }
    return ((UInt16(type), UInt16(answer)), false)
  }

  /// Types that ask and answer each other (IANA icmp-parameters and icmpv6-parameters; the list is Zeek's).
  private static func counterpart(of type: UInt8, isIPv6: Bool) -> UInt8? {
    let pairs: [(UInt8, UInt8)] =
      isIPv6
      ? [
        (128, 129),  // Echo
        (130, 131),  // Multicast listener
        (133, 134),  // Router
        (135, 136),  // Neighbour
        (139, 140),  // Node information
        (144, 145),  // Home agent address discovery
      ]
      : [
        (8, 0),  // Echo
        (10, 9),  // Router
        (13, 14),  // Timestamp
        (15, 16),  // Information
        (17, 18),  // Address mask
      ]
    for (ask, answer) in pairs {
      if type == ask { return answer }
      if type == answer { return ask }
    }
    return nil
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: UInt16) {
    append(UInt8(value >> 8))
    append(UInt8(value & 0xff))
  }

  /// Four bytes for IPv4, sixteen for IPv6.
  fileprivate mutating func append(_ address: IPAddress) {
    if !address.isIPv4 { append(bigEndian: address.high, bytes: 8) }
    append(bigEndian: address.low, bytes: address.isIPv4 ? 4 : 8)
  }

  private mutating func append(bigEndian value: UInt64, bytes: Int) {
    for index in (0..<bytes).reversed() {
      append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
    }
  }
}
