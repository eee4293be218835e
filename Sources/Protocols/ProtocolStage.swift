package import Capture
package import Decode
package import Flows

/// Turns what flows carry into observations: finds out what each flow speaks, and reads what is read.
///
/// How to use it, for every packet that a ``FlowTable`` took in: ``receive(_:_:_:_:)``. Once a second of packet time, after
/// the flow table's own tick: ``tick(_:_:)``. At the end: ``FlowTable/endAll()`` and ``drainEnded(_:)``. After any of
/// them, take what stands in ``observations`` and empty it.
///
/// **Invariant:** for a segment of a known Stratum session the way is: flow's state, session, done.
package struct ProtocolStage: ~Copyable {
  /// What was observed since the caller last emptied this, in time order.
  package var observations: [Observation] = []
  /// Work of sessions that ended, and of all after ``collectWork(_:)``, since the caller last emptied this. It comes before what
  /// was observed: a session's last shares before its end.
  package var work: [SessionWork] = []
  /// Shares of sessions that ended, and of all after ``collectPulses(_:)``, since the caller last emptied this.
  package var pulses: [SharePulse] = []
  package internal(set) var counters = ProtocolCounters()

  var stratum: StratumTable
  var queries: DNSQueries
  var linkRepeats: LinkRepeats
  /// Unfinished messages and undecided first bytes.
  var buffers: StreamBuffers
  let bufferBytes: Int
  /// By flow. A mining session needs none once it is recognised, but for the moments in which half a message waits.
  var progress: SparseSlab<FlowProgress>
  /// By flow; for those that carry NTP.
  var ntp: Slab<NTPProgress>
  /// Streams other than Stratum V1's and DNS's that are read, by the number in their flow's state.
  var readers: StreamReaders
  /// QUIC connections whose hello is not whole yet, by the number in their flow's state.
  var quic: QUICTable
  /// The flow of each Stratum session, by session.
  var flowOfSession: Slab<UInt32>
  /// The number of that flow, and for how many pulses the session has handed in nothing.
  var flowNumbers: Slab<UInt64>
  var quiet: Slab<UInt8>
  var sweep = Sweep()
  /// Sessions were given numbers below this.
  var usedSessions = 0
  /// What the bytes at hand said and is not observed yet: scratch, so that no packet allocates any.
  var events: [StratumEvent] = []
  var messages: [DNSMessage] = []
  var said: [Observation.Content] = []
  /// Of the last packet or tick.
  @usableFromInline
  var now = Timestamp(nanoseconds: 0)

  /// - Parameters:
  ///   - flows: the table whose flows come here.
  ///   - seed: keys the hashes: from a random source in production, fixed in tests. Results do not depend on it.
  ///   - sessions: Stratum sessions followed at once.
  ///   - bufferBytes: for unfinished messages, all flows together.
  ///   - share: of these and of all bounds on what is followed at once.
  package init(
    for flows: borrowing FlowTable, seed: UInt64, sessions: Int = Limits.stratumSessions,
    bufferBytes: Int = Limits.unfinishedBytes, share: WorkerShare = .whole
  ) {
    precondition(sessions <= 1 << 18, "a flow's state has 18 bits for its session")
    let (sessions, bufferBytes) = (share.of(sessions), share.of(bufferBytes))
    stratum = StratumTable(
      sessions: sessions, users: share.of(Limits.stratumUsers), requests: share.of(Limits.stratumRequests), seed: seed)
    readers = StreamReaders(bulky: share.of(Limits.streamReaders), mining: share.of(Limits.miningReaders))
    quic = QUICTable(limit: share.of(Limits.quicHellos))
    queries = DNSQueries(seed: seed)
    linkRepeats = LinkRepeats(seed: seed)
    buffers = StreamBuffers(budget: bufferBytes)
    self.bufferBytes = bufferBytes
    progress = SparseSlab(count: flows.slotCount)
    ntp = Slab(count: flows.slotCount)
    flowOfSession = Slab(count: sessions)
    flowNumbers = Slab(count: sessions)
    quiet = Slab(count: sessions)
  }

  /// Memory that unfinished messages take, in bytes.
  package var bufferedBytes: Int { buffers.bytesInUse }

  /// Messages of the link not observed: said just before, and beyond what a second may have.
  package var linkMessagesRepeated: UInt64 { linkRepeats.repeated }
  package var linkMessagesRefused: UInt64 { linkRepeats.overflow }

  /// What all Stratum sessions together have done.
  package var stratumCounters: StratumCounters { stratum.counters }

  /// How often each known Stratum method was said.
  package var stratumMethods: [(name: String, count: UInt64)] { stratum.methods }

  /// Takes in what one packet meant for its flow.
  ///
  /// - Parameters:
  ///   - packet: not changed. Here and below it and the table are `inout` where a packet comes by, because the compiler
  ///     copies all of a borrowed one.
  ///   - frame: what the update's offsets point into.
  @inlinable
  @inline(__always)
  package mutating func receive(
    _ update: FlowUpdate, _ packet: inout Packet, _ frame: RawSpan, _ flows: inout FlowTable
  ) {
    now = packet.timestamp
    // Nothing was said and nothing happened: half of all packets, and not worth a call.
    if update.payloadLength > 0 || !update.specials.isEmpty { read(update, &packet, frame, &flows) }
  }

  /// Takes in a packet that said something, or that made, ended or broke a flow.
  @usableFromInline
  mutating func read(_ update: FlowUpdate, _ packet: inout Packet, _ frame: RawSpan, _ flows: inout FlowTable) {
    guard update.specials.isEmpty else { return receiveSpecial(update, &packet, frame, &flows) }
    let state = ApplicationState(rawValue: update.application)
    guard state.phase == .stratum else { return receiveUnusual(update, &packet, frame, &flows) }
    stratum.prefetch(state.sessionIndex)
    let bytes = frame.extracting(update.payload)
    if let decision = followStratum(bytes, update.flow, update.sender, state) {
      if apply(decision, update.flow, &flows) { drainEnded(&flows) }
    }
  }

  /// Bytes of a flow that is no Stratum session, and a whole segment of a stream that is not followed.
  @inline(never)
  private mutating func receiveUnusual(
    _ update: FlowUpdate, _ packet: inout Packet, _ frame: RawSpan, _ flows: inout FlowTable
  ) {
    if packet.transport == .tcp {
      let bytes = frame.extracting(update.payload)
      if let decision = take(bytes, update.flow, update.sender, flows), apply(decision, update.flow, &flows) {
        drainEnded(&flows)
      }
    } else if packet.transport == .udp {
      receiveDatagram(update, &packet, frame, &flows)
    }
  }

  /// A packet that made a flow, ended one, came out of order, or is the link's.
  @inline(never)
  private mutating func receiveSpecial(
    _ update: FlowUpdate, _ packet: inout Packet, _ frame: RawSpan, _ flows: inout FlowTable
  ) {
    var mayHaveEnded = update.hasEnded || update.hasHeld
    if update.flow != .none {
      if packet.transport == .tcp {
        if update.gapBefore { lose(update.flow, update.sender, &flows) }
        if update.payloadLength > 0 {
          let decision = take(frame.extracting(update.payload), update.flow, update.sender, flows)
          if let decision { mayHaveEnded = apply(decision, update.flow, &flows) || mayHaveEnded }
        }
        if update.hasHeld {
          deliverHeld(update.flow, update.sender, &flows)
          deliverHeld(update.flow, update.sender.other, &flows)
        }
      } else if packet.transport == .udp {
        receiveDatagram(update, &packet, frame, &flows)
      } else if update.isNew {
        _ = apply(.identified(.none, ApplicationState(rawValue: 0)), update.flow, &flows)
      }
    }
    if update.isLocal { receiveLocal(update, &packet, frame, &flows) }
    if update.conflict { observeConflict(update, &flows) }
    if mayHaveEnded { drainEnded(&flows) }
  }

  /// Delivers the bytes of a stream that waited behind a hole.
  mutating func deliverHeld(_ flow: FlowIndex, _ sender: End, _ flows: inout FlowTable) {
    while let chunk = flows.nextHeld(flow, sender) {
      if chunk.gapBefore { lose(flow, sender, &flows) }
      let decision = take(flows.heldBytes(chunk), flow, sender, flows)
      flows.release(chunk)
      if let decision { _ = apply(decision, flow, &flows) }
    }
  }

  /// Reads the next bytes of a TCP stream.
  ///
  /// - Returns: what is to be changed in the flow table; `nil` for nothing, the usual case.
  private mutating func take(_ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ flows: borrowing FlowTable)
    -> FlowDecision?
  {
    let state = ApplicationState(rawValue: flows.applicationState(flow))
    let decision: FlowDecision?
    switch state.phase {
    case .stratum: return followStratum(bytes, flow, sender, state)
    case .sizing: return countSize(bytes.byteCount, flow, sender, state, flows)
    case .dnsStream: decision = followDNS(bytes, flow, sender, state, flows)
    case .reading: decision = followReader(bytes, flow, sender, state, flows)
    case .probing: decision = probe(bytes, flow, sender, state, flows)
    case .done: decision = seekMining(bytes, flow, sender, state, flows)
    case .datagrams: decision = nil
    }
    // A session's users are known to it, and are no secret.
    let now = decision?.state ?? state
    guard now.phase != .stratum, !now.isUnwrapped else { return decision }
    scan(bytes, flow, sender, flows)
    return scanned(decision, state, flow)
  }

  /// Bytes were lost, or the stream was joined here.
  private mutating func lose(_ flow: FlowIndex, _ sender: End, _ flows: inout FlowTable) {
    var state = ApplicationState(rawValue: flows.applicationState(flow))
    releaseBuffer(flow, sender)
    state.setTail(sender, false)
    if progress.contains(Int(flow.rawValue)) { progress[Int(flow.rawValue)][sender].scan.interrupt() }
    switch state.phase {
    case .stratum:
      stratum.gap(state.sessionIndex, from: state.role(of: sender))
    case .dnsStream:
      // Without the length in front nobody can tell where the next message starts.
      state.phase = .done
      flows.ignore(flow)
    case .reading:
      if !readers.lose(Int(state.session), from: state.role(of: sender)) {
        readers.close(Int(state.session))
        releaseBuffer(flow, sender.other)
        state.phase = .done
        flows.ignore(flow)
      } else if state.isUnwrapped {
        var decision = FlowDecision(state: state)
        readInside(flow, &decision, flows)
      }
    case .probing:
      progress[Int(flow.rawValue)].isBroken = true
      progress[Int(flow.rawValue)][sender].mode = .start
    case .sizing, .datagrams, .done:
      break
    }
    flows.setApplicationState(flow, state.rawValue)
  }

  private mutating func observeConflict(_ update: FlowUpdate, _ flows: inout FlowTable) {
    guard let conflict = flows.takeConflict(), update.flow != .none else { return }
    counters.streamConflicts += 1
    let sender: Role = flows.client(update.flow).end == update.sender ? .client : .server
    observe(.streamConflict(conflict, sender: sender), update.flow, &flows)
  }
}

