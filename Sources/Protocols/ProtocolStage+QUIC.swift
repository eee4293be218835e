import Decode
import Flows

/// QUIC: the client's first datagrams are opened for its hello, and then the flow costs only its counters.
extension ProtocolStage {
  /// The flow is now known for QUIC by this datagram.
  mutating func openQUIC(_ payload: RawSpan, _ flow: FlowIndex, _ flows: inout FlowTable) {
    let opened = quic.open(payload)
    if opened.isFull { counters.quicHellosRefused += 1 }
    guard let number = opened.number else { return introduce(opened.session, flow, &flows) }
    var state = ApplicationState(rawValue: flows.applicationState(flow))
    state.session = number
    flows.setApplicationState(flow, state.rawValue)
  }

  mutating func receiveQUIC(
    _ payload: RawSpan, _ update: FlowUpdate, _ state: ApplicationState, _ flows: inout FlowTable
  ) {
    guard state.phase == .datagrams, flows.client(update.flow).end == update.sender else { return }
    guard let session = quic.read(payload, of: Int(state.session)) else { return }
    introduce(session, update.flow, &flows)
  }

  /// The flow is over before its hello was whole.
  mutating func endQUIC(_ flow: FlowIndex, _ state: ApplicationState, _ flows: inout FlowTable) {
    guard let session = quic.close(Int(state.session)) else { return }
    observe(.tls(TLSEvent(session: session, what: .introduced)), flow, &flows)
  }

  /// Says what is known of the session; nothing more will be.
  private mutating func introduce(_ session: TLSSession, _ flow: FlowIndex, _ flows: inout FlowTable) {
    var state = ApplicationState(rawValue: flows.applicationState(flow))
    state.phase = .done
    flows.setApplicationState(flow, state.rawValue)
    observe(.tls(TLSEvent(session: session, what: .introduced)), flow, &flows)
    flows.ignore(flow)
  }
}
