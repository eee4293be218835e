import Capture
import Decode
import Flows

/// Finding out what a TCP flow speaks.
///
/// Most flows decide on the first segment, which is judged where it lies. What may become something is kept, 2 KiB of it,
/// or a whole line where it may be Stratum. Text that is nothing yet is searched for the next line that is: the flow may
/// have been joined in the middle of one.
extension ProtocolStage {
  fileprivate enum Verdict {
    case stratum(speaker: Role?)
    case known(AppProtocol, opener: Role?)
    /// It may become something; Stratum, when a probe goes with it that can read on.
    case hope(StratumProbe?)
    case reject
  }

  /// What a search through bytes came to, at an offset.
  fileprivate enum Finding {
    case match(Verdict)
    /// From the offset on it may become something.
    case hope(StratumProbe?)
    /// The rest is the middle of a line.
    case midLine
    /// The last line ends with the bytes.
    case lineEnd
    case binary
  }

  /// Lines of one segment that are asked about. Where mining is spoken, the first whole one tells.
  private static var linesPerSegment: Int { 16 }

  mutating func probe(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ state: ApplicationState, _ flows: borrowing FlowTable
  ) -> FlowOrders? {
    let slot = Int(flow.rawValue)
    progress[slot].count(bytes.byteCount, from: sender)
    guard progress[slot][sender].mode != .deaf else { return nil }
    let sawStart = !progress[slot].isBroken && flows.facts(flow).sawStart
    if progress[slot][sender].buffer != nil {
      return probeKept(bytes, flow, sender, sawStart, state, flows)
    }
    let (finding, offset) = search(bytes, flow, sender, sawStart)
    switch finding {
    case .match(let verdict):
      return begin(verdict, with: bytes.extracting(offset..<bytes.byteCount), flow, sender, state, flows)
    case .hope:
      guard keep(bytes.extracting(offset..<bytes.byteCount), flow, sender) else { return nil }
    default: break
    }
    settle(finding, flow, sender)
    return giveUpIfDeaf(flow, state)
  }

  /// As ``probe(_:_:_:_:_:)``, with bytes kept that `bytes` follow on.
  private mutating func probeKept(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ sawStart: Bool, _ state: ApplicationState,
    _ flows: borrowing FlowTable
  ) -> FlowOrders? {
    let slot = Int(flow.rawValue)
    guard keep(bytes, flow, sender), let buffer = progress[slot][sender].buffer else { return nil }
    var verdict = Verdict.reject
    if var probe = progress[slot][sender].stratumProbe {
      verdict = Verdict(probe.read(buffers.bytes(buffer), midstream: false), probe)
    }
    if verdict.isUndecided, isDue(buffers.count(of: buffer), progress[slot][sender]) {
      let (appProtocol, probe) = recognise(buffers.bytes(buffer), flow, sender, sawStart)
      if let better = Verdict(appProtocol, probe, buffers.count(of: buffer), instead: verdict) { verdict = better }
    } else if case .reject = verdict, buffers.count(of: buffer) < Limits.probedBytes {
      // Whoever hoped is asked again when there is more.
      verdict = .hope(nil)
    }
    let finding: Finding
    switch verdict {
    case .stratum, .known: return begin(verdict, with: nil, flow, sender, state, flows)
    case .hope(let probe): finding = .hope(probe)
    case .reject:
      finding = Self.rest(of: buffers.bytes(buffer))
      releaseBuffer(flow, sender)
    }
    settle(finding, flow, sender)
    return giveUpIfDeaf(flow, state)
  }

