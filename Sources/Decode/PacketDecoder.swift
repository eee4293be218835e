package import Capture

/// Reads a frame's headers, from the link layer to the transport.
///
/// **Invariant:** it keeps no state and reads no clock; whatever the bytes say, the payload that it reports lies in the
/// frame. Checksums are never verified: with offload the sender's network card fills them in after the capture, and a
/// receiver's drops what is wrong before it.
///
/// One level of encapsulation is opened. When the packet inside does not decode, the outer one is the result and
/// ``Packet/unopened`` says why, so that hostile bytes inside cannot hide who sent them to whom.
package enum PacketDecoder {
  /// Decodes a frame and counts what became of it: what the pipeline calls.
  ///
  /// - Parameter packet: as in ``decode(_:into:)``.
  package static func decode(
    _ frame: borrowing Frame, into packet: inout Packet, counting counters: inout DecodeCounters
  ) -> Outcome {
    if decodeOrdinary(frame, into: &packet) {
      counters.countOrdinary()
      return .packet
    }
    let outcome = decode(frame, into: &packet)
    counters.count(outcome, &packet, link: frame.linkType)
    return outcome
  }

  /// - Parameter packet: overwritten whole. It is only of use when the outcome is ``Outcome/packet``.
  @inline(__always)
  package static func decode(_ frame: borrowing Frame, into packet: inout Packet) -> Outcome {
    packet = Packet()
    packet.timestamp = frame.timestamp
    packet.interface = frame.source

    let bytes = frame.bytes
    let region = Region(bytes: bytes, offset: 0, wireLength: max(frame.originalLength, bytes.byteCount))
    if frame.linkType == .ethernet { return ethernet(region, into: &packet) }
    return unusualLink(frame.linkType, region, into: &packet)
  }

  /// Reads the transport header of a datagram that was put together from fragments.
  ///
  /// An encapsulation in it is not opened.
  ///
  /// - Parameters:
  ///   - packet: one of the fragments; its network fields stay, the rest is overwritten. Offsets in it are from then on
  ///     offsets into `bytes`.
  ///   - bytes: the datagram's payload from `offset` to the end.
  ///   - offset: where the transport header starts. Nothing is there when it lies outside `bytes`.
  package static func decodeTransport(_ packet: inout Packet, _ bytes: RawSpan, offset: Int) -> Outcome {
    let start = min(max(offset, 0), bytes.byteCount)
    let region = Region(bytes: bytes, offset: 0, wireLength: bytes.byteCount).dropping(start)
    packet.fragment = .none
    packet.unopened = .packet
    packet.transport = .none
    packet.sourcePort = 0
    packet.destinationPort = 0
    packet.tcp = TCPFields()
    // The fragment header may have announced further extension headers; they came with the pieces.
    guard packet.network == .ipv6 else { return transport(region, isWhole: true, into: &packet) }
    return extensions(region, announcedAs: packet.ipProtocol, isWhole: true, into: &packet)
  }

  /// Link types other than Ethernet, kept off the way that most frames go.
  @inline(never)
  private static func unusualLink(_ type: LinkType, _ region: borrowing Region, into packet: inout Packet) -> Outcome {
    switch type {
    case .linuxCooked: linuxCooked(region, into: &packet)
    case .linuxCooked2: linuxCooked2(region, into: &packet)
    case .raw: ipByVersion(region, into: &packet)
    case .ipv4: network(EtherType.ipv4, region, into: &packet)
    case .ipv6: network(EtherType.ipv6, region, into: &packet)
    default: .ignored(.unknownLinkType)
    }
  }
}
