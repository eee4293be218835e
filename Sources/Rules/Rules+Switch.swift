import Capture
import Policy
import Protocols

/// Many miners that change for whom or how they work.
extension Rule {
  static let switches: [Rule] = [coordinatedSwitch]

  static let coordinatedSwitch: Rule = Rule(
    id: 4008, name: "fleet.coordinated-switch", level: .critical,
    title: "Many miners change pool, account or difficulty together", category: "Fleet",
    rationale: """
      Miners change their pool one at a time: a cable, a restart, a technician. When many do so within minutes, one hand moved \
      them, or one thing happened to all. What counts is where the pools' answers to their shares come from, minute by \
      minute, so a look at a backup pool is no change. Chance is what single changes came to before: an alarm needs more than \
      it would bring once in a million minutes, `fraction` of the miners at work, and `miners` at the least. \
      A failover to another allowed pool after the first was lost, and the way back, are told at level info: lost is a pool that \
      closed the sessions itself, refuses, does not answer, or whose name is not found. A miner that ends its own session has \
      lost nothing. A difficulty that a pool changes for all is told as that, at level low. The alarm says what the fleet's say: the \
      power behind these miners, what they have in common beyond chance, and what reached them in the ten minutes before. \
      `detection.planned` makes it info.
      """,
    advice: """
      If nobody of yours moved them, treat it as a takeover: see what reached these miners just before (commands, an update, \
      a redirect by the pool), what they have in common (model, firmware, subnet), and who is paid now. Put a few back by hand \
      and see whether they stay. Where a pool was lost, watch that they come back.
      """,
    falsePositives: [
      "Somebody moved the fleet on purpose, by manager or at the pool's proxy.",
      "Firmware that mines its developer's share at the same time on all miners, because all were started together.",
      "A pool that takes connections and says nothing, so that nobody could see that it went away.",
    ],
    techniques: [.manipulationOfControl, .modifyParameter, .computeHijacking, .supplyChainCompromiseICS],
    parameters: [.switchWindow, .switchFraction, .switchMiners], hears: [.endings, .difficulties, .answers],
    settle: { analysis in
      if analysis.isEnding { analysis.finishSwitches() }
      let gathered = analysis.switches.takeGathered()
      return gathered.map { analysis.judge($0) }
    }
  ) { observation, analysis in
    analysis.hearOfSwitch(observation)
    return nil
  }
}

extension Rule.Parameter {
  static let switchWindow = Rule.Parameter(
    "window", .duration(.seconds(180)), "Within what time changes count as one, in whole minutes")
  static let switchFraction = Rule.Parameter(
    "fraction", .fraction(0.05), "The least share of the miners at work that must change")
  static let switchMiners = Rule.Parameter("miners", .count(5), "How many miners must change at the least")
}

extension Analysis {
  fileprivate mutating func judge(_ gathering: SwitchGatherings.Gathering) -> Judgement {
    let cause = cause(of: gathering)
    let (from, to) = (switches.name(gathering.from), switches.name(gathering.group.to))
    let count = gathering.miners.count
    let seconds = max(1, (gathering.last.seconds(since: gathering.first)).rounded())
    let share = Double(count) / Double(gathering.active)
    let what =
      switch gathering.group.kind {
      case .pool: "went from \(quoted(from)) to \(quoted(to))"
      case .account: "changed account from \(quoted(from)) to \(quoted(to))"
      case .difficulty: "were given \(times(gathering.factor)) by \(quoted(to))"
      }
    let rate = gathering.miners.reduce(0.0) { $0 + (fleet.hashrates.rate(of: $1) ?? 0) }
    var facts: [(name: String, value: Finding.FactValue)] = [
      ("kind", .text("\(gathering.group.kind)")), ("from", .text(from)), ("to", .text(to)),
      ("at_work", .count(UInt64(gathering.active))), ("share", .number(share)), ("seconds", .number(seconds)),
      ("chance", .number(gathering.chance)), ("cause", .text(cause.name)),
    ]
    if rate > 0 { facts.append(("hashrate_ths", .number(rate))) }
    if gathering.group.kind == .difficulty { facts.append(("factor", .number(Double(gathering.factor)))) }
    // A difficulty is seen by the minute.
    let span =
      seconds > 1
      ? "within \(Int(seconds)) s" : gathering.group.kind == .difficulty ? "within a minute" : "at once"
    let consequence = consequence(of: gathering)
    facts += consequence.facts
    let judgement = Judgement(
      "\(percent(share)) of those at work \(what) \(span): \(cause.text); \(consequence.brief)",
      message:
        "\(count) of the \(gathering.active) miners at work \(what) \(span): \(cause.text). \(consequence.message)",
      subject: "\(gathering.group.kind) \(to)", level: cause.level, time: gathering.first,
      miners: Finding.Crowd(count: count, some: Array(gathering.miners.prefix(FoldWindow.exampleLimit))),
      destinationName: gathering.group.kind == .account ? nil : to, section: "fleet", facts: facts)
    lower(
      judgement, for: gathering.miners, at: Int(gathering.first.seconds),
      loss: fleetWatch.sight.loss(since: Int(gathering.first.seconds)))
    return judgement
  }

