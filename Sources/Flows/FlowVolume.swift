package import Decode

/// Who speaks with whom in a flow, and how much so far: what is asked of every open flow once a minute, so it is small.
package struct FlowVolume: Sendable, BitwiseCopyable {
  package struct Side: Sendable, BitwiseCopyable {
    package var address: IPAddress
    /// 0 for protocols without ports.
    package var port: UInt16
    /// What this end sent.
    package var counters: FlowCounters

    package init(address: IPAddress, port: UInt16, counters: FlowCounters) {
      self.address = address
      self.port = port
      self.counters = counters
    }
  }

  /// As ``FlowSummary/id``.
  package var flow: UInt64
  package var client: Side
  package var server: Side
  /// IANA protocol number.
  package var ipProtocol: UInt8
  package var basis: DirectionBasis

  package init(flow: UInt64, client: Side, server: Side, ipProtocol: UInt8, basis: DirectionBasis) {
    self.flow = flow
    self.client = client
    self.server = server
    self.ipProtocol = ipProtocol
    self.basis = basis
  }

  /// Client and server the other way round.
  package var turned: FlowVolume {
    FlowVolume(flow: flow, client: server, server: client, ipProtocol: ipProtocol, basis: basis)
  }

  /// Bytes of one side without headers, as near as counters tell: TCP's are taken with timestamps, as Linux sends them.
  package func payload(_ side: Side) -> UInt64 {
    let network: UInt64 = side.address.isIPv4 ? 20 : 40
    let headers = side.counters.packets &* (network + (ipProtocol == IPProtocol.tcp ? 32 : 8))
    return side.counters.bytes > headers ? side.counters.bytes - headers : 0
  }
}

extension FlowTable {
  /// What has gone through a flow so far.
  package func volume(_ flow: FlowIndex) -> FlowVolume {
    let slot = Int(flow.rawValue)
    let client = origins[slot].client
    return FlowVolume(
      flow: origins[slot].id, client: volume(of: client, slot), server: volume(of: client.other, slot),
      ipProtocol: records[slot].key.ipProtocol, basis: origins[slot].basis)
  }

  private func volume(of end: End, _ slot: Int) -> FlowVolume.Side {
    FlowVolume.Side(
      address: records[slot].key.address(end), port: records[slot].key.port(end),
      counters: streams[slot * 2 + Int(end.rawValue)].counters)
  }
}
