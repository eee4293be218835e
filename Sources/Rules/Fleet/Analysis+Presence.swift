import Capture
import Decode
import Flows
import Policy
import Protocols

/// What the watch over the fleet is told of the site: shares, and signs of life.
extension Analysis {
  /// Takes pulses of the last few seconds.
  mutating func hear(_ pulses: [SharePulse]) {
    for pulse in pulses { beat(pulse) }
  }

  /// These seconds are over: lets the watch decide.
  mutating func endRound(look: Sight.Look, at time: Timestamp) {
    closeMoved()
    fleetWatch.turn(at: FleetWatch.seconds(of: time), look: look, settings: fleetSettings)
  }

  private mutating func beat(_ pulse: SharePulse) {
    guard let (row, pool) = fleetWatch.known(pulse.session, pulse.flow) ?? meet(pulse) else { return }
    if pulse.shares > 0 {
      if fleetWatch.rows[row].state != .hashing { noteArrival(row) }
      fleetWatch.beat(
        row, shares: Int(pulse.shares), at: FleetWatch.bounded(pulse.lastShare), difficulty: pulse.difficulty,
        flow: pulse.flow, pool: pool)
    } else {
      fleetWatch.isQuiet(row, flow: pulse.flow, sent: pulse.sent, job: FleetWatch.bounded(pulse.lastJob))
    }
  }

  /// The first pulse of a session.
  private mutating func meet(_ pulse: SharePulse) -> (row: Int, pool: Int)? {
    guard let (miner, server) = jobs.ends(of: pulse.flow) else { return nil }
    return fleetWatch.meet(pulse.session, pulse.flow, miner: miner, server: server)
  }

  /// A miner begins to hash: it may be one that had another address before.
  private mutating func noteArrival(_ row: Int) {
    let address = fleetWatch.rows[row].address
    for former in otherAddresses(of: address) { fleetWatch.arrive(row, from: former) }
  }

  /// Those who are late because their machine works at another address by now have not stopped.
  private mutating func closeMoved() {
    for row in fleetWatch.late {
      let others = otherAddresses(of: fleetWatch.rows[row].address)
      if others.contains(where: { fleetWatch.hasMoved(row, to: $0) }) { fleetWatch.close(row) }
    }
  }

  /// Other addresses that the machine at an address had of late, where it is one machine.
  private func otherAddresses(of address: IPAddress) -> [IPAddress] {
    guard let mac = fleet.miners[address]?.mac, !lan.routers.carries(mac) else { return [] }
    return lan.devices.addresses(of: mac).filter { $0 != address && fleet.miners[$0]?.mac == mac }
  }

  /// A miner shows itself in something other than shares.
  mutating func noteSigns(of observation: Observation) {
    let time = FleetWatch.seconds(of: observation.time)
    switch observation.content {
    case .sensor(.captureLoss(let loss)):
      let lost = Double(loss.kernelDropped) + Double(loss.interfaceDropped)
      if lost > 0 { fleetWatch.sight.lose(share: lost / (lost + Double(loss.received)), at: time) }
    case .arp(let header): fleetWatch.note(.alive, of: header.senderAddress, at: time)
    case .dhcp(let message):
      // An offer answers a machine that has no address yet; the others have one.
      for address in message.assigned {
        fleetWatch.note(message.kind == .offer || message.kind == .advertise ? .booted : .alive, of: address, at: time)
      }
    case .requestAnswered:
      if let flow = observation.flow { fleetWatch.note(.alive, of: flow.server.address, at: time) }
    case .dns(let message):
      guard let flow = observation.flow, !message.isResponse else { return }
      fleetWatch.note(.seeking, of: flow.client.address, at: time)
    case .flowIdentified(let identity):
      if let flow = observation.flow { noteFlow(flow, identity, at: time) }
    case .flowEnded(let totals, let identity):
      if let flow = observation.flow { noteEnd(of: flow, totals, identity, at: time) }
    default: break
    }
  }

  private mutating func noteFlow(_ flow: FlowFacts, _ identity: AppProtocol, at time: Int) {
    switch identity {
    // Nobody answered it, so far.
    case .silent: if flow.ipProtocol == IPProtocol.tcp { noteCall(flow, at: time) }
    case .stratum, .stratumV2, .tls: fleetWatch.note(.seeking, of: flow.client.address, at: time)
    default:
      fleetWatch.note(.alive, of: flow.client.address, at: time)
      fleetWatch.note(.alive, of: flow.server.address, at: time)
    }
  }

  private mutating func noteEnd(of flow: FlowFacts, _ totals: FlowTotals, _ identity: AppProtocol?, at time: Int) {
    guard flow.ipProtocol == IPProtocol.tcp else { return }
    switch (identity, totals.reason) {
    case (.stratum, .finished): fleetWatch.note(.finished(flow: flow.id), of: flow.client.address, at: time)
    case (.stratum, .reset): fleetWatch.note(.reset(flow: flow.id), of: flow.client.address, at: time)
    case (nil, _), (.silent, _): if !totals.answered { noteCall(flow, at: time) }
    default: break
    }
  }

  /// A miner opens a connection that nobody answers: to a pool, as there is nothing else that it calls.
  private mutating func noteCall(_ flow: FlowFacts, at time: Int) {
    guard isOutside(flow.server.address) || policy.poolName(at: flow.server, bindings) != nil else { return }
    fleetWatch.note(.seeking, of: flow.client.address, at: time)
  }
}

extension FleetWatch {
  /// The row of a session that is known.
  func known(_ session: UInt32, _ flow: UInt64) -> (row: Int, pool: Int)? {
    guard session < rowOfSession.count, rowOfSession[Int(session)].flow == flow else { return nil }
    let known = rowOfSession[Int(session)]
    return (Int(known.row), Int(known.pool))
  }

  /// - Returns: nil when there is no room for another miner.
  mutating func meet(_ session: UInt32, _ flow: UInt64, miner: IPAddress, server: Endpoint) -> (row: Int, pool: Int)? {
    guard session < Limits.stratumSessions, let row = row(of: miner) else { return nil }
    while rowOfSession.count <= session { rowOfSession.append((.max, 0, 0)) }
    let pool = place(of: server)
    rowOfSession[Int(session)] = (flow, UInt32(truncatingIfNeeded: row), UInt32(truncatingIfNeeded: pool))
    return (row, pool)
  }

  private mutating func place(of server: Endpoint) -> Int {
    let server = Endpoint(address: server.address, port: server.port)
    if let place = pools.firstIndex(of: server) { return place }
    // Whatever comes beyond shares the last place.
    if pools.count < Limits.poolsSeen { pools.append(server) }
    return pools.count - 1
  }
}
