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
      if !message.isResponse, policy.isMiner(flow.client.address) { traffic.asked(nameBy: flow.client.address) }
    case .flowEnded(let totals, let identity):
      if isMiningSession(flow, identity) { traffic.ended(sessionOf: flow.client.address) }
      count(FlowVolume(flow: flow, toServer: totals.toServer, toClient: totals.toClient), isOver: true)
    default: break
    }
  }

  private func isMiningSession(_ flow: FlowFacts, _ identity: AppProtocol?) -> Bool {
    guard policy.isMiner(flow.client.address) else { return false }
    switch identity {
    case .stratum, .stratumV2: return true
    case .tls: return policy.poolName(at: flow.server, bindings) != nil
    default: return false
    }
  }

  /// Counts what went through a flow for the miners at its ends.
  mutating func count(_ volume: FlowVolume, isOver: Bool) {
    let flow = volume.flow
    let isTime = flow.ipProtocol == IPProtocol.udp && flow.server.port == 123
    if policy.isMiner(flow.client.address) {
      let outside = isOutside(flow.server.address)
      traffic.add(
        TrafficVolume(
          sent: volume.toServer.bytes, received: volume.toClient.bytes,
          outside: outside ? volume.payload(volume.toServer) : 0, timeQueries: isTime ? volume.toServer.packets : 0),
        of: flow.client.address, isOver: isOver, outside: outside ? flow.server : nil)
    }
    guard policy.isMiner(flow.server.address) else { return }
    let outside = isOutside(flow.client.address)
    traffic.add(
      TrafficVolume(
        sent: volume.toClient.bytes, received: volume.toServer.bytes,
        outside: outside ? volume.payload(volume.toClient) : 0),
      of: flow.server.address, isOver: isOver, outside: outside ? flow.client : nil)
  }

  /// Counts an open flow, and sees whether it is too much by itself.
  mutating func hear(_ volume: FlowVolume) {
    count(volume, isOver: false)
    if isLeak(volume), traffic.tellOnce(volume.flow.id) { flowLeaks.append(volume) }
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
        shares: work.accepted &+ work.unknown &+ work.rejected, of: fleet.hashrates.rows[index].worker.miner)
    }
    leaks += traffic.close(
      now.seconds / 60, at: now, isWatched: isWatched,
      Traffic.Bounds(
        volume: Double(count(.leakBytes, of: .behaviourExfiltration)),
        factor: Double(count(.leakFactor, of: .behaviourExfiltration)),
        least: Double(count(.leakLeast, of: .behaviourExfiltration))))
  }

  /// Whether a flow that is no pool's takes more out than it brings in, and more than any miner has to say.
  mutating func isLeak(_ volume: FlowVolume) -> Bool {
    // The bytes first: every open flow is asked about each minute, and hardly any has so many.
    let most = count(.leakBytes, of: .behaviourExfiltration)
    guard max(volume.toServer.bytes, volume.toClient.bytes) > most else { return false }
    let flow = volume.flow
    let isOut = policy.isMiner(flow.client.address)
    let (own, other) = isOut ? (flow.client, flow.server) : (flow.server, flow.client)
    guard policy.isMiner(own.address), isOutside(other.address) else { return false }
    let (out, back) = isOut ? (volume.toServer, volume.toClient) : (volume.toClient, volume.toServer)
    guard out.bytes > most else { return false }
    if isOut, policy.poolName(at: flow.server, bindings) != nil { return false }
    let sent = volume.payload(out)
    return sent > most && sent > volume.payload(back)
  }
}
