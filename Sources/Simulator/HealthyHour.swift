package import Capture

/// An hour of a healthy site with all that belongs to it: mining, what interrupts it, and the household. Nothing in it is worth
/// an alert.
package enum HealthyHour {
  package static func tape(
    miners: Int = 24, seed: UInt64 = 1, start: Timestamp = Timestamp(seconds: 1_790_000_000)
  ) -> Tape {
    var plan = HealthySite.Plan()
    plan.miners = miners
    plan.seed = seed
    plan.start = start
    plan.branches = 4
    plan.incidents = incidents(miners: miners)
    let end = start.advanced(by: .seconds(3_600))
    var site = HealthySite(plan)
    var tape = site.tape(until: end)
    tape.append(encrypted(HealthySite.miner(miners), from: start, until: end))
    var household = Household(miners: 0...miners)
    household.seed = seed
    household.poll = .seconds(30)
    tape.append(household.tape(from: start, until: end))
    for case (let after, .reboot(let miner)) in plan.incidents {
      tape.append(Household.boot(HealthySite.miner(miner), at: start.advanced(by: after + .seconds(40))))
    }
    return tape.sorted()
  }

  /// A miner of a pool behind TLS: what is seen of its shares and jobs is their size.
  private static func encrypted(_ miner: Host, from start: Timestamp, until end: Timestamp) -> Tape {
    let stage = Stage(miner: miner, at: start.advanced(by: .seconds(3)))
    let name = "closed.example-pool.com"
    var session = stage.tls(to: .closedPool, port: 443, for: name)
    for share in 1...Int(end.nanoseconds(since: start) / 10_000_000_000) {
      session.turns += [.wait(.seconds(10)), .clientBytes(TLSBytes.data(172)), .serverBytes(TLSBytes.data(62))]
      if share % 3 == 0 { session.turns.append(.serverBytes(TLSBytes.data(1_651))) }
    }
    var tape = stage.play(stage.lookup(name, gives: .closedPool))
    tape.append(stage.play(session, after: .milliseconds(30)))
    return tape
  }

  /// Blocks at the chain's pace, a pool that is gone for ten minutes, and what else a dozen miners see in an hour.
  private static func incidents(miners: Int) -> [(after: Duration, what: HealthySite.Incident)] {
    let blocks = [170, 980, 1_010, 1_720, 2_600, 3_310]
    var incidents = blocks.map { (Duration.seconds($0), HealthySite.Incident.newBlock) }
    for miner in 0..<miners {
      // The pool finds each miner's difficulty soon after it came, and mends it now and then.
      incidents.append((.seconds(60 + 7 * miner), .difficulty(miner: miner, 466_000)))
      incidents.append((.seconds(1_900 + 31 * miner), .difficulty(miner: miner, 350_000)))
      if miner % 3 == 0 { incidents.append((.seconds(400 + 45 * miner), .reconnect(miner: miner))) }
    }
    incidents.append((.seconds(1_200), .outage(.seconds(600))))
    incidents.append((.seconds(2_700), .reboot(miner: 1)))
    return incidents
  }
}