  /// Looks for something that is known: at the start, and then, as long as it reads like text, behind every line's end.
  private borrowing func search(_ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ sawStart: Bool)
    -> (Finding, Int)
  {
    let isLineStart = progress[Int(flow.rawValue)][sender].mode != .midLine
    var verdict = judge(bytes, flow, sender, sawStart, isLineStart: isLineStart)
    var offset = 0
    for _ in 0..<Self.linesPerSegment {
      switch verdict {
      case .stratum, .known: return (.match(verdict), offset)
      case .hope(let probe): return (.hope(probe), offset)
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
  private static func rest(of bytes: RawSpan) -> Finding {
    guard bytes.looksLikeText(from: 0) else { return .binary }
    return bytes.byte(at: bytes.byteCount - 1) == UInt8(ascii: "\n") ? .lineEnd : .midLine
  }

  /// Asks everybody.
  private borrowing func judge(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ sawStart: Bool, isLineStart: Bool
  ) -> Verdict {
    let line = isLineStart ? Self.judgeLine(bytes) : .reject
    if case .stratum = line { return line }
    let (appProtocol, probe) = recognise(bytes, flow, sender, sawStart)
    return Verdict(appProtocol, probe, bytes.byteCount, instead: line) ?? line
  }

  /// Asks Stratum, whose messages are lines.
  private static func judgeLine(_ bytes: RawSpan) -> Verdict {
    var probe = StratumProbe()
    return Verdict(probe.read(bytes, midstream: false), probe)
  }

  /// Asks the table of recognisers, with the other end's first bytes as far as they are kept.
  private borrowing func recognise(_ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ sawStart: Bool)
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
      return Self.recognise(opening, answer, progress, sawStart)
    }
    return sender == progress.opener
      ? Self.recognise(own, nothing, progress, sawStart) : Self.recognise(nothing, own, progress, sawStart)
  }

  private static func recognise(_ opening: RawSpan, _ answer: RawSpan, _ progress: FlowProgress, _ sawStart: Bool)
    -> (AppProtocol, Probe)
  {
    var first = FirstBytes(opening: opening, answer: answer)
    first.sawStart = sawStart
    first.firstFlight = Int(progress.firstFlight)
    first.secondFlight = Int(progress.secondFlight)
    first.hasThirdFlight = progress.flights == 3
    return Recogniser.recognise(first, among: Recogniser.streams)
  }

  /// Whether kept bytes are worth showing to the recognisers again: while they are few, and whenever they have doubled. So
  /// a stream that comes byte by byte costs no more than twice its length.
  private func isDue(_ count: Int, _ progress: StreamProgress) -> Bool {
    count < 256 || (count >= 2 * Int(progress.judged) && progress.judged < Limits.probedBytes)
  }
}

extension ProtocolStage.Verdict {
  fileprivate init(_ verdict: StratumProbe.Verdict, _ probe: StratumProbe) {
    switch verdict {
    case .match(let speaker): self = .stratum(speaker: speaker)
    case .needMore: self = .hope(probe)
    case .reject: self = .reject
    }
  }

  /// What the recognisers say of `count` bytes, where that is more than `verdict`.
  fileprivate init?(_ appProtocol: AppProtocol, _ probe: Probe, _ count: Int, instead verdict: Self) {
    switch (probe, verdict) {
    case (.match(let opener), _): self = .known(appProtocol, opener: opener)
    case (.needMore, .reject) where count < Limits.probedBytes: self = .hope(nil)
    default: return nil
    }
  }

  fileprivate var isUndecided: Bool {
    switch self {
    case .hope, .reject: true
    case .stratum, .known: false
    }
  }
}

// MARK: Outcomes

extension ProtocolStage {
  private mutating func settle(_ finding: Finding, _ flow: FlowIndex, _ sender: End) {
    var stream = progress[Int(flow.rawValue)][sender]
    switch finding {
    case .match: return
    case .hope(let probe):
      guard let buffer = stream.buffer else { return }
      stream.mode = .hoping
      stream.stratumProbe = probe
      stream.judged = UInt32(truncatingIfNeeded: buffers.count(of: buffer))
    case .midLine: stream.mode = .midLine
    case .lineEnd: stream.mode = .start
    case .binary: stream.mode = .deaf
    }
    // A line that may be Stratum's is read to its end: the buffer bounds it.
    if stream.mode == .start || stream.mode == .midLine, stream.seen > Limits.probedText {
      counters.probesGivenUp += 1
      stream.mode = .deaf
    }
    progress[Int(flow.rawValue)][sender] = stream
  }

