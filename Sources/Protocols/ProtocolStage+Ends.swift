package import Capture
package import Flows

/// What time does to flows: they end, or stay undecided for too long.
extension ProtocolStage {
  /// Deals with flows that are over, and gives them back to the table.
  ///
  /// - Parameter most: so many at once.
  /// - Returns: whether there may be more.
  @discardableResult
  package mutating func drainEnded(_ flows: inout FlowTable, atMost most: Int = .max) -> Bool {
    var count = 0
    while let (flow, reason) = flows.nextEnded() {
      for end in [End.a, .b] { deliverHeld(flow, end, &flows) }
      let state = ApplicationState(rawValue: flows.applicationState(flow))
      if state.phase == .stratum {
        endStratum(flow, state, &flows)
      } else if state.phase == .reading {
        endReader(flow, state, &flows)
      } else if state.phase == .sizing {
        endSizes(flow, state, &flows)
      } else if state.phase == .datagrams, state.identified == .quic {
        endQUIC(flow, state, &flows)
      } else if state.phase == .probing, state.identified == nil || state.identified == .silent,
        progress[Int(flow.rawValue)].flights > 0
      {
        // It spoke, too little or too strangely to tell.
        _ = apply(.identified(.unknown, state), flow, &flows)
      }
      let identified = ApplicationState(rawValue: flows.applicationState(flow)).identified
      let summary = flows.summary(of: flow)
      observe(.flowEnded(FlowTotals(summary, reason: reason), identified: identified), flow, &flows)
      releaseBuffer(flow, .a)
      releaseBuffer(flow, .b)
      progress.remove(Int(flow.rawValue))
      flows.release(flow)
      count += 1
      if count == most { return true }
    }
    return false
  }

  /// To be called about once a second of packet time, after the flow table's own tick.
  package mutating func tick(_ time: Timestamp, _ flows: inout FlowTable) {
    now = time
    while let (flow, sender) = flows.nextStalled() { deliverHeld(flow, sender, &flows) }
    while let flow = flows.nextUndecided() { callUndecided(flow, &flows) }
    tickStratum(&flows)
    drainEnded(&flows)
  }

  /// Says what can be said of a flow that is 10 s old. It is listened to all the same, and may be identified again.
  private mutating func callUndecided(_ flow: FlowIndex, _ flows: inout FlowTable) {
    let state = ApplicationState(rawValue: flows.applicationState(flow))
    guard state.identified == nil else { return }
    var decision = FlowDecision(state: state)
    decision.identified = progress[Int(flow.rawValue)].flights > 0 ? .unknown : .silent
    _ = apply(decision, flow, &flows)
  }
}
