import Capture
import Protocols

@testable import Rules

// Stories of a crew: miners that hand in a share every so many seconds, as though by a clock.

/// Some of the crew's work: shares of some miners, from one time to another.
struct Shift: Sendable {
  var miners: Range<Int>
  var from: Double
  var to: Double
  var every = 10.0
  var difficulty = 1_000.0
  /// Nothing reaches the monitor from then on, until.
  var dark: Range<Double>?
}

/// What sessions show that hand in nothing from a time on: looked at every half minute.
struct Quiet: Sendable {
  var miners: Range<Int>
  var from: Double
  /// The miner acknowledges what it gets.
  var acknowledges: Bool
  /// The pool goes on giving jobs.
  var jobs: Bool

  func pulses(at time: Double) -> [SharePulse] {
    let age = time - from
    guard age >= 30, Int(age) % 30 < 5 else { return [] }
    return miners.map { miner in
      SharePulse(
        session: UInt32(miner), flow: UInt64(2_000 + miner), shares: 0, lastShare: 0,
        sent: acknowledges ? UInt64(1_000 + age) : 1_000,
        lastJob: jobs ? seconds(after: time - 3).seconds : seconds(after: from - 10).seconds)
    }
  }
}

/// The crew has logged in.
func crew(_ miners: Range<Int>, at time: Double = 100) -> [Observation] {
  morning + miners.flatMap { crewSession(of: $0, at: time).mines(as: "acme.\($0)") }
}

func crewSession(of miner: Int, at time: Double = 100) -> FlowFacts {
  flow("10.20.2.\(miner)", to: goodPool, 3333, id: UInt64(2_000 + miner), at: time)
}

extension RuleCase {
  static let fleet: [RuleCase] = [
    .fires(
      "a miner falls silent", crew(0..<2),
      shifts: [Shift(miners: 0..<2, from: 110, to: 1_700), Shift(miners: 0..<1, from: 1_700, to: 2_300)],
      "medium miner.silent 10.20.2.1: no share for 4 min, where one came every 10 s"),
    .nearMiss(
      of: "miner.silent", when: "it is silent for three minutes", crew(0..<2),
      shifts: [
        Shift(miners: 0..<2, from: 110, to: 1_700), Shift(miners: 0..<1, from: 1_700, to: 2_300),
        Shift(miners: 1..<2, from: 1_880, to: 2_300),
      ]),

    .fires(
      "a miner loses most of its hashrate", crew(0..<2),
      shifts: [
        Shift(miners: 0..<2, from: 110, to: 5_000), Shift(miners: 0..<1, from: 5_000, to: 8_000),
        Shift(miners: 1..<2, from: 5_000, to: 8_000, every: 60),
      ],
      "medium miner.hashrate-drop 10.20.2.1: 81.62 % below its usual hashrate for 15 minutes"),
    .nearMiss(
      of: "miner.hashrate-drop", when: "each share is worth as much more", crew(0..<2),
      shifts: [
        Shift(miners: 0..<2, from: 110, to: 5_000), Shift(miners: 0..<1, from: 5_000, to: 8_000),
        Shift(miners: 1..<2, from: 5_000, to: 8_000, every: 60, difficulty: 6_000),
      ]),

    .fires(
      "a third stops", crew(0..<24),
      shifts: [Shift(miners: 0..<24, from: 110, to: 1_800), Shift(miners: 8..<24, from: 1_800, to: 2_000)],
      "critical fleet.coordinated-stop 8 miners: stopped within 1 s: 33.33 % of the fleet, power unknown; likely power cut (55 %)"
    ),
    .nearMiss(
      of: "fleet.coordinated-stop", when: "two stop", crew(0..<24),
      shifts: [Shift(miners: 0..<24, from: 110, to: 1_800), Shift(miners: 2..<24, from: 1_800, to: 2_000)]),

    .fires(
      "miners start together", crew(0..<24),
      shifts: [Shift(miners: 0..<12, from: 110, to: 1_900), Shift(miners: 12..<24, from: 1_800, to: 1_900)],
      "high fleet.coordinated-start 12 miners: started within 1 s: 50 % of the fleet, power unknown"),
    .nearMiss(
      of: "fleet.coordinated-start", when: "it is the morning of the watch", crew(0..<24),
      shifts: [Shift(miners: 0..<12, from: 110, to: 900), Shift(miners: 12..<24, from: 500, to: 900)]),

    .fires(
      "the site does half of its work", crew(0..<24),
      shifts: [
        Shift(miners: 0..<24, from: 110, to: 1_800), Shift(miners: 0..<24, from: 1_800, to: 2_300, every: 20),
      ],
      "high fleet.hashrate-drop: the site's hashrate is 49.90 % lower than usual, over 60 s"),
    .nearMiss(
      of: "fleet.hashrate-drop", when: "it does a little less", crew(0..<24),
      shifts: [
        Shift(miners: 0..<24, from: 110, to: 1_800), Shift(miners: 0..<24, from: 1_800, to: 2_300, every: 10.5),
      ]),

    .fires(
      "off and on and off and on and off", crew(0..<24),
      shifts: [
        Shift(miners: 8..<24, from: 110, to: 3_000), Shift(miners: 0..<8, from: 110, to: 1_800),
        Shift(miners: 0..<8, from: 1_950, to: 2_200), Shift(miners: 0..<8, from: 2_350, to: 2_600),
      ],
      "critical fleet.coordinated-stop 8 miners: stopped within 1 s: 33.33 % of the fleet, power unknown; likely power cut (55 %)",
      "high fleet.coordinated-start 8 miners: started within 1 s: 33.33 % of the fleet, power unknown",
      "critical fleet.coordinated-stop 8 miners: stopped within 1 s: 33.33 % of the fleet, power unknown; likely power cut (55 %)",
      "high fleet.coordinated-start 8 miners: started within 1 s: 33.33 % of the fleet, power unknown",
      "critical fleet.coordinated-stop 8 miners: stopped within 1 s: 33.33 % of the fleet, power unknown; likely power cut (55 %)",
      "critical fleet.oscillation 8 miners: stopped 3 times in 15 min: 33.33 % of the fleet, power unknown"),
    .nearMiss(
      of: "fleet.oscillation", when: "they stop twice", crew(0..<24),
      shifts: [
        Shift(miners: 8..<24, from: 110, to: 2_500), Shift(miners: 0..<8, from: 110, to: 1_800),
        Shift(miners: 0..<8, from: 1_950, to: 2_200),
      ],
      "critical fleet.coordinated-stop 8 miners: stopped within 1 s: 33.33 % of the fleet, power unknown; likely power cut (55 %)",
      "high fleet.coordinated-start 8 miners: started within 1 s: 33.33 % of the fleet, power unknown",
      "critical fleet.coordinated-stop 8 miners: stopped within 1 s: 33.33 % of the fleet, power unknown; likely power cut (55 %)"
    ),

    .fires(
      "nothing is heard", crew(0..<24),
      shifts: [
        Shift(miners: 0..<24, from: 110, to: 1_800), Shift(miners: 0..<24, from: 1_900, to: 2_200, dark: 1_800..<1_900),
      ],
      "high monitor.blind: no packet for 40 s, where there were 20 a second"),
    .nearMiss(
      of: "monitor.blind", when: "nobody hands in anything", crew(0..<1),
      shifts: [Shift(miners: 0..<1, from: 110, to: 1_000), Shift(miners: 0..<1, from: 1_150, to: 1_200)]),
  ]