  /// When neither direction says anything that is known, the flow is unknown and of no more interest.
  private func giveUpIfDeaf(_ flow: FlowIndex, _ state: ApplicationState) -> FlowOrders? {
    let progress = progress[Int(flow.rawValue)]
    guard progress.a.mode == .deaf, progress.b.mode == .deaf else { return nil }
    var orders = FlowOrders.identified(.unknown, state)
    if state.identified == .unknown { orders.identified = nil }
    return orders
  }

  /// The flow is known: starts to read it, with what is kept of it and then `bytes`.
  private mutating func begin(
    _ verdict: Verdict, with bytes: RawSpan?, _ flow: FlowIndex, _ sender: End, _ state: ApplicationState,
    _ flows: borrowing FlowTable
  ) -> FlowOrders? {
    switch verdict {
    case .stratum(let speaker):
      let client = speaker.map { $0 == .client ? sender : sender.other }
      return openStratum(with: bytes, flow, sender, client, state, flows)
    case .known(let appProtocol, let opener):
      let end = progress[Int(flow.rawValue)].opener
      let client = opener.map { $0 == .client ? end : end.other }
      if appProtocol == .dns { return openDNS(with: bytes, flow, sender, client, state, flows) }
      var orders = FlowOrders.identified(appProtocol, state)
      orders.client = client
      return orders
    case .hope, .reject:
      return nil
    }
  }
}

// MARK: Buffers

extension ProtocolStage {
  /// Adds bytes to those that wait in one direction of a flow.
  ///
  /// - Returns: false when there is no room: what waited is then forgotten too.
  mutating func keep(_ bytes: RawSpan, _ flow: FlowIndex, _ sender: End) -> Bool {
    guard !bytes.isEmpty else { return true }
    let slot = Int(flow.rawValue)
    if progress[slot][sender].buffer == nil {
      progress[slot][sender].buffer = buffers.acquire(capacity: bytes.byteCount)
    }
    if var buffer = progress[slot][sender].buffer {
      let isKept = buffers.append(bytes, to: &buffer)
      progress[slot][sender].buffer = buffer
      if isKept { return true }
    }
    counters.buffersExhausted += 1
    releaseBuffer(flow, sender)
    progress[slot][sender].mode = .midLine
    return false
  }

  /// Bytes that wait in one direction of a flow.
  func keptBytes(_ flow: FlowIndex, _ sender: End) -> Int {
    progress[Int(flow.rawValue)][sender].buffer.map { buffers.count(of: $0) } ?? 0
  }

  mutating func releaseBuffer(_ flow: FlowIndex, _ sender: End) {
    let slot = Int(flow.rawValue)
    guard let buffer = progress[slot][sender].buffer else { return }
    buffers.release(buffer)
    progress[slot][sender].buffer = nil
  }
}

extension RawSpan {
  /// Whether the next bytes, 256 at most, have no control character but those that text has. Bytes over 127 pass: they may
  /// be UTF-8.
  fileprivate func looksLikeText(from offset: Int) -> Bool {
    for index in offset..<Swift.min(byteCount, offset + 256) {
      switch byte(at: index) {
      case 0..<0x09, 0x0e..<0x20, 0x7f: return false
      default: continue
      }
    }
    return true
  }

  /// Where the next line that is not blank starts, behind the line feed at or after `offset`; `nil` without line feed.
  fileprivate func nextLine(from offset: Int) -> Int? {
    var index = offset
    while index < byteCount, byte(at: index) != 0x0a { index += 1 }
    guard index < byteCount else { return nil }
    while index < byteCount, byte(at: index) == 0x0a || byte(at: index) == 0x0d || byte(at: index) == 0x20 {
      index += 1
    }
    return index
  }
}
