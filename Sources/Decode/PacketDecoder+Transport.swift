extension PacketDecoder {
  /// Reads the header that `packet.ipProtocol` announces. A protocol that is not read leaves its bytes as payload.
  ///
  /// - Parameter isWhole: the datagram was put together from fragments; encapsulations in it stay shut.
  @inline(__always)
  static func transport(_ region: borrowing Region, isWhole: Bool, into packet: inout Packet) -> Outcome {
    switch packet.ipProtocol {
    case IPProtocol.tcp: return tcp(region, into: &packet)
    case IPProtocol.udp: return udp(region, isWhole: isWhole, into: &packet)
    default: return unusualProtocol(region, isWhole: isWhole, into: &packet)
    }
  }

  @inline(__always)
  private static func tcp(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    guard let header = TCPHeader(region.bytes) else { return .fault(.tcpTruncated) }
    if let fault = header.fault(claimedLength: region.wireLength) { return .fault(fault) }
    packet.transport = .tcp
    packet.sourcePort = header.sourcePort
    packet.destinationPort = header.destinationPort
    packet.tcp.sequence = header.sequence
    packet.tcp.acknowledgment = header.acknowledgment
    packet.tcp.flags = header.flags
    packet.tcp.window = header.window
    packet.setPayload(region.dropping(header.headerLength))
    return .packet
  }

  @inline(__always)
  private static func udp(_ region: borrowing Region, isWhole: Bool, into packet: inout Packet) -> Outcome {
    guard let header = UDPHeader(region.bytes) else { return .fault(.udpTruncated) }
    if let fault = header.fault(claimedLength: region.wireLength) { return .fault(fault) }
    packet.transport = .udp
    packet.sourcePort = header.sourcePort
    packet.destinationPort = header.destinationPort
    let length = header.length == 0 ? region.wireLength : header.length
    let payload = region.keeping(length).dropping(UDPHeader.byteCount)
    packet.setPayload(payload)
    if header.destinationPort == VXLANHeader.port { vxlan(payload, isWhole: isWhole, in: &packet) }
    return .packet
  }

  @inline(never)
  private static func unusualProtocol(
    _ region: borrowing Region, isWhole: Bool, into packet: inout Packet
  ) -> Outcome {
    packet.setPayload(region)
    switch packet.ipProtocol {
    // Hosts know each of the two on its own version of IP only.
    case IPProtocol.icmp where packet.network == .ipv4:
      guard let header = ICMPHeader(region.bytes) else { return .fault(.icmpTruncated) }
      icmp(header, .icmp, region, into: &packet)
    case IPProtocol.icmpv6 where packet.network == .ipv6:
      guard let header = ICMPHeader(region.bytes) else { return .fault(.icmpv6Truncated) }
      icmp(header, .icmpv6, region, into: &packet)
    case IPProtocol.gre: gre(region, isWhole: isWhole, in: &packet)
    case IPProtocol.ipv4, IPProtocol.ipv6: ipInIP(region, isWhole: isWhole, in: &packet)
    default: break
    }
    return .packet
  }

  private static func icmp(
    _ header: ICMPHeader, _ kind: TransportKind, _ region: borrowing Region, into packet: inout Packet
  ) {
    packet.transport = kind
    packet.sourcePort = UInt16(header.type)
    packet.destinationPort = UInt16(header.code)
    packet.setPayload(region.dropping(ICMPHeader.byteCount))
  }
}
