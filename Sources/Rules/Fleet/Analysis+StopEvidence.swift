import Capture
import Decode
import Policy
import Protocols

/// What is known of those who stopped together: signs of life, what they have in common, what came before, what power they take.
extension Analysis {
  /// Seconds after the last share from which on a sign of life comes from a miner that has stopped.
  private static let aftermath = 5

  func evidence(of wave: FleetEvents.Wave, lead: Exchanges.Lead?) -> StopEvidence {
    let rows = wave.rows.map { fleetWatch.rows[$0] }
    let share = { (isSo: (MinerHabit, Int) -> Bool) in
      let count = rows.count { habit in
        // Its own stop lies a few intervals after its last share at the latest, and not after everybody's.
        isSo(habit, min(wave.last, habit.lastShare + Int(min(3 * habit.interval, 86_400))) + Self.aftermath)
      }
      return Double(count) / Double(max(rows.count, 1))
    }
    var evidence = StopEvidence()
    evidence.alive = share { $0.signs.alive > $1 }
    evidence.ended = share { habit, _ in max(habit.signs.finished, habit.signs.reset) >= habit.lastShare }
    evidence.seeking = share { habit, _ in habit.signs.seeking >= habit.lastShare }
    evidence.booted = share { habit, _ in habit.signs.booted > habit.lastShare }
    evidence.jobs = share { $0.signs.job > $1 }
    evidence.wholePool = isWholePool(wave.rows) ? 1 : 0
    evidence.wholeSite = Double(wave.rows.count) >= 0.9 * Double(wave.population) ? 1 : 0
    evidence.led = lead == nil ? 0 : 1
    evidence.round = isRound(wave, rows) ? 1 : 0
    return evidence
  }

  /// Nearly all are miners of one pool, and nearly all of its miners are among them.
  private func isWholePool(_ rows: [Int]) -> Bool {
    var counts: [Int: Int] = [:]
    for row in rows { counts[fleetWatch.rows[row].pool, default: 0] += 1 }
    guard let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return false }
    let members = Set(rows)
    let all = fleetWatch.rows.indices.count { row in
      let habit = fleetWatch.rows[row]
      return habit.pool == most.key && (habit.state == .hashing || members.contains(row))
    }
    return Double(most.value) >= 0.9 * Double(rows.count) && Double(most.value) >= 0.9 * Double(all)
  }

  /// All stopped within seconds, at a multiple of five minutes: what clocks are set to.
  private func isRound(_ wave: FleetEvents.Wave, _ rows: [MinerHabit]) -> Bool {
    let interval = rows.map(\.interval).sorted()[rows.count / 2]
    // The stop comes after the last share of all, by the interval over their number on average.
    let tolerance = max(3, Int(min(3 * interval / Double(rows.count), 60)))
    guard tolerance <= 20, Double(wave.last - wave.first) <= 8 * interval else { return false }
    let next = (wave.last + 299) / 300 * 300
    return next - wave.last <= tolerance || wave.last % 300 <= 1
  }

  // MARK: Before

  /// A finding about a miner may be what comes before a stop: where it went, what it was told.
  mutating func noteExchange(_ finding: Finding) {
    guard Self.exchangeRules.contains(finding.rule.id), let miner = finding.miner?.address else { return }
    exchanges.note(
      rule: finding.rule.name, subject: finding.subject, text: finding.brief, miner: miner,
      at: Int(finding.time.seconds))
  }

  /// Pool and destination, names and time, redirects, control, and beacons: the families 10xx, 11xx, 30xx and what goes with them.
  private static let exchangeRules: Set<Int> = Set([2_002] + (1_001...1_199) + (3_001...3_099) + (4_001...4_003))

  // MARK: In common

  /// Of these, beside all that are at work.
  func commonTraits(of miners: Set<IPAddress>) -> [CommonTraits.Trait] {
    let others = fleetWatch.rows.lazy.filter { $0.state == .hashing && !miners.contains($0.address) }.map(\.address)
    return CommonTraits.find(miners, of: Array(miners) + others) { traits(of: $0) }
  }

  private func traits(of miner: IPAddress) -> [CommonTraits.Key] {
    let seen = fleet.miners[miner]
    let entry = policy.miners.inventory.entry(for: miner, mac: seen?.mac ?? .none)
    var keys = [CommonTraits.Key(kind: .subnet, value: miner.subnet)]
    if let pool = fleetWatch.pool(of: miner) {
      keys.append(.init(kind: .pool, value: policy.poolName(at: pool, bindings) ?? hostAndPort(pool)))
    }
    if let model = policy.model(of: entry, agent: seen?.agent)?.name ?? entry?.model {
      keys.append(.init(kind: .model, value: model))
    }
    if let agent = seen?.agent { keys.append(.init(kind: .firmware, value: agent)) }
    if let rack = entry?.rack { keys.append(.init(kind: .rack, value: rack)) }
    return keys
  }

  // MARK: Power

  /// What miners take at the wall, as far as it is known: from the inventory, else from their model.
  func power(of miners: [IPAddress]) -> (watts: Double, known: Int) {
    miners.reduce((0, 0)) { sum, address in
      let seen = fleet.miners[address]
      let entry = policy.miners.inventory.entry(for: address, mac: seen?.mac ?? .none)
      guard let watts = entry?.watts ?? policy.model(of: entry, agent: seen?.agent)?.watts else { return sum }
      return (sum.0 + watts, sum.1 + 1)
    }
  }
}

extension IPAddress {
  /// The network of 256 addresses around it, or of one link in IPv6.
  fileprivate var subnet: String {
    isIPv4 ? "\(IPAddress(v4: v4 & 0xffff_ff00))/24" : "\(IPAddress(high: high, low: 0))/64"
  }
}
