package import Capture

/// Twelve minutes of a small site in which everything goes wrong once, a minute apart: what `make run` shows.
///
/// The policy that belongs to it is `Configs/demo.yaml`.
package enum AttackedSite {
  /// What happens, in this order. Goldens are made of these as well.
  package static let scenes: [Scenario] = [
    "pool-switch", "redirect-that-is-followed", "strangers-account", "phone-home", "inbound-control",
    "foreign-resolver", "poisoned-answer", "foreign-time-server", "shell-on-pool-port", "injected-job",
    "sloppy-method",
  ].flatMap(Scenario.named)

  /// - Parameter start: when the site begins to work; the first scene comes a minute later.
  package static func tape(start: Timestamp = Timestamp(seconds: 1_795_357_200)) -> Tape {
    var plan = HealthySite.Plan()
    plan.miners = 24
    plan.seed = 2026
    plan.start = start
    let end = start.advanced(by: .seconds(720))
    var site = HealthySite(plan)
    var tape = site.tape(until: end)
    // Those to whom something happens are old acquaintances.
    let victims = scenes.indices.map { 200 + $0 }
    tape.append(Household(miners: Array(0..<plan.miners) + victims).tape(from: start, until: end))
    for (index, (victim, scene)) in zip(victims, scenes).enumerated() {
      let time = start.advanced(by: .seconds(60 * (index + 1)))
      tape.append(scene.traffic(Stage(miner: HealthySite.miner(victim), at: time)))
    }
    return tape.sorted()
  }
}
