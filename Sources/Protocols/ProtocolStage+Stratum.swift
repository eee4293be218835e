import Capture
import Decode
package import Flows

/// Stratum sessions: from the first message to the flow's end.
extension ProtocolStage {
  /// Opens a session, and reads what is kept of the flow and then `bytes`.
  mutating func openStratum(
    with bytes: RawSpan?, _ flow: FlowIndex, _ sender: End, _ speaker: End?, _ state: ApplicationState,
    _ flows: borrowing FlowTable
  ) -> FlowDecision {
    let facts = flows.summary(of: flow)
    let client = facts.basis < .content ? speaker ?? facts.client : facts.client
    let progress = progress[Int(flow.rawValue)]
    let isMidstream = progress.isBroken || !facts.sawStart
    guard let session = stratum.open(midstream: isMidstream, rolesAreCertain: facts.basis == .handshake, at: now) else {
      counters.stratumSessionsRefused += 1
      return .identified(.stratum, state)
    }
    flowOfSession[Int(session.rawValue)] = flow.rawValue
    flowNumbers[Int(session.rawValue)] = facts.id
    quiet[Int(session.rawValue)] = 0
    usedSessions = max(usedSessions, Int(session.rawValue) + 1)

    var decision = FlowDecision(state: state)
    decision.identified = .stratum
    decision.client = speaker
    decision.state.phase = .stratum
    decision.state.session = session.rawValue
    decision.state.client = client
    // What the other end said came before; in the middle of a line its next bytes are a gap's other side.
    let other = sender.other
    if progress[other].buffer != nil {
      readTail(flow, other, &decision)
    } else if progress[other].seen > 0 {
      stratum.gap(session, from: decision.state.role(of: other))
    }
    if let bytes {
      readStratum(bytes, flow, sender, &decision)
    } else {
      readTail(flow, sender, &decision)
    }
    dropProgress(flow)
    return decision
  }

  /// A session needs nothing of what there was before it, but for unfinished messages.
  private mutating func dropProgress(_ flow: FlowIndex) {
    let slot = Int(flow.rawValue)
    if progress[slot].a.buffer == nil, progress[slot].b.buffer == nil { progress.remove(slot) }
  }

  /// Reads the next bytes of a session.
  ///
  /// - Returns: `nil` when nothing was said that is worth a word and no state changed: the usual case.
  @inline(__always)
  mutating func followStratum(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ state: ApplicationState
  ) -> FlowDecision? {
    if !state.hasTail(sender) {
      let result = stratum.receive(bytes, from: state.role(of: sender), state.sessionIndex, at: now, into: &events)
      if result.consumed == bytes.byteCount, !result.rolesReversed, events.isEmpty { return nil }
      var decision = FlowDecision(state: state)
      finish(result, of: bytes, flow, sender, &decision)
      return decision
    }
    var decision = FlowDecision(state: state)
    readStratum(bytes, flow, sender, &decision)
    return decision
  }

  /// Reads bytes that follow on what is kept.
  private mutating func readStratum(_ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ decision: inout FlowDecision)
  {
    guard decision.state.hasTail(sender) else {
      let role = decision.state.role(of: sender)
      let result = stratum.receive(bytes, from: role, decision.state.sessionIndex, at: now, into: &events)
      finish(result, of: bytes, flow, sender, &decision)
      return
    }
    // The largest buffer holds one byte more than the longest line, so that a full one is always used up.
    let room = StreamBuffers.capacities.large - keptBytes(flow, sender)
    let head = min(room, bytes.byteCount)
    guard head > 0, keep(bytes.extracting(0..<head), flow, sender) else {
      forget(flow, sender, &decision)
      return
    }
    readTail(flow, sender, &decision)
    guard head < bytes.byteCount else { return }
    readStratum(bytes.extracting(head..<bytes.byteCount), flow, sender, &decision)
  }

  /// Keeps what a session could not use yet.
  private mutating func finish(
    _ result: StratumProgress, of bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ decision: inout FlowDecision
  ) {
    if result.rolesReversed { decision.reverseRoles() }
    guard result.consumed < bytes.byteCount else { return }
    let isKept = keep(bytes.extracting(result.consumed..<bytes.byteCount), flow, sender)
    decision.state.setTail(sender, isKept)
    if !isKept { forget(flow, sender, &decision) }
  }