extension FlowUpdate {
  var payload: Range<Int> { payloadOffset..<payloadOffset &+ payloadLength }
}

// MARK: Saying

extension ProtocolStage {
  mutating func observe(_ content: Observation.Content, _ flow: FlowIndex, _ flows: inout FlowTable) {
    observations.append(Observation(time: now, flow: FlowFacts(flows.summary(of: flow)), content: content))
  }

  /// Hands on what was read in a flow.
  mutating func observeRead(_ flow: FlowIndex, _ flows: inout FlowTable) {
    guard !events.isEmpty || !messages.isEmpty || !said.isEmpty else { return }
    let facts = FlowFacts(flows.summary(of: flow))
    for event in events { observations.append(Observation(time: now, flow: facts, content: .stratum(event))) }
    for message in messages { observations.append(Observation(time: now, flow: facts, content: .dns(message))) }
    for content in said { observations.append(Observation(time: now, flow: facts, content: content)) }
    said.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
    messages.removeAll(keepingCapacity: true)
  }

  /// Carries out in the flow table what reading a flow's bytes led to.
  ///
  /// - Returns: whether a flow may have ended by it.
  mutating func apply(_ decision: FlowDecision, _ flow: FlowIndex, _ flows: inout FlowTable) -> Bool {
    if let client = decision.client { flows.setClient(flow, client, basis: .content) }
    // What wraps was said before what is inside.
    if let last = said.lastIndex(where: \.isWrapper) {
      for content in said[...last] { observe(content, flow, &flows) }
      said.removeSubrange(...last)
    }
    var state = decision.state
    if let appProtocol = decision.identified {
      state.identified = appProtocol
      counters.countFlow(appProtocol)
      flows.markIdentified(flow)
      observe(.flowIdentified(appProtocol), flow, &flows)
    }
    flows.setApplicationState(flow, state.rawValue)
    if !events.isEmpty || !said.isEmpty { withholdUnknownJobs(flow, flows) }
    observeRead(flow, &flows)
    guard decision.ignore else { return false }
    releaseBuffer(flow, .a)
    releaseBuffer(flow, .b)
    flows.ignore(flow)
    return true
  }
}

/// What is to be done in the flow table after a flow's bytes were read. Bytes may be lent by the table itself, so it cannot
/// be changed while they are.
struct FlowDecision {
  var state: ApplicationState
  var identified: AppProtocol?
  var client: End?
  var ignore = false

  init(state: ApplicationState) {
    self.state = state
  }

  /// Nothing more is to be read in this flow.
  static func identified(_ appProtocol: AppProtocol, _ state: ApplicationState) -> FlowDecision {
    var decision = FlowDecision(state: state)
    decision.state.phase = .done
    decision.identified = appProtocol
    decision.ignore = true
    return decision
  }
}
