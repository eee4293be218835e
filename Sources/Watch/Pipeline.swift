package import Capture
package import Decode
package import Flows
package import Policy
package import Protocols
package import Rules

/// The way of a packet, all of it: start reading here.
///
///     frame ─▶ decode ─▶ fragments ─▶ flows ─▶ protocols ─▶ observations ─▶ rules ─▶ findings
///
/// The same pipeline runs live and over files. It owns every table, knows no file, socket or clock, and takes its time
/// from the frames.
package struct Pipeline: ~Copyable {
  package private(set) var decoded = DecodeCounters()
  package private(set) var fragments: FragmentTable
  package private(set) var flows: FlowTable
  package private(set) var protocols: ProtocolStage
  package private(set) var analyst: Analyst
  package private(set) var clock = PacketClock()
  /// Frames received, and their bytes on the wire.
  package private(set) var frames: UInt64 = 0
  package private(set) var bytes: UInt64 = 0
  /// Flows of miners that ended since the last ``takeEndedFlows()``; kept only when somebody wants them.
  package private(set) var endedFlows: [EndedFlow] = []

  /// What was observed since the last ``takeObservations()``; kept only when somebody learns.
  private var observed: [Observation] = []
  private let keepsObservations: Bool
  /// Accounts of the minutes since the last ``takeMinutes()``; kept only when somebody wants them.
  package private(set) var minutes: [MinuteAccount] = []

  /// The first frame's time.
  package private(set) var firstTime: Timestamp?

  /// Whether somebody writes flow records.
  var keepsEndedFlows: Bool
  /// Whether somebody reads the minutes' accounts.
  var keepsMinutes: Bool
  /// Of packet time: that whose shares are being summed up.
  private var minute: Int64 = 0
  /// When shares were taken last, in seconds of packet time; and the last second in which a packet came, of IP or ARP.
  private var pulsed: Int64 = 0
  private var ticked: Int64 = 0
  private var heard: (at: Int64, packets: UInt64) = (0, 0)
  private var packet = Packet()

  package struct EndedFlow: Sendable {
    package let facts: FlowFacts
    package let totals: FlowTotals
    package let application: AppProtocol?
  }

  /// - Parameters:
  ///   - seed: for the flow table's hash. Unpredictable when live, so that nobody can aim at one bucket.
  ///   - keepsEndedFlows: whether somebody writes flow records.
  ///   - keepsMinutes: whether somebody reads the minutes' accounts.
  ///   - memory: what is known of the site from before.
  ///   - keepsObservations: whether somebody learns from what is observed.
  package init(
    policy: Policy, seed: UInt64, keepsEndedFlows: Bool = false, keepsMinutes: Bool = false,
    keepsObservations: Bool = false, memory: SiteMemory = SiteMemory()
  ) {
    fragments = FragmentTable(seed: seed)
    flows = FlowTable(capacity: Limits.flows, seed: seed)
    protocols = ProtocolStage(for: flows, seed: seed)
    analyst = Analyst(policy: policy, memory: memory)
    self.keepsEndedFlows = keepsEndedFlows
    self.keepsObservations = keepsObservations
    self.keepsMinutes = keepsMinutes
  }

  // MARK: Frames

  package mutating func receive(_ frame: borrowing Frame) {
    frames &+= 1
    bytes &+= UInt64(frame.originalLength)
    if clock.advance(to: frame.timestamp) { tick() }
    if firstTime == nil { begin(at: frame.timestamp) }

    guard PacketDecoder.decode(frame, into: &packet, counting: &decoded).isPacket else { return }
    if packet.fragment.isFragment {
      reassemble(frame.bytes)
    } else {
      track(frame.bytes)
    }
  }

  private mutating func begin(at time: Timestamp) {
    firstTime = time
    minute = time.minute
    analyst.openMinute(at: time)
  }

  /// A packet whose bytes are all there: to its flow, and what the flow then delivers to the dissectors.
  @inline(__always)
  private mutating func track(_ bytes: RawSpan) {
    if packet.tunnel.kind != .none { trackTunnel(bytes) }
    let update = flows.receive(&packet, bytes)
    protocols.receive(update, &packet, bytes, &flows)
    if !protocols.observations.isEmpty { judge() }
  }

  /// The outer packet of an encapsulated one is a flow of its own: a tunnel out of a miner must not hide in its contents.
  private mutating func trackTunnel(_ bytes: RawSpan) {
    var outer = packet.outer
    let update = flows.receive(&outer, bytes)
    protocols.receive(update, &outer, bytes, &flows)
  }

  private mutating func reassemble(_ bytes: RawSpan) {
    guard let datagram = fragments.receive(packet, bytes) else { return noteContradiction(bytes) }
    Self.trackDatagram(datagram, fragments, &packet, &decoded, &flows, &protocols)
    fragments.release(datagram)
    if !protocols.observations.isEmpty { judge() }
  }

  /// A fragment may contradict a datagram that was taken for whole.
  private mutating func noteContradiction(_ bytes: RawSpan) {
    let ports = fragments.takeContradiction()
    guard ports != 0, packet.ipProtocol == IPProtocol.tcp || packet.ipProtocol == IPProtocol.udp else { return }
    packet.transport = packet.ipProtocol == IPProtocol.tcp ? .tcp : .udp
    packet.sourcePort = UInt16(truncatingIfNeeded: ports >> 16)
    packet.destinationPort = UInt16(truncatingIfNeeded: ports)
    (packet.payloadLength, packet.claimedPayloadLength, packet.fragment) = (0, 0, .none)
    protocols.receive(flows.disputed(&packet, bytes), &packet, bytes, &flows)
    if !protocols.observations.isEmpty { judge() }
  }

  private static func trackDatagram(
    _ datagram: DatagramIndex, _ fragments: borrowing FragmentTable, _ packet: inout Packet,
    _ decoded: inout DecodeCounters, _ flows: inout FlowTable, _ protocols: inout ProtocolStage
  ) {
    let bytes = fragments.bytes(datagram)
    let outcome = PacketDecoder.decodeTransport(&packet, bytes, offset: 0)
    decoded.countReassembled(outcome, &packet)
    guard outcome.isPacket else { return }
    var update = flows.receive(&packet, bytes)
    if fragments.isDisputed(datagram) { flows.noteDispute(&update) }
    protocols.receive(update, &packet, bytes, &flows)
  }

  // MARK: Time

  /// Lets time pass without a packet: the live watch does so once a second on an idle wire.
  package mutating func tick(at time: Timestamp) {
    if clock.advance(to: time) { tick() }
  }

  private mutating func tick() {
    guard let now = clock.now else { return }
    flows.tick(now)
    protocols.tick(now, &flows)
    judge()
    analyst.tick(now)
    listen(now)
    if now.minute != minute { turnMinute(now) }
  }

  /// Takes the shares of the last few seconds, and tells the rules whether there was anything to be heard at all.
  private mutating func listen(_ now: Timestamp) {
    let packets = decoded.packets
    // Ticks are a second apart while packets come; a frame's own tick comes before it.
    if packets != heard.packets { heard = (min(now.seconds, ticked + 1), packets) }
    ticked = now.seconds
    guard now.seconds < pulsed || now.seconds - pulsed >= Int64(FleetWatch.roundLength) else { return }
    pulsed = now.seconds
    protocols.collectPulses(flows)
    analyst.pulse(protocols.pulses, look: Sight.Look(heard: Int(heard.at), packets: packets), at: now)
    protocols.pulses.removeAll(keepingCapacity: true)
  }

  /// A minute of packet time is over: sums up the shares in it.
  private mutating func turnMinute(_ now: Timestamp) {
    protocols.collectWork(flows)
    protocols.collectHiddenWork(&flows)
    bookWork()
    minute = now.minute
    Self.sumUpTraffic(flows, &analyst)
    if let account = analyst.closeMinute(at: now, isWanted: keepsMinutes) { minutes.append(account) }
  }

  /// Tells the rules what has gone through each open flow.
  private static func sumUpTraffic(_ flows: borrowing FlowTable, _ analyst: inout Analyst) {
    for slot in 0..<flows.slotsInUse {
      guard let flow = flows.openFlow(inSlot: slot) else { continue }
      let summary = flows.facts(flow)
      let (client, server) = (summary.side(summary.client), summary.side(summary.client.other))
      analyst.hear(
        FlowVolume(flow: FlowFacts(summary), toServer: client.counters, toClient: server.counters))
    }
  }

  private mutating func bookWork() {
    guard !protocols.work.isEmpty else { return }
    analyst.book(protocols.work)
    protocols.work.removeAll(keepingCapacity: true)
  }

  /// Ends every flow and judges what was held back. Nothing may be received afterwards.
  package mutating func finish() {
    flows.endAll()
    protocols.drainEnded(&flows)
    judge()
    if let now = clock.now { turnMinute(now) }
    analyst.finish()
  }

  // MARK: Judgement

  /// Hands what was observed to the rules.
  private mutating func judge() {
    defer { protocols.observations.removeAll(keepingCapacity: true) }
    if keepsObservations { observed += protocols.observations }
    bookWork()
    for index in protocols.observations.indices {
      analyst.observe(protocols.observations[index])
      if keepsEndedFlows { keepEndedFlow(protocols.observations[index]) }
    }
  }

  private mutating func keepEndedFlow(_ observation: Observation) {
    guard let flow = observation.flow, case .flowEnded(let totals, let application) = observation.content else {
      return
    }
    endedFlows.append(EndedFlow(facts: flow, totals: totals, application: application))
  }

  /// What the sensor has to say about itself, judged like anything else.
  package mutating func observe(_ event: SensorEvent, at time: Timestamp) {
    analyst.observe(Observation(time: time, flow: nil, content: .sensor(event)))
  }

  package mutating func takeFindings() -> [Finding] {
    analyst.takeFindings()
  }

  package mutating func takeObservations() -> [Observation] {
    defer { observed.removeAll(keepingCapacity: true) }
    return observed
  }

  package mutating func takeEndedFlows() -> [EndedFlow] {
    defer { endedFlows.removeAll(keepingCapacity: true) }
    return endedFlows
  }

  package mutating func takeMinutes() -> [MinuteAccount] {
    defer { minutes.removeAll() }
    return minutes
  }

  package mutating func reload(_ policy: Policy) {
    analyst.reload(policy)
  }

  /// Bounds of the rules that were hit since the last call.
  mutating func takeAnalystOverloads() -> [SensorEvent.OverloadCount] {
    analyst.takeOverloads()
  }
}

extension Packet {
  /// The packet around this one, as far as a flow needs it: who sends to whom, and by which protocol.
  fileprivate var outer: Packet {
    var packet = Packet()
    packet.timestamp = timestamp
    packet.interface = interface
    packet.sourceMAC = sourceMAC
    packet.destinationMAC = destinationMAC
    packet.outerVLAN = outerVLAN
    packet.innerVLAN = innerVLAN
    packet.vlanCount = vlanCount
    packet.network = tunnel.source.isIPv4 ? .ipv4 : .ipv6
    packet.source = tunnel.source
    packet.destination = tunnel.destination
    switch tunnel.kind {
    case .none: break
    case .gre, .erspan: packet.ipProtocol = IPProtocol.gre
    case .vxlan: packet.ipProtocol = IPProtocol.udp
    case .ip: packet.ipProtocol = network == .ipv6 ? IPProtocol.ipv6 : IPProtocol.ipv4
    }
    return packet
  }
}

extension Timestamp {
  /// Whole minutes since the epoch.
  fileprivate var minute: Int64 { seconds / 60 }
}
