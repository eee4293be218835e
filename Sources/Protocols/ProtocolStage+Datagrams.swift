import Capture
import Decode
import Flows

/// UDP: every datagram stands for itself, so the first one mostly tells what the flow carries.
extension ProtocolStage {
  /// Datagrams that an unknown flow is given to become something.
  private static var patience: UInt32 { 8 }

  mutating func receiveDatagram(
    _ update: FlowUpdate, _ packet: inout Packet, _ frame: RawSpan, _ flows: inout FlowTable
  ) {
    guard update.payloadLength > 0 else { return }
    let payload = frame.extracting(update.payloadOffset..<update.payloadOffset &+ update.payloadLength)
    var state = ApplicationState(rawValue: flows.applicationState(update.flow))
    let isRead = state.phase != .probing || identify(payload, &packet, update, state, &flows)
    state = ApplicationState(rawValue: flows.applicationState(update.flow))
    scan(datagram: payload, update, state.identified, &flows)
    guard isRead else { return }
    switch state.identified {
    case .dns: receiveDNS(payload, &packet, update.flow, &flows)
    case .ntp: receiveNTP(payload, &packet, update, &state, &flows)
    case .dhcp: receiveDHCP(payload, &packet, update.flow, &flows)
    case .mdns, .llmnr: receiveLocalNames(payload, update.flow, &flows)
    case .quic: receiveQUIC(payload, update, state, &flows)
    case .minerAPI: receiveDiscovery(payload, update.flow, state, &flows)
    default: break
    }
  }

  /// - Returns: whether the flow is now known for something that is read.
  private mutating func identify(
    _ payload: RawSpan, _ packet: inout Packet, _ update: FlowUpdate, _ state: ApplicationState,
    _ flows: inout FlowTable
  ) -> Bool {
    var first = FirstBytes(opening: payload, answer: payload.extracting(0..<0))
    first.openerPort = packet.sourcePort
    first.answererPort = packet.destinationPort
    first.firstFlight = packet.claimedPayloadLength
    let (found, probe) = Recogniser.recognise(first, among: Recogniser.datagrams)
    guard case .match(let opener) = probe else {
      refuse(update, state, &flows)
      return false
    }
    // Whoever asks everybody asks no resolver.
    let destination = packet.destination
    let isForGroup = destination.isMulticast || destination.isIPv4 && destination.v4 == .max
    if found == .dns, isForGroup {
      _ = apply(.identified(.unknown, state), update.flow, &flows)
      return false
    }
    var decision = FlowDecision(state: state)
    decision.state.phase = .datagrams
    decision.state.session = 0
    decision.identified = found
    decision.client = opener.map { $0 == .client ? update.sender : update.sender.other }
    decision.ignore = ![.dns, .ntp, .dhcp, .mdns, .llmnr, .quic].contains(found)
    if decision.ignore { decision.state.phase = .done }
    _ = apply(decision, update.flow, &flows)
    if found == .dns { flows.markConsultation(update.flow) }
    if found == .quic { openQUIC(payload, update.flow, &flows) }
    return !decision.ignore
  }

  /// A datagram that nobody knows: the flow is unknown, and soon of no more interest.
  private mutating func refuse(_ update: FlowUpdate, _ state: ApplicationState, _ flows: inout FlowTable) {
    var decision = FlowDecision(state: state)
    if state.identified != .unknown { decision.identified = .unknown }
    decision.state.session += 1
    if decision.state.session >= Self.patience {
      decision.state.phase = .done
      decision.ignore = true
    }
    _ = apply(decision, update.flow, &flows)
  }

  /// One datagram says all; more of them cost only counters.
  private mutating func receiveDiscovery(
    _ payload: RawSpan, _ flow: FlowIndex, _ state: ApplicationState, _ flows: inout FlowTable
  ) {
    guard state.phase == .datagrams, let request = MinerDiscovery.read(payload) else { return }
    observe(.request(request), flow, &flows)
    var state = state
    state.phase = .done
    flows.setApplicationState(flow, state.rawValue)
  }

  private mutating func receiveDNS(
    _ payload: RawSpan, _ packet: inout Packet, _ flow: FlowIndex, _ flows: inout FlowTable
  ) {
    let isComplete = packet.payloadLength >= packet.claimedPayloadLength
    guard DNSHeader(payload)?.isPlausible == true, var message = DNSParser.parse(payload, isComplete: isComplete) else {
      counters.dnsImplausible += 1
      return
    }
    if isComplete {
      queries.note(
        &message, from: packet.source, packet.sourcePort, to: packet.destination, packet.destinationPort, at: now)
    }
    counters.count(message)
    observe(.dns(message), flow, &flows)
  }

  private mutating func receiveDHCP(
    _ payload: RawSpan, _ packet: inout Packet, _ flow: FlowIndex, _ flows: inout FlowTable
  ) {
    let isIPv6 = packet.network == .ipv6
    guard let message = isIPv6 ? DHCPv6Packet(payload)?.message : DHCPv4Packet(payload)?.message else {
      counters.linkMalformed += 1
      return
    }
    guard linkRepeats.admit(&packet, payload) else { return }
    counters.linkMessages += 1
    observations.append(
      Observation(
        time: now, flow: FlowFacts(flows.summary(of: flow)), link: LinkFacts(&packet), content: .dhcp(message)))
  }

  private mutating func receiveLocalNames(_ payload: RawSpan, _ flow: FlowIndex, _ flows: inout FlowTable) {
    guard let names = LocalNames(payload) else { return }
    counters.localNames += 1
    observe(.localNames(names), flow, &flows)
  }

  /// The first packet of each direction, then sums of a minute and whatever differs: see ``NTPProgress``.
  private mutating func receiveNTP(
    _ payload: RawSpan, _ packet: inout Packet, _ update: FlowUpdate, _ state: inout ApplicationState,
    _ flows: inout FlowTable
  ) {
    counters.ntpPackets += 1
    let length = packet.claimedPayloadLength
    var message = NTPPacket(payload, claimedLength: length) ?? .foreign(payload, claimedLength: length)
    let isFirst = !state.hasNTP(update.sender)
    guard ntp[Int(update.flow.rawValue)][update.sender].admit(&message, at: now, isFirst: isFirst) else { return }
    state.setNTP(update.sender)
    flows.setApplicationState(update.flow, state.rawValue)
    observe(.ntp(message), update.flow, &flows)
  }
}
