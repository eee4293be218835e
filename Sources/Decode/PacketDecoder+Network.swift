import Capture

extension PacketDecoder {
  @inline(__always)
  static func network(_ etherType: UInt16, _ region: borrowing Region, into packet: inout Packet) -> Outcome {
    packet.etherType = etherType
    switch etherType {
    case EtherType.ipv4: return ipv4(region, into: &packet)
    case EtherType.ipv6: return ipv6(region, into: &packet)
    case EtherType.arp: return arp(region, into: &packet)
    default: return .ignored(.etherType(etherType))
    }
  }

  /// IP where nothing says which version: the first four bits do.
  static func ipByVersion(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    guard region.bytes.byteCount > 0 else { return .fault(.ipTruncated) }
    switch region.bytes.byte(at: 0) >> 4 {
    case 4: return network(EtherType.ipv4, region, into: &packet)
    case 6: return network(EtherType.ipv6, region, into: &packet)
    default: return .fault(.ipBadVersion)
    }
  }

  @inline(never)
  private static func arp(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    guard let header = ARPHeader(region.bytes) else { return .fault(.arpTruncated) }
    guard header.isIPv4OverEthernet else { return .ignored(.otherARP) }
    packet.network = .arp
    packet.source = header.senderAddress
    packet.destination = header.targetAddress
    packet.setPayload(region.keeping(ARPHeader.byteCount))
    return .packet
  }

  @inline(__always)
  private static func ipv4(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    guard let header = IPv4Header(region.bytes) else { return .fault(.ipv4Truncated) }
    let wireLength = wireLength(of: region, claiming: header.totalLength, in: packet)
    if let fault = header.fault(wireLength: wireLength) { return .fault(fault) }
    guard header.headerLength <= region.bytes.byteCount else { return .fault(.ipv4Truncated) }

    packet.network = .ipv4
    packet.source = header.source
    packet.destination = header.destination
    packet.ipProtocol = header.payloadProtocol
    packet.timeToLive = header.timeToLive
    let length = header.totalLength == 0 ? wireLength : header.totalLength
    packet.networkLength = length
    let payload = region.keeping(length).dropping(header.headerLength)
    if header.isFragment {
      packet.fragment = Fragment(
        isFragment: true, moreFollow: header.moreFragments, identification: UInt32(header.identification),
        offset: header.fragmentOffset)
      return piece(payload, into: &packet)
    }
    return transport(payload, isWhole: false, into: &packet)
  }

  @inline(never)
  private static func ipv6(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    guard let header = IPv6Header(region.bytes) else { return .fault(.ipv6Truncated) }
    let claimed = header.payloadLength + IPv6Header.byteCount
    let wireLength = wireLength(of: region, claiming: claimed, in: packet)
    if let fault = header.fault(wireLength: wireLength) { return .fault(fault) }

    packet.network = .ipv6
    packet.source = header.source
    packet.destination = header.destination
    packet.timeToLive = header.hopLimit
    let length = header.isSuperframe(wireLength: wireLength) ? wireLength : claimed
    packet.networkLength = length
    let payload = region.keeping(length).dropping(IPv6Header.byteCount)
    return extensions(payload, announcedAs: header.nextHeader, isWhole: false, into: &packet)
  }

  /// Skips IPv6 extension headers up to the transport's header or the fragment's bytes.
  ///
  /// - Parameter first: the protocol number of what `region` starts with.
  static func extensions(
    _ region: borrowing Region, announcedAs first: UInt8, isWhole: Bool, into packet: inout Packet
  ) -> Outcome {
    var kind = first
    var offset = 0
    for _ in 0...Limits.ipv6ExtensionHeaders {
      let rest = region.dropping(offset)
      if kind == IPProtocol.fragment {
        guard let header = IPv6FragmentHeader(rest.bytes) else { return .fault(.ipv6ExtensionTruncated) }
        kind = header.nextHeader
        offset += IPv6FragmentHeader.byteCount
        if header.isAtomic { continue }
        guard !isWhole else { return .fault(.fragmentInFragment) }
        packet.ipProtocol = kind
        packet.fragment = Fragment(
          isFragment: true, moreFollow: header.moreFragments, identification: header.identification,
          offset: header.fragmentOffset)
        return piece(region.dropping(offset), into: &packet)
      }
      guard IPv6ExtensionHeader.isAnnounced(by: kind) else {
        packet.ipProtocol = kind
        return transport(rest, isWhole: isWhole, into: &packet)
      }
      guard let header = IPv6ExtensionHeader(rest.bytes, kind: kind) else { return .fault(.ipv6ExtensionTruncated) }
      kind = header.nextHeader
      offset += header.headerLength
    }
    return .fault(.ipv6TooManyExtensions)
  }

  /// A piece of a datagram, first or later: its ports are read when Flows has put it together.
  @inline(never)
  private static func piece(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    // RFC 791 §3.2 and RFC 8200 §4.5: no datagram is larger than its 16-bit length can say.
    guard Int(packet.fragment.offset) + region.wireLength <= Int(UInt16.max) else {
      return .fault(.fragmentPastMaximum)
    }
    packet.setPayload(region)
    return .packet
  }

  /// How many bytes an IP packet may claim: those that its carrier had on the wire.
  ///
  /// A mirror may cut frames before it sends them, so there the packet's own claim is all there is.
  @inline(__always)
  private static func wireLength(of region: borrowing Region, claiming length: Int, in packet: Packet) -> Int {
    packet.tunnel.kind == .erspan ? max(region.wireLength, length) : region.wireLength
  }
}

extension Packet {
  @inline(__always)
  mutating func setPayload(_ region: borrowing Region) {
    payloadOffset = region.offset
    payloadLength = region.bytes.byteCount
    claimedPayloadLength = region.wireLength
  }
}
