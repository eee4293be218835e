import Capture
import Decode
import Flows

/// Finding out what a TCP flow speaks.
///
/// Most flows decide on the first segment, which is judged where it lies. What may become something is kept, 2 KiB of it,
/// or a whole line where it may be Stratum. Text that is nothing yet is searched for the next line that is: the flow may
/// have been joined in the middle of one.
extension ProtocolStage {
  /// Lines of one segment that are asked about. Where mining is spoken, the first whole one tells.
  private static var linesPerSegment: Int { 16 }

  mutating func probe(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ state: ApplicationState, _ flows: borrowing FlowTable
  ) -> FlowDecision? {
    let slot = Int(flow.rawValue)
    progress[slot].count(bytes.byteCount, from: sender)
    guard progress[slot][sender].mode != .unrecognised else { return seekMining(bytes, flow, sender, state, flows) }
    let start = FlowStart(flows.summary(of: flow), progress[slot])
    if progress[slot][sender].buffer != nil {
      return probeKept(bytes, flow, sender, start, state, flows)
    }
    let (finding, offset) = search(bytes, flow, sender, start)
    switch finding {
    case .match(let verdict):
      return begin(verdict, with: bytes.extracting(offset..<bytes.byteCount), flow, sender, state, flows)
    case .needMore:
      guard mayHope, keep(bytes.extracting(offset..<bytes.byteCount), flow, sender) else {
        return refuseBuffer(flow, sender)
      }
    case .binary:
      if let decision = seekMining(bytes, flow, sender, state, flows) { return decision }
    default: break
    }
    note(finding, flow, sender)
    return giveUpIfUnrecognised(flow, state)
  }

  /// Asks again about bytes that are kept of one direction: what was around them is now known to be done with.
  mutating func probeAgain(_ flow: FlowIndex, _ sender: End, _ state: ApplicationState, _ flows: borrowing FlowTable)
    -> FlowDecision?
  {
    let slot = Int(flow.rawValue)
    guard let buffer = progress[slot][sender].buffer else { return nil }
    let count = buffers.count(of: buffer)
    progress[slot][sender].mode = .undecided
    progress[slot][sender].stratumProbe = StratumProbe()
    progress[slot].count(count, from: sender)
    let start = FlowStart(flows.summary(of: flow), progress[slot])
    let nothing = RawSpan()
    return probeKept(nothing, flow, sender, start, state, flows)
  }

  /// As ``probe(_:_:_:_:_:)``, with bytes kept that `bytes` follow on.
  private mutating func probeKept(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ start: FlowStart, _ state: ApplicationState,
    _ flows: borrowing FlowTable
  ) -> FlowDecision? {
    let slot = Int(flow.rawValue)
    guard mayHope, keep(bytes, flow, sender), let buffer = progress[slot][sender].buffer else {
      return refuseBuffer(flow, sender)
    }
    let count = buffers.count(of: buffer)
    var verdict = ProbeVerdict.reject
    if var probe = progress[slot][sender].stratumProbe {
      verdict = ProbeVerdict(probe.read(buffers.bytes(buffer), midstream: false), probe)
    }
    if verdict.isUndecided, progress[slot][sender].isDue(count) {
      progress[slot][sender].judged = UInt32(truncatingIfNeeded: count)
      let (appProtocol, probe) = recognise(buffers.bytes(buffer), flow, sender, start)
      if let better = ProbeVerdict(appProtocol, probe, count, instead: verdict) { verdict = better }
    } else if case .reject = verdict, count < Limits.probedBytes {
      // Whoever hoped is asked again when there is more.
      verdict = .needMore(nil)
    }
    let finding: ProbeFinding
    switch verdict {
    case .stratum, .known: return begin(verdict, with: nil, flow, sender, state, flows)
    case .needMore(let probe): finding = .needMore(probe)
    case .reject:
      finding = Self.rest(of: buffers.bytes(buffer))
      if case .binary = finding, let decision = seekKeptMining(flow, sender, state, flows) { return decision }
      releaseBuffer(flow, sender)
    }
    note(finding, flow, sender)
    return giveUpIfUnrecognised(flow, state)
  }

