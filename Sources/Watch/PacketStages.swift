package import Capture
package import Decode
package import Flows
package import Protocols
package import Rules

/// What happens to every packet, up to where it is known what was said: the part of the way that a worker does on its own.
///
///     frame ─▶ decode ─▶ fragments ─▶ flows ─▶ protocols ─▶ observations
///
/// It keeps nothing that a packet of another flow's would need, so packets may be shared out among several, by flow. After
/// each of its verbs take what stands in ``protocols`` (observations, work, pulses) and empty it.
package struct PacketStages: ~Copyable {
  package private(set) var decoded = DecodeCounters()
  package private(set) var fragments: FragmentTable
  package private(set) var flows: FlowTable
  package internal(set) var protocols: ProtocolStage
  package internal(set) var clock = PacketClock()
  /// Frames received, and their bytes on the wire.
  package private(set) var frames: UInt64 = 0
  package private(set) var bytes: UInt64 = 0

  /// Packets of IP and ARP among them.
  package var packetCount: UInt64 { decoded.packets }

  /// Of packet time: those that shares are being counted in.
  private var minute: Int64 = 0
  private var round: Int64 = 0
  /// The last tick; and the last second in which a packet came, of IP or ARP, with how many there were.
  private var ticked: Int64 = 0
  private var heard: (at: Int64, packets: UInt64) = (0, 0)
  private var packet = Packet()

  /// - Parameters:
  ///   - seed: for the tables' hashes. Unpredictable when live, so that nobody can aim at one bucket.
  ///   - share: of the site's bounds and flow numbers.
  package init(seed: UInt64, share: WorkerShare = .whole) {
    fragments = FragmentTable(
      capacity: share.of(Limits.fragmentedDatagrams), seed: seed, budget: share.of(Limits.fragmentBytes))
    flows = FlowTable(
      capacity: share.of(Limits.flows), seed: seed, heldBytes: share.of(Limits.heldBytes), share: share)
    protocols = ProtocolStage(for: flows, seed: seed, share: share)
  }

  // MARK: Frames

  /// Takes in a frame: everything that is done for each packet. Its time must have passed already.
  @inline(__always)
  package mutating func take(_ frame: borrowing Frame) {
    frames &+= 1
    bytes &+= UInt64(frame.originalLength)
    guard PacketDecoder.decode(frame, into: &packet, counting: &decoded).isPacket else { return }
    if packet.fragment.isFragment {
      reassemble(frame.bytes)
    } else {
      track(frame.bytes)
    }
  }

  /// A packet whose bytes are all there: to its flow, and what the flow then delivers to the dissectors.
  @inline(__always)
  private mutating func track(_ bytes: RawSpan) {
    if packet.tunnel.kind != .none { trackTunnel(bytes) }
    let update = flows.receive(&packet, bytes)
    protocols.receive(update, &packet, bytes, &flows)
  }

  /// The outer packet of an encapsulated one is a flow of its own: a tunnel out of a miner must not hide in its contents.
  @inline(never)
  private mutating func trackTunnel(_ bytes: RawSpan) {
    var outer = packet.outer
    let update = flows.receive(&outer, bytes)
    protocols.receive(update, &outer, bytes, &flows)
  }

  private mutating func reassemble(_ bytes: RawSpan) {
    guard let datagram = fragments.receive(packet, bytes) else { return noteContradiction(bytes) }
    Self.trackDatagram(datagram, fragments, &packet, &decoded, &flows, &protocols)
    fragments.release(datagram)
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

  /// The watch begins.
  package mutating func begin(at time: Timestamp) {
    (minute, round, ticked) = (time.minute, time.round, time.seconds)
  }

  /// Lets a second of ``clock`` pass: what time does to flows and sessions.
  ///
  /// - Returns: what is over with it.
  package mutating func tick(_ second: Timestamp) -> Tick {
    flows.tick(second)
    protocols.tick(second, &flows)
    // Ticks are a second apart while packets come; a frame's own tick comes before it.
    if decoded.packets != heard.packets { heard = (min(second.seconds, ticked + 1), decoded.packets) }
    defer { (minute, round, ticked) = (second.minute, second.round, second.seconds) }
    return Tick(
      look: Sight.Look(heard: Int(heard.at), packets: heard.packets), endsRound: second.round != round,
      endsMinute: second.minute != minute)
  }

  /// The end of everything, which is told like that of a second.
  package var end: Tick {
    Tick(
      look: Sight.Look(heard: Int(heard.at), packets: heard.packets), endsRound: false, endsMinute: false, isEnd: true)
  }

  /// A second that is over.
  package struct Tick: Sendable {
    /// Whether there was anything to be heard.
    package var look: Sight.Look
    /// So are the few seconds that pulses are taken for; and the minute that work is summed up for.
    package var endsRound: Bool
    package var endsMinute: Bool
    /// Everything is.
    package var isEnd = false
  }

  /// Sessions that are asked at once for pulses, or for work: what all have to say is more than most tables of them.
  private static let sessionsAtOnce = 4_096

  /// Takes the pulses of a round that is over, into ``protocols``: of some sessions after the other.
  ///
  /// - Parameter start: 0, and then what this gave.
  /// - Returns: where to go on; nil when all are taken.
  package mutating func collectPulses(from start: Int) -> Int? {
    protocols.collectPulses(flows, from: start, atMost: Self.sessionsAtOnce)
  }

  /// Takes the work of a minute that is over, into ``protocols``: of some sessions after the other.
  ///
  /// - Parameter start: 0, and then what this gave.
  /// - Returns: where to go on; nil when all is taken.
  package mutating func collectWork(from start: Int) -> Int? {
    if let next = protocols.collectWork(flows, from: start, atMost: Self.sessionsAtOnce) { return next }
    protocols.collectHiddenWork(&flows)
    return nil
  }

  /// Tells what has gone through each open flow, with its place in the table, and more of it to whoever asks.
  package func forEachVolume(_ body: (_ volume: FlowVolume, _ slot: Int, _ facts: () -> FlowFacts) -> Void) {
    for slot in 0..<flows.slotsInUse {
      guard let flow = flows.openFlow(inSlot: slot) else { continue }
      body(flows.volume(flow), slot) { FlowFacts(flows.summary(of: flow)) }
    }
  }

  /// Ends some of the flows. Nothing may be taken in afterwards.
  ///
  /// All that a site has open, observed at once, would take more memory than all the watch before.
  ///
  /// - Returns: whether there may be more.
  package mutating func endSome() -> Bool {
    flows.endAll()
    return protocols.drainEnded(&flows, atMost: 1_024)
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
  /// Whole rounds of pulses since the epoch.
  fileprivate var round: Int64 { seconds / Int64(FleetWatch.roundLength) }
}
