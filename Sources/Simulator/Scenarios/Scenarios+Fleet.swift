import Capture

extension Scenario {
  /// Family 40xx: what the miners of a site do, alone and together.
  static let fleet: [Scenario] = [
    happening(
      "miner-falls-silent", raises: "miner.silent", "One miner stops to hand in shares, and keeps its session",
      for: 360,
      [(0, .pause(miners: 5..<6, within: .seconds(1)))]),
    happening(
      "lame-miner", raises: "miner.hashrate-drop", "One miner goes on with a quarter of its hashrate", lead: 4_510,
      for: 2_800, [(0, .slow(miners: 5..<6, to: 0.25))]),
    happening(
      "lights-out", raises: "fleet.coordinated-stop", "A third of the site stops within two seconds", for: 150,
      [(0, .pause(miners: 4..<12, within: .seconds(2)))]),
    happening(
      "lights-on", raises: "fleet.coordinated-start", also: ["fleet.coordinated-stop"],
      "Miners that had stopped together start again together", for: 340,
      [(0, .pause(miners: 4..<12, within: .seconds(2))), (200, .resume(miners: 4..<12, within: .seconds(2)))]),
    happening(
      "slow-motion", raises: "fleet.hashrate-drop", "The whole site goes on with half of its hashrate", for: 700,
      [(0, .slow(miners: 0..<24, to: 0.5))]),
    happening(
      "grid-shaker", raises: "fleet.oscillation", also: ["fleet.coordinated-stop", "fleet.coordinated-start"],
      "A third of the site goes off and on again, three times", for: 930,
      [0, 400, 800].flatMap { second in
        [
          (second, .pause(miners: 4..<12, within: .seconds(1))),
          (second + 150, .resume(miners: 4..<12, within: .seconds(1))),
        ]
      }),
    happening(
      "dark-mirror", raises: "monitor.blind", "For a minute nothing comes out of the mirror port", for: 150, [],
      dark: .seconds(20)..<(.seconds(80))),
  ]

  /// Something that happens to the site itself, when its habits are known.
  private static func happening(
    _ name: String, raises rule: String, also: [String] = [], _ summary: String, lead: Int = 900, for seconds: Int,
    _ incidents: [(after: Int, what: HealthySite.Incident)], dark: Range<Duration>? = nil
  ) -> Scenario {
    // Nothing of it is in the scenario's own conversation, so there is nothing to be cut up.
    Scenario(
      name, raises: rule, also: also, summary, lead: .seconds(lead), tail: .seconds(seconds),
      incidents: incidents.map { (.seconds($0.after), $0.what) }, dark: dark, survives: []
    ) { _ in Tape() }
  }
}
