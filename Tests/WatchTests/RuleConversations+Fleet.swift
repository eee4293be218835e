import Capture
import Simulator

extension NearMiss {
  static let fleet: [NearMiss] = [
    // Off for a minute without a goodbye, and back.
    NearMiss(of: "miner.silent") { $0.site(for: 1_500, [(900, .reboot(miner: 1))]) },
    // Half as many shares, each worth twice as much.
    NearMiss(of: "miner.hashrate-drop") {
      $0.site(miners: 3, for: 6_400, [(4_500, .difficulty(miner: 1, 466_000))])
    },
    // The pool is gone, and all find the other one.
    NearMiss(of: "fleet.coordinated-stop") { $0.site(for: 1_500, [(900, .outage(.seconds(300)))]) },
    NearMiss(of: "fleet.coordinated-start") {
      $0.site(for: 1_300, (0..<8).map { (900 + 2 * $0, .reboot(miner: $0)) })
    },
    NearMiss(of: "fleet.hashrate-drop") { $0.site(for: 1_500, [(900, .outage(.seconds(300)))]) },
    // Twice is no habit.
    NearMiss(of: "fleet.oscillation") {
      $0.site(
        for: 1_600,
        [
          (900, .pause(miners: 0..<8, within: .seconds(1))), (1_050, .resume(miners: 0..<8, within: .seconds(1))),
          (1_300, .pause(miners: 0..<8, within: .seconds(1))),
        ])
    },
    // Two miners are quiet for twenty seconds at times.
    NearMiss(of: "monitor.blind") { stage in
      let hole = stage.time.advanced(by: .seconds(600))..<stage.time.advanced(by: .seconds(620))
      return stage.site(miners: 2, for: 900, []).without(hole)
    },
  ]
}

extension Stage {
  /// A site at work to which something happens.
  fileprivate func site(
    miners: Int = 24, for seconds: Int, _ incidents: [(after: Int, what: HealthySite.Incident)]
  ) -> Tape {
    var plan = HealthySite.Plan()
    plan.miners = miners
    plan.start = time
    plan.branches = 4
    plan.incidents = incidents.map { (.seconds($0.after), $0.what) }
    var site = HealthySite(plan)
    return site.tape(until: time.advanced(by: .seconds(seconds)))
  }
}
