import Capture
import Decode
import Flows
import Policy
import Protocols

extension Observation {
  /// The flow was turned round, and so is what was counted of its two directions.
  mutating func turnTotals() {
    guard case .flowEnded(var totals, let identified) = content else { return }
    swap(&totals.toServer, &totals.toClient)
    totals.endedBy = totals.endedBy?.other
    content = .flowEnded(totals, identified: identified)
  }
}

extension Analysis {
  /// Counts what an observation tells of what a miner does by the hour.
  mutating func countTraffic(of observation: Observation) {
    guard let flow = observation.flow else { return }
    switch observation.content {
    case .flowIdentified(let identity):
      if isMiningSession(flow, identity) { traffic.began(sessionOf: flow.client.address) }
    case .dns(let message):
      if !message.isResponse, isMiner(flow.client.address) { traffic.asked(nameBy: flow.client.address) }
    case .flowEnded(let totals, let identity):
      if isMiningSession(flow, identity) { traffic.ended(sessionOf: flow.client.address) }
      count(FlowVolume(flow, totals), isOver: true)
    default: break
    }
  }

  private func isMiningSession(_ flow: FlowFacts, _ identity: AppProtocol?) -> Bool {
    guard isMiner(flow.client.address) else { return false }
    switch identity {
    case .stratum, .stratumV2: return true
    case .tls: return policy.poolName(at: flow.server, bindings) != nil
    default: return false
    }
  }

  /// Counts what went through a flow for the miners at its ends.
  ///
  /// - Parameter slot: of the flow, while it is open.
  private mutating func count(_ volume: FlowVolume, isOver: Bool, inSlot slot: Int? = nil) {
    let (client, server) = (volume.client, volume.server)
    if isMiner(client.address) {
      let isTime = volume.ipProtocol == IPProtocol.udp && server.port == 123
      let outside = isOutside(server.address)
      traffic.add(
        TrafficVolume(
          sent: client.counters.bytes, received: server.counters.bytes, outside: outside ? volume.payload(client) : 0,
          timeQueries: isTime ? UInt32(truncatingIfNeeded: client.counters.packets) : 0),
        of: client.address, isOver: isOver, outside: outside ? server : nil, inSlot: slot)
    }
    guard isMiner(server.address) else { return }
    let outside = isOutside(client.address)
    traffic.add(
      TrafficVolume(
        sent: server.counters.bytes, received: client.counters.bytes, outside: outside ? volume.payload(server) : 0),
      of: server.address, isOver: isOver, outside: outside ? client : nil)
  }

  /// Counts an open flow.
  ///
  /// - Parameter slot: the flow's place in its table.
  /// - Returns: whether it is too much by itself and was not told: then ``tell(_:in:)`` is to follow.
  mutating func count(_ volume: FlowVolume, inSlot slot: Int) -> Bool {
    let volume = isTurned(volume) ? volume.turned : volume
    count(volume, isOver: false, inSlot: slot)
    return isLeak(volume) && traffic.tellOnce(volume.flow)
  }

  /// Takes note of a leak that is to be told.
  mutating func tell(_ volume: FlowVolume, in flow: FlowFacts) {
    if isTurned(volume) {
      flowLeaks.append((volume.turned, flow.turned))
    } else {
      flowLeaks.append((volume, flow))
    }
  }

  private func isTurned(_ volume: FlowVolume) -> Bool {
    volume.basis == .guess && isTurned(client: volume.client.address, server: volume.server.address)
  }

  /// Nothing is learned from an hour in which something was told that matters.
  mutating func disturb(by finding: Finding) {
    guard finding.level <= .medium else { return }
    traffic.disturb(finding.miners == nil ? finding.miner?.address : nil, at: now.seconds / 60)
  }

  /// Ends a minute of what was counted.
  mutating func closeTraffic(at now: Timestamp, isWatched: Bool) {
    // By index: a row is too big to be copied for two of its parts.
    for index in fleet.hashrates.rows.indices where isWatched && !fleet.hashrates.rows[index].minute.isEmpty {
      let work = fleet.hashrates.rows[index].minute
      traffic.add(
        shares: work.accepted &+ work.unknown &+ work.rejected, of: fleet.hashrates.rows[index].worker.miner,
        row: index)
    }
    leaks += traffic.close(
      now.seconds / 60, at: now, isWatched: isWatched,
      Traffic.Bounds(
        volume: Double(count(.leakBytes, of: .behaviourExfiltration)),
        factor: Double(count(.leakFactor, of: .behaviourExfiltration)),
        least: Double(count(.leakLeast, of: .behaviourExfiltration))))
  }

  /// Whether a flow that is no pool's takes more out than it brings in, and more than any miner has to say.
  func isLeak(_ volume: FlowVolume) -> Bool {
    // The bytes first: every open flow is asked about each minute, and hardly any has so many.
    let most = count(.leakBytes, of: .behaviourExfiltration)
    guard max(volume.client.counters.bytes, volume.server.counters.bytes) > most else { return false }
    let isOut = isMiner(volume.client.address)
    let (own, other) = isOut ? (volume.client, volume.server) : (volume.server, volume.client)
    guard isMiner(own.address), isOutside(other.address), own.counters.bytes > most else { return false }
    let server = Endpoint(address: volume.server.address, port: volume.server.port)
    if isOut, policy.poolName(at: server, bindings) != nil { return false }
    let sent = volume.payload(own)
    return sent > most && sent > volume.payload(other)
  }
}

extension FlowVolume {
  /// A flow that is over.
  init(_ flow: FlowFacts, _ totals: FlowTotals) {
    self.init(
      flow: flow.id,
      client: Side(address: flow.client.address, port: flow.client.port, counters: totals.toServer),
      server: Side(address: flow.server.address, port: flow.server.port, counters: totals.toClient),
      ipProtocol: flow.ipProtocol, basis: flow.basis)
  }
}
