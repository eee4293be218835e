package import Flows

/// Work of sessions that are not Stratum V1's: V2's, as it is told or as sizes tell it, and that behind TLS, by sizes alone.
extension ProtocolStage {
  /// Takes what they came to since the last call: into ``work``, beside ``collectWork(_:)``'s.
  package mutating func collectHiddenWork(_ flows: inout FlowTable) {
    for slot in 0..<flows.slotsInUse {
      guard let flow = flows.openFlow(inSlot: slot) else { continue }
      var state = ApplicationState(rawValue: flows.applicationState(flow))
      switch state.phase {
      case .reading where state.identified == .stratumV2: takeWork(ofReader: state, flow, flows)
      case .sizing:
        guard let taken = takeWork(ofSizes: state, flow, flows) else { continue }
        state.session = taken
        flows.setApplicationState(flow, state.rawValue)
      default: break
      }
    }
  }

  mutating func takeWork(ofReader state: ApplicationState, _ flow: FlowIndex, _ flows: borrowing FlowTable) {
    guard let (user, taken) = readers.takeWork(Int(state.session)) else { return }
    work.append(SessionWork(flow: flows.id(of: flow), user: user, work: taken))
  }

  /// - Returns: what sizing keeps from now on; nil when nothing was taken.
  mutating func takeWork(
    ofSizes state: ApplicationState, _ flow: FlowIndex, _ flows: borrowing FlowTable
  ) -> UInt32? {
    var sizing = TLSSizing(rawValue: state.session)
    let shares = sizing.takeShares()
    guard shares > 0 else { return nil }
    var taken = ShareWork()
    taken.unknown = shares
    work.append(SessionWork(flow: flows.id(of: flow), user: nil, work: taken))
    return sizing.rawValue
  }
}