  /// Calls to the new pool come with the change, not before it. That all have the new pool in common is the change itself.
  private func consequence(of gathering: SwitchGatherings.Gathering) -> FleetConsequence {
    var consequence = consequence(
      of: gathering.miners, population: gathering.active, at: Int(gathering.last.seconds)
    ) { miner, time in
      gathering.times[miner].map { time < Int($0.seconds) } ?? false
    }
    if gathering.group.kind == .pool { consequence.common.removeAll { $0.key.kind == .pool } }
    return consequence
  }

  private func times(_ factor: Float) -> String {
    let number = Int((factor >= 1 ? factor : 1 / max(factor, .leastNormalMagnitude)).rounded().clamped(to: 2...1e9))
    return "a difficulty \(number) times as \(factor >= 1 ? "high" : "low")"
  }

  /// Why they may have changed, as far as the wire tells.
  private mutating func cause(
    of gathering: SwitchGatherings.Gathering
  ) -> (name: String, text: String, level: Level?) {
    switch gathering.group.kind {
    case .account: return ("unknown", "nothing on the wire tells why", nil)
    case .difficulty:
      return ("pool", "the pool's doing; shares come less or more often, and no hashrate need be lost", .low)
    case .pool: break
    }
    let (from, to) = (gathering.from, gathering.group.to)
    guard isPool(to) else { return ("unlisted", "that is no pool of the policy", nil) }
    guard isPool(from) else { return ("unlisted", "where they were is no pool of the policy", nil) }
    let count = gathering.miners.count
    let losses = switches.losses(of: from, by: gathering.times)
    let lost = losses.values.reduce(0, +)
    if lost * 5 >= count, lost > 0 {
      switches.note(outageOf: from, at: now)
      return ("pool outage", told(losses, of: switches.name(from)), .info)
    }
    if gathering.returns * 5 >= count * 4, switches.wasGone(to, at: now) {
      return ("return", "back where they were before that pool was lost", .info)
    }
    return ("unknown", "both are allowed, and nothing shows that the first was lost", nil)
  }

  private func isPool(_ name: Switches.Name) -> Bool { policy.pools.contains { $0.name == switches.name(name) } }

  /// `"alpha" had closed 20 of their sessions, and had not let 3 of them connect before`: as many parts as there were kinds of loss.
  private func told(_ losses: [Switches.Loss: Int], of pool: String) -> String {
    let parts = Switches.Loss.allCases.compactMap { loss -> String? in
      guard let count = losses[loss] else { return nil }
      return switch loss {
      case .closed: "had closed \(count) of their sessions"
      case .unreached: "had not let \(count) of them connect"
      case .unnamed: "was not found by name by \(count) of them"
      }
    }
    return "\(quoted(pool)) \(parts.joined(separator: ", and ")) before"
  }
}

extension Float {
  fileprivate func clamped(to range: ClosedRange<Float>) -> Float {
    isNaN ? range.lowerBound : min(max(self, range.lowerBound), range.upperBound)
  }
}
