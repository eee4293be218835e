import Capture
import Decode
import Flows

/// Identifiers of miners in what they send: looked for in the first bytes of each direction of whatever is no mining session.
extension ProtocolStage {
  /// The next bytes of a stream, before anything else is made of them.
  mutating func scan(
    _ bytes: RawSpan, isWhole: Bool = false, _ flow: FlowIndex, _ sender: End, _ flows: borrowing FlowTable
  ) {
    let slot = Int(flow.rawValue)
    guard !progress[slot][sender].scan.isDone else { return }
    let facts = flows.facts(flow)
    var scan = progress[slot][sender].scan
    let role: Role = facts.client == sender ? .client : .server
    scan.read(bytes, isWhole: isWhole, of: facts.side(sender).mac, from: role, into: &said)
    progress[slot][sender].scan = scan
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
    progress[Int(update.flow.rawValue)][update.sender].scan.interrupt()
    scan(bytes, isWhole: true, update.flow, update.sender, flows)
    observeRead(update.flow, &flows)
  }

  /// The orders that bytes led to, after they were scanned: what was found has to be told, and a flow that nobody reads is let
  /// go when enough of it was seen.
  func scanned(_ orders: FlowOrders?, _ state: ApplicationState, _ flow: FlowIndex) -> FlowOrders? {
    if let orders { return orders }
    let isOver = state.phase == .done && !isScanning(flow)
    guard isOver || !said.isEmpty else { return nil }
    var orders = FlowOrders(state: state)
    orders.ignore = isOver
    return orders
  }

  /// Whether a flow that nobody reads is still looked at: until enough of both directions, or far more of one, went by.
  func isScanning(_ flow: FlowIndex) -> Bool {
    let progress = progress[Int(flow.rawValue)]
    let (a, b) = (progress.a.scan, progress.b.scan)
    return !(a.isDone && b.isDone) && max(a.seen, b.seen) < 4 * UInt32(Limits.identifierBytes)
  }
}
