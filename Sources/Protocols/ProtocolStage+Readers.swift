import Capture
import Decode
import Flows

/// Streams that a ``StreamReader`` reads: from the first bytes until it has enough of them, or hands over.
extension ProtocolStage {
  /// Starts to read a stream, with what is kept of it and then `bytes`.
  mutating func openReader(
    _ reader: NewReader, as appProtocol: AppProtocol, with bytes: RawSpan?, _ flow: FlowIndex, _ sender: End,
    _ speaker: End?, _ state: ApplicationState, _ flows: borrowing FlowTable
  ) -> FlowDecision {
    guard let number = readers.open(reader) else {
      counters.readersRefused += 1
      var reader = reader
      reader.finish(at: now, into: &said)
      var decision = FlowDecision.identified(appProtocol, state)
      decision.client = speaker
      return decision
    }
    let facts = flows.summary(of: flow)
    var decision = FlowDecision(state: state)
    decision.identify(appProtocol)
    decision.client = speaker
    decision.state.phase = .reading
    decision.state.session = number
    decision.state.client = facts.basis < .content ? speaker ?? facts.client : facts.client
    let opener = progress[Int(flow.rawValue)].opener
    for end in [opener, opener.other] where decision.state.phase == .reading {
      // Where both ends are kept, the one that spoke first is read first.
      if end != sender || bytes == nil { readKept(flow, end, &decision, flows) }
      if end == sender, let bytes, decision.state.phase == .reading { read(bytes, flow, sender, &decision, flows) }
    }
    return probedAgain(decision, flow, flows)
  }

  mutating func followReader(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ state: ApplicationState, _ flows: borrowing FlowTable
  ) -> FlowDecision {
    var decision = FlowDecision(state: state)
    if !state.hasTail(sender) {
      read(bytes, flow, sender, &decision, flows)
    } else if keep(bytes, flow, sender) {
      readKept(flow, sender, &decision, flows)
    } else {
      giveUp(flow, &decision, flows)
    }
    return probedAgain(decision, flow, flows)
  }

  /// The flow is over: reads nothing more, and has the reader say what it still has to.
  mutating func endReader(_ flow: FlowIndex, _ state: ApplicationState, _ flows: inout FlowTable) {
    endInside(Int(state.session), flow, flows)
    takeWork(ofReader: state, flow, flows)
    readers.finish(Int(state.session), at: now, into: &said)
    readers.close(Int(state.session))
    observeRead(flow, &flows)
  }

  // MARK: Reading

  private mutating func read(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ decision: inout FlowDecision, _ flows: borrowing FlowTable
  ) {
    let role = decision.state.role(of: sender)
    let result = readers.consume(Int(decision.state.session), bytes, from: role, at: now, into: &said)
    if result.consumed < bytes.byteCount, result.next != .done {
      let isKept = keep(bytes.extracting(result.consumed..<bytes.byteCount), flow, sender)
      decision.state.setTail(sender, isKept)
      guard isKept else { return giveUp(flow, &decision, flows) }
    }
    handle(result, flow, &decision, flows)
  }

  private mutating func readKept(
    _ flow: FlowIndex, _ sender: End, _ decision: inout FlowDecision, _ flows: borrowing FlowTable
  ) {
    guard let buffer = progress[Int(flow.rawValue)][sender].buffer else { return }
    let role = decision.state.role(of: sender)
    let result = Self.consume(buffers, buffer, &readers, Int(decision.state.session), role, now, &said)
    buffers.dropFirst(result.consumed, of: buffer)
    let isLeft = buffers.count(of: buffer) > 0
    if !isLeft { releaseBuffer(flow, sender) }
    decision.state.setTail(sender, isLeft)
    handle(result, flow, &decision, flows)
  }

  private static func consume(
    _ buffers: borrowing StreamBuffers, _ buffer: BufferIndex, _ readers: inout StreamReaders, _ number: Int,
    _ role: Role, _ now: Timestamp, _ said: inout [Observation.Content]
  ) -> DissectorProgress {
    readers.consume(number, buffers.bytes(buffer), from: role, at: now, into: &said)
  }

  // MARK: What comes next

  private mutating func handle(
    _ result: DissectorProgress, _ flow: FlowIndex, _ decision: inout FlowDecision, _ flows: borrowing FlowTable
  ) {
    if let identity = result.identity { decision.identify(identity) }
    switch result.next {
    case .more: readInside(flow, &decision, flows)
    case .handOver where result.identity == .webSocket:
      readers.replace(Int(decision.state.session), by: .webSocket(WebSocketDissector(isJoined: false)))
      // The client may have gone on before it was answered, and the server behind its answer.
      for role in [Role.client, .server] {
        readKept(flow, role == .client ? decision.state.client : decision.state.client.other, &decision, flows)
      }
    case .done:
      stopReading(flow, &decision, (decision.identified ?? decision.state.identified) == .tls ? .sizing : .done)
    case .handOver: stopReading(flow, &decision, .probing)
    }
  }

  private mutating func stopReading(
    _ flow: FlowIndex, _ decision: inout FlowDecision, _ phase: ApplicationState.Phase
  ) {
    readers.close(Int(decision.state.session))
    decision.state.phase = phase
    decision.state.session = 0
    guard phase == .done else { return }
    for end in [End.a, .b] {
      releaseBuffer(flow, end)
      decision.state.setTail(end, false)
    }
    decision.ignore = !isScanning(flow)
  }

  /// A message is longer than what can be kept: nothing behind it can be made out.
  private mutating func giveUp(_ flow: FlowIndex, _ decision: inout FlowDecision, _ flows: borrowing FlowTable) {
    counters.readersGivenUp += 1
    endInside(Int(decision.state.session), flow, flows)
    readers.finish(Int(decision.state.session), at: now, into: &said)
    stopReading(flow, &decision, .done)
  }

  /// Where the reader handed over, probes what is kept of both directions as though the flow began here.
  private mutating func probedAgain(_ decision: FlowDecision, _ flow: FlowIndex, _ flows: borrowing FlowTable)
    -> FlowDecision
  {
    guard decision.state.phase == .probing else { return decision }
    var decision = decision
    let slot = Int(flow.rawValue)
    var fresh = FlowProgress()
    fresh.isBroken = progress[slot].isBroken
    fresh.opener = progress[slot].opener
    (fresh.a.buffer, fresh.b.buffer) = (progress[slot].a.buffer, progress[slot].b.buffer)
    progress[slot] = fresh
    for end in [End.a, .b] { decision.state.setTail(end, false) }
    for end in [fresh.opener, fresh.opener.other] where decision.state.phase == .probing {
      guard let inner = probeAgain(flow, end, decision.state, flows) else { continue }
      decision = decision.followed(by: inner)
    }
    return decision
  }
}

extension FlowDecision {
  /// Says what the flow is, unless that was the last thing said of it.
  mutating func identify(_ appProtocol: AppProtocol) {
    identified = appProtocol == state.identified ? nil : appProtocol
  }

  /// This decision, and then `next`, which was made of what this one left behind.
  fileprivate func followed(by next: FlowDecision) -> FlowDecision {
    var both = next
    both.client = next.client ?? client
    both.identified = next.identified ?? identified
    return both
  }
}