  /// There is no room for an unfinished message: it counts as lost.
  private mutating func forget(_ flow: FlowIndex, _ sender: End, _ decision: inout FlowDecision) {
    counters.buffersExhausted += 1
    releaseBuffer(flow, sender)
    decision.state.setTail(sender, false)
    stratum.gap(decision.state.sessionIndex, from: decision.state.role(of: sender))
  }

  /// Reads what is kept, and keeps what is left of it.
  private mutating func readTail(_ flow: FlowIndex, _ sender: End, _ decision: inout FlowDecision, atEnd: Bool = false)
  {
    guard let buffer = progress[Int(flow.rawValue)][sender].buffer else {
      decision.state.setTail(sender, false)
      return
    }
    let role = decision.state.role(of: sender)
    let result = Self.read(
      buffers, buffer, &stratum, from: role, decision.state.sessionIndex, at: now, atEnd: atEnd, into: &events)
    if result.rolesReversed { decision.reverseRoles() }
    buffers.dropFirst(result.consumed, of: buffer)
    let isLeft = buffers.count(of: buffer) > 0
    if !isLeft {
      releaseBuffer(flow, sender)
      dropProgress(flow)
    }
    decision.state.setTail(sender, isLeft)
  }

  private static func read(
    _ buffers: borrowing StreamBuffers, _ buffer: BufferIndex, _ stratum: inout StratumTable, from sender: Role,
    _ session: StratumSessionIndex, at time: Timestamp, atEnd: Bool, into events: inout [StratumEvent]
  ) -> StratumProgress {
    stratum.receive(buffers.bytes(buffer), from: sender, session, at: time, atEnd: atEnd, into: &events)
  }

  /// The flow is over: reads last lines without line feed, and has the session say what it still has to.
  mutating func endStratum(_ flow: FlowIndex, _ state: ApplicationState, _ flows: inout FlowTable) {
    var decision = FlowDecision(state: state)
    for end in [End.a, .b] where decision.state.hasTail(end) { readTail(flow, end, &decision, atEnd: true) }
    stratum.takeWork(of: state.sessionIndex, flow: flows.id(of: flow), into: &work)
    if let pulse = stratum.takePulse(of: state.sessionIndex, flow: flows.id(of: flow), at: now.seconds) {
      pulses.append(pulse)
    }
    stratum.end(state.sessionIndex, at: now, into: &events)
    _ = apply(decision, flow, &flows)
  }

  /// Takes what the shares of open sessions came to since the last call: into ``work``, beside what ended sessions left.
  ///
  /// - Parameters:
  ///   - start: the first session's place; 0, and then what this gave.
  ///   - most: so many sessions at once.
  /// - Returns: where to go on; nil when all were asked.
  package mutating func collectWork(_ flows: borrowing FlowTable, from start: Int, atMost most: Int) -> Int? {
    let end = min(usedSessions, start + most)
    for place in min(start, end)..<end {
      let session = StratumSessionIndex(rawValue: UInt32(truncatingIfNeeded: place))
      stratum.takeWork(of: session, flow: flows.id(of: FlowIndex(rawValue: flowOfSession[place])), into: &work)
    }
    return end < usedSessions ? end : nil
  }

  /// Has sessions say what is due, a tenth of them a call, or all where they are few: those that fell silent would not otherwise.
  mutating func tickStratum(_ flows: inout FlowTable) {
    let turn = sweep.turn(of: usedSessions)
    tickStratum(turn.0, &flows)
    tickStratum(turn.1, &flows)
  }

  private mutating func tickStratum(_ places: Range<Int>, _ flows: inout FlowTable) {
    var place = places.lowerBound
    while let due = stratum.nextDue(in: place..<places.upperBound, at: now) {
      let session = StratumSessionIndex(rawValue: UInt32(truncatingIfNeeded: due))
      stratum.tick(session, at: now, into: &events)
      if !events.isEmpty { observeRead(FlowIndex(rawValue: flowOfSession[due]), &flows) }
      place = due + 1
    }
  }
}

extension ApplicationState {
  var sessionIndex: StratumSessionIndex { StratumSessionIndex(rawValue: session) }

  func role(of end: End) -> Role { end == client ? .client : .server }
}

extension FlowDecision {
  /// What was said tells that client and server are the other way round.
  mutating func reverseRoles() {
    state.client = state.client.other
    client = state.client
  }
}
