package import Capture

/// A conversation that a rule must speak up about: what `minewatch drill` plays, and what the tests hold each rule to.
///
/// Played into a healthy site under `Configs/demo.yaml` it raises its own rule and no other; a rule may have several.
/// Add one to the file of its family under `Scenarios/`.
package struct Scenario: Sendable {
  /// Unique, in small letters with hyphens, as typed after `minewatch drill`.
  package let name: String
  /// The rule that it raises.
  package let rule: String
  /// Rules of level medium or worse that it cannot but raise as well; empty for all but whole stories.
  package let also: [String]
  /// One sentence, without its full stop: what happens.
  package let summary: String
  /// How long the site is healthy before it begins: for what rules must have seen first.
  package let lead: Duration
  /// How long the site goes on after its last frame: for rules that wait.
  package let tail: Duration
  /// What happens to the healthy site itself, how long after the scenario's beginning.
  let incidents: [(after: Duration, what: HealthySite.Incident)]
  /// Between these times after its beginning nothing reaches the tap.
  let dark: Range<Duration>?
  /// The shapes in which its meaning survives, beside the whole one.
  package let survives: [Shape]
  package let traffic: @Sendable (Stage) -> Tape

  package init(
    _ name: String, raises rule: String, also: [String] = [], _ summary: String, lead: Duration = .seconds(60),
    tail: Duration = .seconds(30), incidents: [(after: Duration, what: HealthySite.Incident)] = [],
    dark: Range<Duration>? = nil, survives: [Shape] = [.bytewise, .middle, .lossy],
    traffic: @escaping @Sendable (Stage) -> Tape
  ) {
    self.name = name
    self.rule = rule
    self.also = also
    self.summary = summary
    self.lead = lead
    self.tail = tail
    self.incidents = incidents
    self.dark = dark
    self.survives = survives
    self.traffic = traffic
  }
}

extension Scenario {
  /// All of them: the one list that a new family is added to.
  package static let all: [Scenario] = [
    pools,
    tunnels,
    destinations,
    names,
    channels,
    stratum,
    firmware,
    control,
    lan,
    work,
    behaviour,
    fleet,
  ].flatMap { $0 }

  /// Scenarios of a name: one when it is a scenario's, all of its own when it is a rule's.
  package static func named(_ name: String) -> [Scenario] {
    all.filter { $0.name == name || $0.rule == name }
  }
}

extension Scenario {
  /// A healthy site in which this happens to a miner that is otherwise quiet.
  ///
  /// - Parameters:
  ///   - start: when the site begins; the scenario begins ``lead`` later.
  ///   - miners: how many mine undisturbed.
  package func drill(start: Timestamp, shape: Shape = .whole, miners: Int = 24) -> Tape {
    let scene = traffic(Stage(at: start.advanced(by: lead), shape: shape))
    let beginning = start.advanced(by: lead)
    let last = scene.frames.map(\.time).max() ?? beginning
    var plan = HealthySite.Plan()
    plan.miners = miners
    plan.seed = 2026
    plan.start = start
    plan.incidents = incidents.map { (lead + $0.after, $0.what) }
    let end = last.advanced(by: tail)
    var site = HealthySite(plan)
    var tape = site.tape(until: end)
    var household = Household(miners: 0..<miners)
    // In an hour the manager need not look every ten seconds.
    if lead + tail > .seconds(1_200) { household.poll = .seconds(60) }
    tape.append(household.tape(from: start, until: end))
    // A miner that shows itself only when rules have learned who is there would be a story of its own.
    if lead > .seconds(300), !scene.frames.isEmpty {
      tape.append(LinkFrames.arpRequest(from: .victim, for: .victim), at: start)
    }
    tape.append(scene)
    if let dark {
      tape = tape.without(beginning.advanced(by: dark.lowerBound)..<beginning.advanced(by: dark.upperBound))
    }
    return tape.sorted()
  }
}
