extension PacketDecoder {
  /// How the packet inside an encapsulation starts.
  private enum Content {
    case ethernet, ipv4, ipv6, ipByVersion
  }

  /// IP straight inside IP: protocol 4 or 41.
  static func ipInIP(_ region: borrowing Region, isWhole: Bool, in packet: inout Packet) {
    guard mayOpen(&packet, isWhole: isWhole) else { return }
    open(.ip, packet.ipProtocol == IPProtocol.ipv4 ? .ipv4 : .ipv6, region, in: &packet)
  }

  static func gre(_ region: borrowing Region, isWhole: Bool, in packet: inout Packet) {
    guard mayOpen(&packet, isWhole: isWhole) else { return }
    guard let header = GREHeader(region.bytes) else { return packet.unopened = .fault(.greTruncated) }
    guard header.version == 0 else { return packet.unopened = .ignored(.greVersion) }
    guard !header.hasRoute else { return packet.unopened = .ignored(.greRoute) }

    let payload = region.dropping(header.headerLength)
    switch header.protocolType {
    case EtherType.ipv4: open(.gre, .ipv4, payload, in: &packet)
    case EtherType.ipv6: open(.gre, .ipv6, payload, in: &packet)
    case EtherType.transparentBridging: open(.gre, .ethernet, payload, in: &packet)
    // Type I: the frame follows at once.
    case EtherType.erspan where !header.hasSequence: open(.erspan, .ethernet, payload, in: &packet)
    case EtherType.erspan: erspan(payload, isType3: false, in: &packet)
    case EtherType.erspan3: erspan(payload, isType3: true, in: &packet)
    default: packet.unopened = .ignored(.greProtocol)
    }
  }

  private static func erspan(_ region: borrowing Region, isType3: Bool, in packet: inout Packet) {
    guard let header = ERSPANHeader(region.bytes, isType3: isType3) else {
      return packet.unopened = .fault(.erspanTruncated)
    }
    if let fault = header.fault(isType3: isType3) { return packet.unopened = .fault(fault) }
    let payload = region.dropping(header.headerLength)
    switch header.frameType {
    case .ethernet: open(.erspan, .ethernet, payload, in: &packet)
    case .ip: open(.erspan, .ipByVersion, payload, in: &packet)
    case nil: packet.unopened = .ignored(.erspanFrameType)
    }
  }

  @inline(never)
  static func vxlan(_ region: borrowing Region, isWhole: Bool, in packet: inout Packet) {
    guard mayOpen(&packet, isWhole: isWhole) else { return }
    guard let header = VXLANHeader(region.bytes) else { return packet.unopened = .fault(.vxlanTruncated) }
    if let fault = header.fault { return packet.unopened = .fault(fault) }
    open(.vxlan, .ethernet, region.dropping(VXLANHeader.byteCount), in: &packet)
  }

  /// Says no, and in `packet` why, for a second level and for a datagram that was put together from fragments.
  private static func mayOpen(_ packet: inout Packet, isWhole: Bool) -> Bool {
    if packet.tunnel.kind != .none {
      packet.unopened = .ignored(.nestedTunnel)
    } else if isWhole {
      packet.unopened = .ignored(.fragmentedTunnel)
    }
    return packet.unopened == .packet
  }

  /// Puts the packet inside in the place of the outer one, if it decodes.
  ///
  /// It cannot come here a second time for one frame: ``mayOpen(_:isWhole:)`` sees the tunnel that this sets.
  @inline(never)
  private static func open(
    _ kind: Tunnel.Kind, _ content: Content, _ region: borrowing Region, in packet: inout Packet
  ) {
    let outer = packet
    packet = Packet()
    packet.timestamp = outer.timestamp
    packet.interface = outer.interface
    packet.tunnel.kind = kind
    packet.tunnel.source = outer.source
    packet.tunnel.destination = outer.destination

    let outcome =
      switch content {
      case .ethernet: ethernet(region, into: &packet)
      case .ipv4: network(EtherType.ipv4, region, into: &packet)
      case .ipv6: network(EtherType.ipv6, region, into: &packet)
      case .ipByVersion: ipByVersion(region, into: &packet)
      }
    guard outcome != .packet else { return }
    packet = outer
    packet.unopened = outcome
  }
}