  /// Looks for something that is known: at the start, and then, as long as it reads like text, behind every line's end.
  private borrowing func search(_ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ start: FlowStart)
    -> (ProbeFinding, Int)
  {
    let isLineStart = progress[Int(flow.rawValue)][sender].mode != .midLine
    var verdict = judge(bytes, flow, sender, start, isLineStart: isLineStart)
    var offset = 0
    for _ in 0..<Self.linesPerSegment {
      switch verdict {
      case .stratum, .known: return (.match(verdict), offset)
      case .needMore(let probe): return (.needMore(probe), offset)
      case .reject: break
      }
      guard bytes.looksLikeText(from: offset) else { return (.binary, offset) }
      guard let next = bytes.nextLine(from: offset) else { return (.midLine, bytes.byteCount) }
      guard next < bytes.byteCount else { return (.lineEnd, next) }
      offset = next
      verdict = Self.judgeLine(bytes.extracting(offset..<bytes.byteCount))
    }
    return (Self.rest(of: bytes), bytes.byteCount)
  }

  /// What comes after bytes that say nothing.
  private static func rest(of bytes: RawSpan) -> ProbeFinding {
    guard bytes.looksLikeText(from: 0) else { return .binary }
    return bytes.byte(at: bytes.byteCount - 1) == UInt8(ascii: "\n") ? .lineEnd : .midLine
  }

  /// Asks everybody.
  private borrowing func judge(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ start: FlowStart, isLineStart: Bool
  ) -> ProbeVerdict {
    let line = isLineStart ? Self.judgeLine(bytes) : .reject
    if case .stratum = line { return line }
    let (appProtocol, probe) = recognise(bytes, flow, sender, start)
    return ProbeVerdict(appProtocol, probe, bytes.byteCount, instead: line) ?? line
  }

  /// Asks Stratum, whose messages are lines.
  private static func judgeLine(_ bytes: RawSpan) -> ProbeVerdict {
    var probe = StratumProbe()
    return ProbeVerdict(probe.read(bytes, midstream: false), probe)
  }

  /// Asks the table of recognisers, with the other end's first bytes as far as they are kept.
  private borrowing func recognise(_ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ start: FlowStart)
    -> (AppProtocol, Probe)
  {
    let progress = progress[Int(flow.rawValue)]
    let own = bytes.extracting(0..<min(bytes.byteCount, Limits.probedBytes))
    let nothing = bytes.extracting(0..<0)
    if let buffer = progress[sender.other].buffer {
      let kept = buffers.bytes(buffer)
      let others = kept.extracting(0..<min(kept.byteCount, Limits.probedBytes))
      let isOpener = sender == progress.opener
      let (opening, answer) = isOpener ? (own, others) : (others, own)
      return Self.recognise(opening, answer, progress, start)
    }
    return sender == progress.opener
      ? Self.recognise(own, nothing, progress, start) : Self.recognise(nothing, own, progress, start)
  }

  private static func recognise(_ opening: RawSpan, _ answer: RawSpan, _ progress: FlowProgress, _ start: FlowStart)
    -> (AppProtocol, Probe)
  {
    var first = FirstBytes(opening: opening, answer: answer)
    first.sawStart = start.wasSeen
    (first.openerPort, first.answererPort) = start.ports(openedBy: progress.opener)
    first.firstFlight = Int(progress.firstFlight)
    first.secondFlight = Int(progress.secondFlight)
    first.hasThirdFlight = progress.flights == 3
    return Recogniser.recognise(first, among: Recogniser.streams)
  }
}

/// What is known of a flow's start beside its bytes.
private struct FlowStart {
  /// Its first bytes are the first that were said.
  let wasSeen: Bool
  private let portA: UInt16
  private let portB: UInt16

  init(_ facts: FlowSummary, _ progress: FlowProgress) {
    wasSeen = !progress.isBroken && facts.sawStart
    (portA, portB) = (facts.a.port, facts.b.port)
  }

