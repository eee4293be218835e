import Capture
import Decode
import Flows
import Protocols
import Simulator

/// A flow table and a stage, small enough to be made anew for every input.
struct StageSite: ~Copyable {
  private var flows = FlowTable(capacity: 16, seed: 1, heldBytes: 256 << 10, recentBytes: 16 << 10)
  private var stage: ProtocolStage
  private var fragments = FragmentTable(capacity: 4, seed: 1, budget: 64 << 10)
  private var packet = Packet()
  private var counters = DecodeCounters()
  private var now = Timestamp(seconds: 1_000)
  private var next: (client: UInt32, server: UInt32) = (1_000, 9_000)

  init() {
    stage = ProtocolStage(for: flows, seed: 1, sessions: 8, bufferBytes: 256 << 10)
    send(.synchronize, isClient: true)
    send([.synchronize, .acknowledge], isClient: false)
  }

  /// The next bytes of one end of the connection.
  mutating func say(_ bytes: [UInt8], isClient: Bool) {
    var rest = bytes[...]
    while !rest.isEmpty {
      send([.push, .acknowledge], isClient: isClient, rest.prefix(1_400))
      rest = rest.dropFirst(1_400)
    }
  }

  private mutating func send(_ flags: TCPFlags, isClient: Bool, _ payload: ArraySlice<UInt8> = []) {
    let (client, server) = (Host("10.20.0.1"), Host("203.0.113.10"))
    let frame = FrameBytes.tcp(
      from: isClient ? client : server, port: isClient ? 40_000 : 3_333, to: isClient ? server : client,
      port: isClient ? 3_333 : 40_000, sequence: isClient ? next.client : next.server,
      acknowledgment: isClient ? next.server : next.client, flags: flags, payload: payload)
    let takes = UInt32(payload.count) + (flags.contains(.synchronize) ? 1 : 0)
    if isClient { next.client &+= takes } else { next.server &+= takes }
    receive(frame, linkType: .ethernet, at: now)
  }

  mutating func receive(_ frame: [UInt8], linkType: LinkType, at time: Timestamp) {
    let span = frame.span
    let bytes = unsafe span.bytes
    receive(Frame(bytes: bytes, timestamp: time, originalLength: frame.count, linkType: linkType, source: 0))
  }

  mutating func receive(_ frame: borrowing Frame) {
    if frame.timestamp.nanoseconds(since: now) >= 1_000_000_000 { tick(frame.timestamp) }
    guard PacketDecoder.decode(frame, into: &packet, counting: &counters).isPacket else { return }
    if packet.fragment.isFragment {
      guard let datagram = fragments.receive(packet, frame.bytes) else { return }
      Self.take(datagram, fragments, &packet, &flows, &stage)
      fragments.release(datagram)
    } else {
      let update = flows.receive(&packet, frame.bytes)
      stage.receive(update, &packet, frame.bytes, &flows)
    }
  }

  private static func take(
    _ datagram: DatagramIndex, _ fragments: borrowing FragmentTable, _ packet: inout Packet, _ flows: inout FlowTable,
    _ stage: inout ProtocolStage
  ) {
    let bytes = fragments.bytes(datagram)
    guard PacketDecoder.decodeTransport(&packet, bytes, offset: 0).isPacket else { return }
    var update = flows.receive(&packet, bytes)
    if fragments.isDisputed(datagram) { flows.noteDispute(&update) }
    stage.receive(update, &packet, bytes, &flows)
  }

  mutating func tick(_ time: Timestamp) {
    now = time
    flows.tick(time)
    stage.tick(time, &flows)
  }

  mutating func shutDown() {
    flows.endAll()
    stage.drainEnded(&flows)
  }

  /// What was observed since the last call.
  mutating func take() -> [Observation] {
    defer { stage.observations.removeAll() }
    return stage.observations
  }
}
