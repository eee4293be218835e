import Capture
import Decode
import Flows
import Policy
import Protocols

extension Analysis {
  /// Compares the work of the minute that was closed with what it was before.
  mutating func closeSwitches(at now: Timestamp) {
    let minute = now.seconds / 60
    // Miners of a pool share its few addresses, and those of a row of miners are mostly the same. So it is with accounts, which
    // have places among the hashrates.
    var pools: [SharedValues<ServerAddress>.Number: Switches.PlaceNumber] = [:]
    nameAnew()
    var last: (server: SharedValues<ServerAddress>.Number, pool: Switches.PlaceNumber)?
    var accounts = [Switches.Name](repeating: 0, count: fleet.hashrates.accounts.groups.count)
    for index in fleet.hashrates.rows.indices where !fleet.hashrates.rows[index].minute.isEmpty {
      let (server, place) = (fleet.hashrates.rows[index].server, fleet.hashrates.rows[index].account)
      if last?.server != server {
        let endpoint = fleet.hashrates.server(of: fleet.hashrates.rows[index])
        let pool =
          pools[server]
          ?? switches.number(of: ServerAddress(endpoint), called: switches.number(of: placeOfWork(endpoint)))
        pools[server] = pool
        last = (server, pool)
      }
      var account = place.map { accounts[$0] } ?? 0
      if account == 0 {
        account = switches.number(of: fleet.hashrates.rows[index].worker.user.map(Hashrates.account))
        if let place { accounts[place] = account }
      }
      switches.note(
        fleet.hashrates.rows[index].minute, of: fleet.hashrates.rows[index].worker.miner, row: index,
        at: last?.pool ?? 0, account: account)
    }
    let bounds = switchBounds
    switches.close(minute, at: now, keep: bounds.minutes, fleet, jobs)
    gather(minute, isLast: false)
  }

  /// A place may be called otherwise than a minute before, as its name was learned since or the policy read again. Nobody moved.
  private mutating func nameAnew() {
    for place in switches.places.indices {
      let name = placeOfWork(switches.places[place].key.endpoint)
      if name != switches.name(switches.places[place].name) { switches.rename(place, to: switches.number(of: name)) }
    }
  }

  /// Time was set back: what was seen together may not have been.
  mutating func forgetBehaviour() {
    switches.forget()
    beacons.forget()
    newDestinations.forget()
    traffic.forgetHours()
  }

  /// The watch ends: what has gathered is told as it stands.
  mutating func finishSwitches() { gather(now.seconds / 60, isLast: true) }

  private mutating func gather(_ minute: Int64, isLast: Bool) {
    let gathered = switches.gatherings.close(minute, switches.changes, switchBounds, isLast: isLast)
    for gathering in gathered {
      let miners = Set(gathering.miners)
      switches.remove { $0.kind == gathering.group.kind && $0.to == gathering.group.to && miners.contains($0.miner) }
    }
    switches.gathered += gathered
  }

  private var switchBounds: SwitchGatherings.Bounds {
    let window = duration(.switchWindow, of: .coordinatedSwitch).saturatedNanoseconds
    return SwitchGatherings.Bounds(
      minutes: max(1, (window - 1) / 60_000_000_000 + 1),
      miners: Int(clamping: count(.switchMiners, of: .coordinatedSwitch)),
      fraction: fraction(.switchFraction, of: .coordinatedSwitch))
  }

  /// The policy's pool, or the endpoint itself where there is none.
  private func placeOfWork(_ server: Endpoint) -> String {
    policy.poolName(at: server, bindings) ?? hostAndPort(server) + (name(of: server.address).map { " (\($0))" } ?? "")
  }

  /// Hears what tells why miners may change: a pool that is gone, or that sets a difficulty.
  mutating func hearOfSwitch(_ observation: Observation) {
    guard let flow = minerFlow(observation) else { return }
    switch observation.content {
    case .flowEnded(let totals, _):
      // What a miner ends itself is no loss, whoever told it to.
      guard flow.ipProtocol == IPProtocol.tcp, !totals.answered || totals.endedBy == .server,
        let pool = policy.poolName(at: flow.server, bindings)
      else { return }
      // Refused is what was answered by a RST and nothing else.
      let loss = totals.answered && totals.toClient.packets > 1 ? Switches.Loss.closed : .unreached
      switches.note(loss, of: switches.number(of: pool), by: flow.client.address, at: totals.lastSeen)
    case .dns(let message):
      guard message.isFailure(for: flow.client.address), policy.isResolver(flow.server.address, bindings),
        let pool = policy.pool(named: message.question)
      else { return }
      switches.note(.unnamed, of: switches.number(of: pool.name), by: flow.client.address, at: observation.time)
    case .stratum(let event):
      guard case .difficulty(let old, let new) = event.what else { return }
      switches.set(new, from: old, for: flow.client.address, since: flow.firstSeen, at: observation.time)
    default: break
    }
  }
}
