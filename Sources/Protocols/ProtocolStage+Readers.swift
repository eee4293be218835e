import Capture
import Decode
import Flows

/// Streams that a ``StreamReader`` reads: from the first bytes until it has enough of them, or hands over.
extension ProtocolStage {
  /// Starts to read a stream, with what is kept of it and then `bytes`.
  mutating func openReader(
    _ reader: NewReader, as appProtocol: AppProtocol, with bytes: RawSpan?, _ flow: FlowIndex, _ sender: End,
    _ speaker: End?, _ state: ApplicationState, _ flows: borrowing FlowTable
  ) -> FlowOrders {
    guard let number = readers.open(reader) else {
      counters.readersRefused += 1
      var reader = reader
      reader.finish(at: now, into: &said)
      var orders = FlowOrders.identified(appProtocol, state)
      orders.client = speaker
      return orders
    }
    let facts = flows.facts(flow)
    var orders = FlowOrders(state: state)
    orders.identify(appProtocol)
    orders.client = speaker
    orders.state.phase = .reading
    orders.state.session = number
    orders.state.client = facts.basis < .content ? speaker ?? facts.client : facts.client
    let opener = progress[Int(flow.rawValue)].opener
    for end in [opener, opener.other] where orders.state.phase == .reading {
      // Where both ends are kept, the one that spoke first is read first.
      if end != sender || bytes == nil { readKept(flow, end, &orders, flows) }
      if end == sender, let bytes, orders.state.phase == .reading { read(bytes, flow, sender, &orders, flows) }
    }
    return settled(orders, flow, flows)
  }

  mutating func followReader(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ state: ApplicationState, _ flows: borrowing FlowTable
  ) -> FlowOrders {
    var orders = FlowOrders(state: state)
    if !state.hasTail(sender) {
      read(bytes, flow, sender, &orders, flows)
    } else if keep(bytes, flow, sender) {
      readKept(flow, sender, &orders, flows)
    } else {
      giveUp(flow, &orders, flows)
    }
    return settled(orders, flow, flows)
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
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ orders: inout FlowOrders, _ flows: borrowing FlowTable
  ) {
    let role = orders.state.role(of: sender)
    let result = readers.consume(Int(orders.state.session), bytes, from: role, at: now, into: &said)
    if result.consumed < bytes.byteCount, result.next != .done {
      let isKept = keep(bytes.extracting(result.consumed..<bytes.byteCount), flow, sender)
      orders.state.setTail(sender, isKept)
      guard isKept else { return giveUp(flow, &orders, flows) }
    }
    obey(result, flow, &orders, flows)
  }

  private mutating func readKept(
    _ flow: FlowIndex, _ sender: End, _ orders: inout FlowOrders, _ flows: borrowing FlowTable
  ) {
    guard let buffer = progress[Int(flow.rawValue)][sender].buffer else { return }
    let role = orders.state.role(of: sender)
    let result = Self.consume(buffers, buffer, &readers, Int(orders.state.session), role, now, &said)
    buffers.dropFirst(result.consumed, of: buffer)
    let isLeft = buffers.count(of: buffer) > 0
    if !isLeft { releaseBuffer(flow, sender) }
    orders.state.setTail(sender, isLeft)
    obey(result, flow, &orders, flows)
  }

  private static func consume(
    _ buffers: borrowing StreamBuffers, _ buffer: BufferIndex, _ readers: inout StreamReaders, _ number: Int,
    _ role: Role, _ now: Timestamp, _ said: inout [Observation.Content]
  ) -> DissectorProgress {
    readers.consume(number, buffers.bytes(buffer), from: role, at: now, into: &said)
  }

  // MARK: What comes next

  private mutating func obey(
    _ result: DissectorProgress, _ flow: FlowIndex, _ orders: inout FlowOrders, _ flows: borrowing FlowTable
  ) {
    if let identity = result.identity { orders.identify(identity) }
    switch result.next {
    case .more: readInside(flow, &orders, flows)
    case .handOver where result.identity == .webSocket:
      readers.replace(Int(orders.state.session), by: .webSocket(WebSocketDissector(isJoined: false)))
      // The client may have gone on before it was answered, and the server behind its answer.
      for role in [Role.client, .server] {
        readKept(flow, role == .client ? orders.state.client : orders.state.client.other, &orders, flows)
      }
    case .done: stopReading(flow, &orders, (orders.identified ?? orders.state.identified) == .tls ? .sizing : .done)
    case .handOver: stopReading(flow, &orders, .probing)
    }
  }

  private mutating func stopReading(
    _ flow: FlowIndex, _ orders: inout FlowOrders, _ phase: ApplicationState.Phase
  ) {
    readers.close(Int(orders.state.session))
    orders.state.phase = phase
    orders.state.session = 0
    guard phase == .done else { return }
    for end in [End.a, .b] {
      releaseBuffer(flow, end)
      orders.state.setTail(end, false)
    }
    orders.ignore = !isScanning(flow)
  }

  /// A message is longer than what can be kept: nothing behind it can be made out.
  private mutating func giveUp(_ flow: FlowIndex, _ orders: inout FlowOrders, _ flows: borrowing FlowTable) {
    counters.readersGivenUp += 1
    endInside(Int(orders.state.session), flow, flows)
    readers.finish(Int(orders.state.session), at: now, into: &said)
    stopReading(flow, &orders, .done)
  }

  /// Where the reader handed over, probes what is kept of both directions as though the flow began here.
  private mutating func settled(_ orders: FlowOrders, _ flow: FlowIndex, _ flows: borrowing FlowTable) -> FlowOrders {
    guard orders.state.phase == .probing else { return orders }
    var orders = orders
    let slot = Int(flow.rawValue)
    var fresh = FlowProgress()
    fresh.isBroken = progress[slot].isBroken
    fresh.opener = progress[slot].opener
    (fresh.a.buffer, fresh.b.buffer) = (progress[slot].a.buffer, progress[slot].b.buffer)
    progress[slot] = fresh
    for end in [End.a, .b] { orders.state.setTail(end, false) }
    for end in [fresh.opener, fresh.opener.other] where orders.state.phase == .probing {
      guard let inner = probeAgain(flow, end, orders.state, flows) else { continue }
      orders = orders.followed(by: inner)
    }
    return orders
  }
}

extension FlowOrders {
  /// Says what the flow is, unless that was the last thing said of it.
  mutating func identify(_ appProtocol: AppProtocol) {
    identified = appProtocol == state.identified ? nil : appProtocol
  }

  /// These orders, and then `next`, which were given for what they left behind.
  fileprivate func followed(by next: FlowOrders) -> FlowOrders {
    var both = next
    both.client = next.client ?? client
    both.identified = next.identified ?? identified
    return both
  }
}
