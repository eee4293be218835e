package import Capture
package import Decode

/// All flows of one worker: finds a packet's flow, puts TCP streams in order, and tells when a flow is over.
///
/// How to use it, for every packet: ``receive(_:_:)``, deliver what ``FlowUpdate`` says, then for every ``nextEnded()`` deliver
/// what ``nextHeld(_:_:)`` still has for both ends, read ``summary(of:)`` and ``release(_:)-(FlowIndex)`` the flow. Once a second of
/// packet time: ``tick(_:)``, then read ``nextStalled()``, ``nextUndecided()`` and ``nextEnded()``.
///
/// **Invariant:** a packet costs constant work and no allocation; memory is all taken at the start and resident only as used.
package struct FlowTable: ~Copyable {
  /// Flows that may be alive at one time.
  package let capacity: Int

  var records: Slab<FlowRecord>
  /// Two a flow: the slot's number doubled, and one more for end `b`.
  var streams: Slab<StreamRecord>
  var origins: Slab<FlowOrigin>
  /// By slot, of flows that came in one.
  var tunnels: Slab<TunnelRecord>
  /// As ``streams``, both.
  var starts: Slab<StreamStart>
  var details: SparseSlab<StreamDetail>
  /// By slot, of connections that no sweep needs to look at yet: most live for days.
  var dueTimes: DueTimes

  var buckets: BucketTable
  let hash: FlowHash
  /// Flows that only one end has spoken in, oldest first: they make room before any other.
  var unanswered: AgeList
  var held: HeldPieces
  var recent: RecentBytes

  /// Slots that were ever used: those from here on are untouched memory.
  var usedSlots = 0
  /// Heads and tail of the lists through ``FlowRecord/link``, as slot + 1.
  var firstFree: UInt32 = 0
  var firstEnded: UInt32 = 0
  var lastEnded: UInt32 = 0
  var undecided = SlotQueue(capacity: Limits.undecidedFlows)
  /// Look-ups, in the order in which they were recognised.
  var consultations = SlotQueue(capacity: Limits.awaitedLookUps)
  var stalled = SlotQueue(capacity: Limits.stalledStreams)

  /// Of the last packet or tick.
  var now = Timestamp(nanoseconds: .min)
  /// What the last sweep judged by. A flow counts as seen no earlier than that, so that one packet with a wild timestamp
  /// does not make it look idle for years.
  var sweepTime = Timestamp(nanoseconds: .min)
  /// What the tick before this one was told.
  var previousTick: Timestamp?
  var sweep = Sweep()
  var shutdownCursor: Int?
  /// The number of the newest flow; the next one's is so much greater.
  var lastID: UInt64
  let idStep: UInt64
  var randomState: UInt64
  var pendingConflict: StreamConflict?

  package var statistics = FlowStatistics()
  private let place = InPlace()

  /// - Parameters:
  ///   - capacity: flows alive at one time, at least one.
  ///   - seed: makes the hash unpredictable; from a random source in production, fixed in tests.
  ///   - heldBytes: for segments that wait behind a gap, all streams together.
  ///   - recentBytes: for what retransmissions are compared with.
  ///   - share: no two workers give the same number to their flows.
  package init(
    capacity: Int = Limits.flows, seed: UInt64, heldBytes: Int = Limits.heldBytes,
    recentBytes: Int = Limits.recentBytes, share: WorkerShare = .whole
  ) {
    precondition((1...1 << 28).contains(capacity), "a flow table holds 1 to 2^28 flows")
    self.capacity = capacity
    let slots = capacity + Swift.min(max(capacity / 8, 16), Limits.endedFlows)
    records = Slab(count: slots, isHot: true)
    streams = Slab(count: slots * 2, isHot: true)
    origins = Slab(count: slots)
    tunnels = Slab(count: slots)
    starts = Slab(count: slots * 2)
    details = SparseSlab(count: slots * 2)
    dueTimes = DueTimes(count: slots, atMost: FlowTimeouts.established)
    buckets = BucketTable(capacity: capacity)
    hash = FlowHash(seed: seed)
    unanswered = AgeList(count: slots)
    held = HeldPieces(budget: heldBytes)
    recent = RecentBytes(byteCount: recentBytes, segmentCount: Limits.recentSegments)
    randomState = seed
    lastID = UInt64(share.index)
    idStep = UInt64(share.count)
  }

  /// Takes one packet in: an IP packet that is no fragment, or a datagram put together.
  ///
  /// - Parameters:
  ///   - packet: not changed. Here and below it is `inout` because the compiler copies all of a borrowed one.
  ///   - frame: what the packet's offsets point into.
  package mutating func receive(_ packet: inout Packet, _ frame: RawSpan) -> FlowUpdate {
    guard packet.transport != .none || Self.isOtherProtocol(&packet) else { return Self.withoutFlow(&packet) }
    let (key, sender) = FlowKey.of(&packet)
    let slot = buckets.find(hash(key)) { records[$0].key == key }
    guard slot >= 0 else { return receiveFirst(&packet, frame) }

    let lastSeen = records[slot].lastSeen
    records[slot].lastSeen = max(packet.timestamp, sweepTime)
    let stream = slot * 2 + Int(sender.rawValue)
    streams[stream].counters.packets &+= 1
    streams[stream].counters.bytes &+= UInt64(truncatingIfNeeded: packet.networkLength)

    guard streams[stream].flags.contains(.plain), packet.isPlain(at: streams[stream].next),
      acknowledgePlainly(packet.tcp.acknowledgment, stream ^ 1)
    else {
      return receiveSpecial(&packet, frame, slot, sender, lastSeen)
    }
    var update = FlowUpdate(slot, sender, application: records[slot].applicationState)
    guard packet.payloadLength > 0 else { return update }
    update.payloadOffset = packet.payloadOffset
    update.payloadLength = packet.payloadLength
    remember(stream, frame, packet.payloadOffset, packet.payloadLength)
    return update
  }

  /// Follows the stream over `count` bytes of the frame, which come next in it, and keeps a copy to compare
  /// retransmissions with.
  @inline(__always)
  mutating func remember(_ stream: Int, _ frame: RawSpan, _ offset: Int, _ count: Int) {
    let next = streams[stream].next
    streams[stream].next = next.advanced(byBytes: count)
    streams[stream].recent = recent.append(
      frame, offset, count, stream: stream, previous: streams[stream].recent, sequence: next)
  }

  /// Notes an acknowledgment that is the last one again, or a little more.
  ///
  /// - Returns: false, and nothing noted, for any other.
  @inline(__always)
  private mutating func acknowledgePlainly(_ number: UInt32, _ stream: Int) -> Bool {
    guard number &- streams[stream].acknowledged <= 1 << 20 else { return false }
    streams[stream].acknowledged = number
    return true
  }

  /// What a packet means that belongs to no flow.
  @inline(never)
  private static func withoutFlow(_ packet: inout Packet) -> FlowUpdate {
    var update = FlowUpdate()
    update.isLocal = packet.network == .arp
    return update
  }

  /// Whether this is an IP packet of a protocol that Decode has no header for. A TCP or UDP packet without ports is
  /// a broken one, and belongs to no flow.
  private static func isOtherProtocol(_ packet: inout Packet) -> Bool {
    (packet.network == .ipv4 || packet.network == .ipv6) && !packet.fragment.isFragment
      && packet.ipProtocol != IPProtocol.tcp && packet.ipProtocol != IPProtocol.udp
  }
}

extension Packet {
  /// Neighbour discovery without router solicitations (RFC 4861 §4), or a redirect (RFC 792).
  var isLocal: Bool {
    switch transport {
    case .icmp: sourcePort == 5
    case .icmpv6: (134...137).contains(sourcePort)
    default: false
    }
  }

  var payload: Range<Int> {
    payloadOffset..<payloadOffset + payloadLength
  }

  /// Whether this is a segment with ACK and without SYN, FIN, RST and URG, whole, and next in its stream.
  @inline(__always)
  func isPlain(at next: UInt32) -> Bool {
    tcp.flags.rawValue & 0x37 == 0x10 && tcp.sequence == next && payloadLength == claimedPayloadLength
  }
}