  /// - Parameter shifts: what the crew hands in, besides.
  static func fires(_ name: String, _ story: [Observation], shifts: [Shift], _ told: String...) -> RuleCase {
    RuleCase(name: name, nearMissOf: [], story: story, shifts: shifts, told: told)
  }

  static func nearMiss(
    of rules: String..., when name: String, _ story: [Observation], shifts: [Shift], _ told: String...
  ) -> RuleCase {
    RuleCase(name: name, nearMissOf: rules, story: story, shifts: shifts, told: told)
  }
}

extension Analyst {
  /// Lets the crew work after its logins: pulses every five seconds, as the pipeline takes them.
  ///
  /// - Parameter news: what is observed meanwhile.
  mutating func work(_ shifts: [Shift], news: [Observation] = [], quiet: [Quiet] = []) {
    var news = news.sorted { $0.time < $1.time }[...]
    guard let end = shifts.map(\.to).max(), let first = shifts.map(\.from).min() else { return }
    var (heard, packets) = (0, UInt64(0))
    let dark = shifts.compactMap(\.dark).first
    for time in stride(from: (first / 5).rounded(.down) * 5, through: end, by: 5) {
      let now = seconds(after: time)
      while let next = news.first, next.time <= now {
        observe(next)
        news = news.dropFirst()
      }
      tick(now)
      let isDark = dark?.contains(time) ?? false
      if !isDark {
        heard = Int(now.seconds)
        packets += 100
      }
      let pulses = isDark ? [] : shifts.flatMap { $0.pulses(before: time) } + quiet.flatMap { $0.pulses(at: time) }
      hear(pulses)
      endRound(look: Sight.Look(heard: heard, packets: packets), at: now)
    }
  }
}

extension Shift {
  /// What the shift's miners handed in in the five seconds before a time. They take turns, a second apart.
  func pulses(before time: Double) -> [SharePulse] {
    miners.compactMap { miner in
      let offset = from + Double(miner % 5) / 10
      guard time > offset, time - 5 < to else { return nil }
      let before = { (moment: Double) in max(0, Int(((moment - offset) / every).rounded(.up))) }
      let count = before(min(time, to)) - before(time - 5)
      guard count > 0 else { return nil }
      let last = offset + Double(before(min(time, to)) - 1) * every
      return SharePulse(
        session: UInt32(miner), flow: UInt64(2_000 + miner), shares: UInt32(count),
        lastShare: seconds(after: last).seconds, difficulty: difficulty)
    }
  }
}
