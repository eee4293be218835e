import Capture

extension PacketDecoder {
  @inline(__always)
  static func ethernet(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    guard let header = EthernetHeader(region.bytes) else { return .fault(.ethernetTruncated) }
    packet.sourceMAC = header.source
    packet.destinationMAC = header.destination
    return typed(header.type, region.dropping(EthernetHeader.byteCount), into: &packet)
  }

  static func linuxCooked(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    guard let header = LinuxCookedHeader(region.bytes) else { return .fault(.linuxCookedTruncated) }
    packet.sourceMAC = header.source
    return cooked(header.type, region.dropping(LinuxCookedHeader.byteCount), into: &packet)
  }

  static func linuxCooked2(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    guard let header = LinuxCooked2Header(region.bytes) else { return .fault(.linuxCookedTruncated) }
    packet.sourceMAC = header.source
    return cooked(header.type, region.dropping(LinuxCooked2Header.byteCount), into: &packet)
  }

  private static func cooked(_ type: UInt16, _ region: borrowing Region, into packet: inout Packet) -> Outcome {
    if type >= EthernetHeader.firstType { return typed(type, region, into: &packet) }
    return type == LinuxCookedHeader.llcType ? llc(region) : .ignored(.cookedProtocol)
  }

  /// What follows a type field: IPv4 straight away in most frames, else tags, a carrier's headers, another protocol.
  @inline(__always)
  static func typed(_ type: UInt16, _ region: borrowing Region, into packet: inout Packet) -> Outcome {
    if type == EtherType.ipv4 { return network(type, region, into: &packet) }
    return unusualType(type, region, into: &packet)
  }

  @inline(never)
  private static func unusualType(_ type: UInt16, _ region: borrowing Region, into packet: inout Packet) -> Outcome {
    if VLANTag.isAnnounced(by: type) { return vlan(region, into: &packet) }
    return untagged(type, region, into: &packet)
  }

  /// What follows the last VLAN tag.
  private static func untagged(_ type: UInt16, _ region: borrowing Region, into packet: inout Packet) -> Outcome {
    switch type {
    case EtherType.mpls, EtherType.mplsUpstream: mpls(region, into: &packet)
    case EtherType.pppoeSession: pppoe(region, into: &packet)
    case ..<EthernetHeader.firstType: llc(region)
    default: network(type, region, into: &packet)
    }
  }

  /// - Parameter region: from behind the type that announced the first tag.
  private static func vlan(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    var offset = 0
    for depth in 0..<Limits.vlanTags {
      let rest = region.dropping(offset)
      guard let tag = VLANTag(rest.bytes) else { return .fault(.vlanTruncated) }
      if depth == 0 { packet.outerVLAN = tag.identifier }
      if depth == 1 { packet.innerVLAN = tag.identifier }
      packet.vlanCount = UInt8(min(depth + 1, 2))
      offset += VLANTag.byteCount
      if !VLANTag.isAnnounced(by: tag.type) {
        return untagged(tag.type, region.dropping(offset), into: &packet)
      }
    }
    return .fault(.vlanTooDeep)
  }

  private static func mpls(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    var offset = 0
    for _ in 0..<Limits.mplsLabels {
      guard let entry = MPLSLabel(region.dropping(offset).bytes) else { return .fault(.mplsTruncated) }
      offset += MPLSLabel.byteCount
      if entry.isBottom {
        // The stack does not say what it carries. A first nibble of 4 or 6 is IP, others are pseudowires
        // (RFC 4928 §3).
        let outcome = ipByVersion(region.dropping(offset), into: &packet)
        return outcome == .fault(.ipBadVersion) ? .ignored(.mplsPayload) : outcome
      }
    }
    return .fault(.mplsTooDeep)
  }

  private static func pppoe(_ region: borrowing Region, into packet: inout Packet) -> Outcome {
    guard let header = PPPoEHeader(region.bytes) else { return .fault(.pppoeTruncated) }
    if let fault = header.fault(wireLength: region.wireLength) { return .fault(fault) }
    let payload = region.keeping(header.frameLength).dropping(PPPoEHeader.byteCount)
    switch header.pppProtocol {
    case PPPoEHeader.ipv4: return network(EtherType.ipv4, payload, into: &packet)
    case PPPoEHeader.ipv6: return network(EtherType.ipv6, payload, into: &packet)
    default: return .ignored(.pppControl)
    }
  }

  private static func llc(_ region: borrowing Region) -> Outcome {
    guard let header = LLCHeader(region.bytes) else { return .fault(.llcTruncated) }
    return .ignored(header.kind)
  }
}
