package import Flows

extension FlowFacts {
  /// A flow's summary, told by client and server instead of by end.
  package init(_ summary: FlowSummary) {
    let vlans: [UInt16] =
      switch summary.vlanCount {
      case 0: []  // needs no memory
      case 1: [summary.outerVLAN]
      default: [summary.outerVLAN, summary.innerVLAN]
      }
    self.init(
      id: summary.id, client: Endpoint(summary.side(summary.client)),
      server: Endpoint(summary.side(summary.client.other)), ipProtocol: summary.ipProtocol, icmpType: summary.icmpType,
      vlans: vlans, interface: summary.interface, basis: summary.basis, sawStart: summary.sawStart,
      hasLoss: summary.a.missedBytes | summary.b.missedBytes != 0, firstSeen: summary.firstSeen, tunnel: summary.tunnel)
  }
}

extension FlowTotals {
  init(_ summary: FlowSummary, reason: FlowEnd) {
    let client = summary.side(summary.client)
    let server = summary.side(summary.client.other)
    self.init(
      reason: reason, lastSeen: summary.lastSeen, toServer: client.counters, toClient: server.counters,
      missedBytes: client.missedBytes &+ server.missedBytes, answered: server.counters.packets > 0,
      endedBy: summary.endedBy.map { $0 == summary.client ? .client : .server })
  }
}

extension Endpoint {
  fileprivate init(_ side: FlowSummary.Side) {
    self.init(address: side.address, port: side.port, mac: side.mac)
  }
}
