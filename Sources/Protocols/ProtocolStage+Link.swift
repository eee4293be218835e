import Decode
import Flows

/// What hosts on a link say to each other about addresses and routes: ARP, neighbour discovery and redirects, told by the
/// packets alone and not by any flow.
extension ProtocolStage {
  /// A packet that ``Flows/FlowUpdate/isLocal`` marks.
  mutating func receiveLocal(
    _ update: FlowUpdate, _ packet: inout Packet, _ frame: RawSpan, _ flows: inout FlowTable
  ) {
    let payload = frame.extracting(packet.payloadOffset..<packet.payloadOffset &+ packet.payloadLength)
    guard let content = Self.localContent(&packet, payload) else {
      counters.linkMalformed += 1
      return
    }
    guard linkRepeats.admit(&packet, payload) else { return }
    counters.linkMessages += 1
    let flow = update.flow == .none ? nil : FlowFacts(flows.summary(of: update.flow))
    observations.append(Observation(time: now, flow: flow, link: LinkFacts(&packet), content: content))
  }

  /// - Returns: nil for what a host would drop.
  private static func localContent(_ packet: inout Packet, _ payload: RawSpan) -> Observation.Content? {
    if packet.network == .arp {
      guard let header = ARPHeader(payload), [ARPHeader.request, ARPHeader.reply].contains(header.operation) else {
        return nil
      }
      return .arp(header)
    }
    if packet.transport == .icmp {
      return RouteRedirect(ipv4: payload, from: packet.source, to: packet.destination).map { .redirect($0) }
    }
    // No router passes on what the link says to itself: any other hop limit came from far away (RFC 4861 §3.1).
    guard packet.timeToLive == 255, packet.destinationPort == 0 else { return nil }
    switch packet.sourcePort {
    case RouterAdvertisement.type:
      return RouterAdvertisement(payload, from: packet.source).map { .routerAdvertisement($0) }
    case NeighbourMessage.solicitationType, NeighbourMessage.advertisementType:
      return NeighbourMessage(payload, type: packet.sourcePort, from: packet.source).map { .neighbour($0) }
    case RouteRedirect.icmpv6Type:
      return RouteRedirect(ipv6: payload, from: packet.source, to: packet.destination).map { .redirect($0) }
    default: return nil
    }
  }
}
