import Capture
import Decode
import Flows

/// DNS over TCP: each message behind a length of two bytes (RFC 1035 §4.2.2).
extension ProtocolStage {
  /// Starts to read DNS in a stream, with what is kept of it and then `bytes`.
  mutating func openDNS(
    with bytes: RawSpan?, _ flow: FlowIndex, _ sender: End, _ client: End?, _ state: ApplicationState,
    _ flows: borrowing FlowTable
  ) -> FlowDecision {
    var decision = FlowDecision(state: state)
    decision.identified = .dns
    decision.client = client
    decision.state.phase = .dnsStream
    if progress[Int(flow.rawValue)][sender.other].buffer != nil { readDNSTail(flow, sender.other, &decision, flows) }
    if let bytes {
      readDNS(bytes, flow, sender, &decision, flows)
    } else {
      readDNSTail(flow, sender, &decision, flows)
    }
    return decision
  }

  mutating func followDNS(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ state: ApplicationState, _ flows: borrowing FlowTable
  ) -> FlowDecision {
    var decision = FlowDecision(state: state)
    guard state.hasTail(sender) else {
      readDNS(bytes, flow, sender, &decision, flows)
      return decision
    }
    guard keep(bytes, flow, sender) else {
      counters.buffersExhausted += 1
      decision.giveUp()
      return decision
    }
    readDNSTail(flow, sender, &decision, flows)
    return decision
  }

  private mutating func readDNS(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ decision: inout FlowDecision, _ flows: borrowing FlowTable
  ) {
    let ends = flows.summary(of: flow)
    let used = Self.readMessages(bytes, ends, sender, &queries, &counters, now, into: &messages)
    guard used < bytes.byteCount else { return }
    let isKept = mayHope && keep(bytes.extracting(used..<bytes.byteCount), flow, sender)
    decision.state.setTail(sender, isKept)
    guard !isKept else { return }
    counters.buffersExhausted += 1
    decision.giveUp()
  }

  private mutating func readDNSTail(
    _ flow: FlowIndex, _ sender: End, _ decision: inout FlowDecision, _ flows: borrowing FlowTable
  ) {
    guard let buffer = progress[Int(flow.rawValue)][sender].buffer else { return }
    let ends = flows.summary(of: flow)
    let used = Self.readMessages(buffers, buffer, ends, sender, &queries, &counters, now, into: &messages)
    buffers.dropFirst(used, of: buffer)
    let isLeft = buffers.count(of: buffer) > 0
    if !isLeft { releaseBuffer(flow, sender) }
    decision.state.setTail(sender, isLeft)
  }

  private static func readMessages(
    _ buffers: borrowing StreamBuffers, _ buffer: BufferIndex, _ flow: FlowSummary, _ sender: End,
    _ queries: inout DNSQueries, _ counters: inout ProtocolCounters, _ now: Timestamp,
    into messages: inout [DNSMessage]
  ) -> Int {
    readMessages(buffers.bytes(buffer), flow, sender, &queries, &counters, now, into: &messages)
  }

  /// Reads all whole messages.
  ///
  /// - Returns: how many bytes they take.
  private static func readMessages(
    _ bytes: RawSpan, _ flow: FlowSummary, _ sender: End, _ queries: inout DNSQueries,
    _ counters: inout ProtocolCounters, _ now: Timestamp, into messages: inout [DNSMessage]
  ) -> Int {
    var offset = 0
    while bytes.byteCount - offset >= 2 {
      let end = offset + 2 + Int(bytes.uint16(at: offset))
      guard end <= bytes.byteCount else { break }
      let message = bytes.extracting(offset + 2..<end)
      offset = end
      guard var read = DNSParser.parse(message) else {
        counters.dnsImplausible += 1
        continue
      }
      read.overStream = true
      let (source, destination) = (flow.side(sender), flow.side(sender.other))
      queries.note(&read, from: source.address, source.port, to: destination.address, destination.port, at: now)
      counters.count(read)
      messages.append(read)
    }
    return offset
  }
}

extension FlowDecision {
  /// The stream cannot be read on.
  fileprivate mutating func giveUp() {
    state.phase = .done
    ignore = true
  }
}

extension ProtocolCounters {
  mutating func count(_ message: DNSMessage) {
    if message.isResponse { dnsResponses += 1 } else { dnsQueries += 1 }
    if message.anomaly != nil { dnsAnomalies += 1 }
    if message.contradicts { dnsContradictions += 1 }
    if message.answersLeftOut > 0 { dnsAnswersLeftOut += 1 }
  }
}
