import Capture
import Decode
import Flows

/// Identifiers of miners in what they send: looked for in the first bytes of each direction of whatever is no mining session.
extension ProtocolStage {
  /// The next bytes of a stream, before anything else is made of them.
  mutating func scan(_ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ flows: borrowing FlowTable) {
    let scan = progress[Int(flow.rawValue)][sender].scan
    guard !scan.isDone else { return progress[Int(flow.rawValue)][sender].scan.pass(bytes.byteCount) }
    progress[Int(flow.rawValue)][sender].scan = continued(scan, bytes, isWhole: false, flow, sender, flows)
  }

  /// A datagram, by itself.
  mutating func scan(
    datagram bytes: RawSpan, _ update: FlowUpdate, _ identified: AppProtocol?, _ flows: inout FlowTable
  ) {
    // What stays on the link names machines by design.
    switch identified {
    case .dhcp, .mdns, .llmnr: return
    default: break
    }
    let (flow, sender) = (update.flow, update.sender)
    // All that is known of most is how much there was before, and the flow knows that.
    // One that came in fragments was counted with the last of them only.
    let sent = flows.byteCount(of: flow, from: sender)
    let seen = sent - min(sent, UInt64(bytes.byteCount))
    var scan = progress[Int(flow.rawValue)][sender].scan
    scan.begin(behind: seen)
    if !scan.isDone {
      scan = continued(scan, bytes, isWhole: true, flow, sender, flows)
      if scan.hasFound { progress[Int(flow.rawValue)][sender].scan = scan }
    }
    observeRead(flow, &flows)
  }

  /// How far a scan has come behind further bytes; what they hold stands in ``said`` then.
  private mutating func continued(
    _ scan: IdentifierScan, _ bytes: RawSpan, isWhole: Bool, _ flow: FlowIndex, _ sender: End,
    _ flows: borrowing FlowTable
  ) -> IdentifierScan {
    var scan = scan
    let role: Role = flows.client(flow).end == sender ? .client : .server
    scan.read(bytes, isWhole: isWhole, of: flows.mac(of: flow, sender), from: role, into: &said)
    return scan
  }

  /// The decision that bytes led to, after they were scanned: what was found has to be told, and a flow that nobody reads is let
  /// go when enough of it was seen.
  func scanned(_ decision: FlowDecision?, _ state: ApplicationState, _ flow: FlowIndex) -> FlowDecision? {
    if let decision { return decision }
    let isOver = state.phase == .done && !isScanning(flow)
    guard isOver || !said.isEmpty else { return nil }
    var decision = FlowDecision(state: state)
    decision.ignore = isOver
    return decision
  }

  /// Whether a flow that nobody reads is still looked at: until enough of both directions, or far more of one, went by.
  func isScanning(_ flow: FlowIndex) -> Bool {
    let progress = progress[Int(flow.rawValue)]
    let (a, b) = (progress.a.scan, progress.b.scan)
    return !(a.isDone && b.isDone) && max(a.seen, b.seen) < 4 * UInt32(Limits.identifierBytes)
  }
}
