import Decode
import Flows

/// TLS behind its handshake: what can still be told is how long the pieces are. It takes a few instructions a segment, no
/// memory, and ends after ``TLSCadence/enough`` of the client's; but where they look like mining, shares are counted on.
extension ProtocolStage {
  mutating func countSize(
    _ count: Int, _ flow: FlowIndex, _ sender: End, _ state: ApplicationState, _ flows: borrowing FlowTable
  ) -> FlowDecision? {
    var decision = FlowDecision(state: state)
    var sizing = TLSSizing(rawValue: state.session)
    sizing.count(count, from: state.role(of: sender))
    if state.role(of: sender) == .server {
      let total = flows.byteCount(of: flow, from: sender)
      if sizing.passesMilestone(total) { say(.transfer(total)) }
    }
    let cadence = sizing.cadence
    if let cadence, cadence.isMining { sizing.countShares(from: cadence.shares) }
    decision.state.session = sizing.rawValue
    if let cadence {
      say(.cadence(cadence))
      guard !cadence.isMining else { return decision }
      decision.state.phase = .done
      decision.ignore = true
    }
    return decision
  }

  /// The flow is over: says what there was.
  mutating func endSizes(_ flow: FlowIndex, _ state: ApplicationState, _ flows: inout FlowTable) {
    let sizing = TLSSizing(rawValue: state.session)
    guard !sizing.isCountingShares else {
      _ = takeWork(ofSizes: state, flow, flows)
      return
    }
    let sums = sizing.sums
    guard sums.requests > 0 else { return }
    say(.cadence(sums))
    observeRead(flow, &flows)
  }

  private mutating func say(_ what: TLSEvent.What) {
    said.append(.tls(TLSEvent(session: TLSSession(transport: .stream), what: what)))
  }
}