  /// The ports of the end that spoke first and of the other.
  func ports(openedBy opener: End) -> (UInt16, UInt16) {
    opener == .a ? (portA, portB) : (portB, portA)
  }
}

// MARK: Outcomes

extension ProtocolStage {
  private mutating func note(_ finding: ProbeFinding, _ flow: FlowIndex, _ sender: End) {
    var stream = progress[Int(flow.rawValue)][sender]
    switch finding {
    case .match: return
    case .needMore(let probe):
      if stream.mode != .undecided { stream.judged = UInt32(truncatingIfNeeded: keptBytes(flow, sender)) }
      stream.mode = .undecided
      stream.stratumProbe = probe
    case .midLine: stream.mode = .midLine
    case .lineEnd: stream.mode = .start
    case .binary: stream.mode = .unrecognised
    }
    // A line that may be Stratum's is read to its end: the buffer bounds it.
    if stream.mode == .start || stream.mode == .midLine, stream.seen > Limits.probedText {
      counters.probesGivenUp += 1
      stream.mode = .unrecognised
    }
    progress[Int(flow.rawValue)][sender] = stream
    if stream.mode != .undecided { stopWaiting(flow, sender.other) }
  }

  /// One direction has said what it is not: the other, where it was kept for the recognisers of both, is let go.
  private mutating func stopWaiting(_ flow: FlowIndex, _ end: End) {
    var stream = progress[Int(flow.rawValue)][end]
    guard stream.mode == .undecided, stream.stratumProbe == nil, let buffer = stream.buffer else { return }
    switch Self.rest(of: buffers.bytes(buffer)) {
    case .midLine: stream.mode = .midLine
    case .lineEnd: stream.mode = .start
    default: stream.mode = .unrecognised
    }
    progress[Int(flow.rawValue)][end] = stream
    releaseBuffer(flow, end)
  }

  /// There is no room to wait for more: listens on from the next line.
  private mutating func refuseBuffer(_ flow: FlowIndex, _ sender: End) -> FlowDecision? {
    counters.buffersExhausted += 1
    releaseBuffer(flow, sender)
    progress[Int(flow.rawValue)][sender].mode = .midLine
    return nil
  }

  /// When neither direction says anything that is known, the flow is unknown and of no more interest.
  private func giveUpIfUnrecognised(_ flow: FlowIndex, _ state: ApplicationState) -> FlowDecision? {
    let progress = progress[Int(flow.rawValue)]
    guard progress.a.mode == .unrecognised, progress.b.mode == .unrecognised else { return nil }
    var decision = FlowDecision.identified(.unknown, state)
    if state.identified == .unknown { decision.identified = nil }
    decision.ignore = !isScanning(flow)
    return decision
  }

  /// The flow is known: starts to read it, with what is kept of it and then `bytes`.
  private mutating func begin(
    _ verdict: ProbeVerdict, with bytes: RawSpan?, _ flow: FlowIndex, _ sender: End, _ state: ApplicationState,
    _ flows: borrowing FlowTable
  ) -> FlowDecision? {
    switch verdict {
    case .stratum(let speaker):
      let client = speaker.map { $0 == .client ? sender : sender.other }
      return openStratum(with: bytes, flow, sender, client, state, flows)
    case .known(let appProtocol, let opener):
      let end = progress[Int(flow.rawValue)].opener
      let client = opener.map { $0 == .client ? end : end.other }
      if appProtocol == .dns { return openDNS(with: bytes, flow, sender, client, state, flows) }
      if let reader = NewReader(for: appProtocol) {
        return openReader(reader, as: appProtocol, with: bytes, flow, sender, client, state, flows)
      }
      var decision = FlowDecision.identified(appProtocol, state)
      decision.client = client
      releaseBuffer(flow, .a)
      releaseBuffer(flow, .b)
      decision.ignore = !isScanning(flow)
      return decision
    case .needMore, .reject:
      return nil
    }
  }
}
