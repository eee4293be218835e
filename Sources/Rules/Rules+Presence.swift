import Capture
import Decode
import Protocols

/// Rules about one miner's work, and about a monitor that sees none.
extension Rule {
  static let minerSilent: Rule = Rule(
    id: 4004, name: "miner.silent", level: .medium,
    title: "A miner that was hashing stopped", category: "Fleet",
    rationale: """
      A miner at work hands in shares at a pace that is its own. The pace is learned, with what it varies beyond chance, and \
      a silence is told when chance alone would make one so long less often than `false-alarms` says, and 90 seconds more, \
      which a new session takes. Nothing is learned while a miner is silent, and what was learned survives a restart. A \
      machine that works at another address by then, as after a new lease, has not stopped. Of those that stop together \
      `fleet.coordinated-stop` tells.
      """,
    advice: """
      See whether the miner still answers: one that does was stopped or has lost its pools, one that does not has no power or \
      no network. Look for a command before it: `minewatch alerts --miner`.
      """,
    falsePositives: [
      "Maintenance.", "A pool that is gone where the miner has no other.", "A miner that was taken away.",
    ],
    techniques: [.lossOfAvailability, .serviceStop],
    parameters: [.minerFalseAlarms], hears: [.sensor],
    settle: { analysis in
      guard !analysis.fleetWatch.events.silences.isEmpty else { return [] }
      return analysis.fleetWatch.events.takeSilences().map { analysis.told($0) }
    }
  ) { _, _ in nil }

  static let minerHashrateDrop: Rule = Rule(
    id: 4005, name: "miner.hashrate-drop", level: .medium,
    title: "A miner's hashrate fell well below its own", category: "Fleet",
    rationale: """
      Each quarter of an hour, and each hour, a miner's work is held against its own of the last day: shares, each with the \
      difficulty that the pool had set. Less than chance explains is a hashboard that died, a miner that runs hot, a changed \
      power mode, or work that goes to somebody else.
      """,
    advice: """
      Ask the miner for its hashboards, temperatures and power mode. If it believes that it works as ever, look for a second \
      pool: `stratum.split-hashrate`.
      """,
    falsePositives: ["Heat.", "A lower power mode that somebody set on purpose: after a day it is the usual one."],
    techniques: [.modifyParameter, .computeHijacking],
    parameters: [.minerDrop, .minerFalseAlarms], hears: [.sensor],
    settle: { analysis in
      guard !analysis.fleetWatch.events.slowdowns.isEmpty else { return [] }
      return analysis.fleetWatch.events.takeSlowdowns().map { analysis.told($0) }
    }
  ) { _, _ in nil }

  static let monitorBlind: Rule = Rule(
    id: 9003, name: "monitor.blind", level: .high,
    title: "No traffic of miners where there was some", category: "Monitor",
    rationale: """
      A site at work is never without a packet. When there is none at all, or when every miner vanishes at one moment and \
      nothing is sent to them any more either, it is the monitor that does not see: a cable, a mirror port, a changed \
      configuration of the switch. What happens meanwhile is unknown, and no miner is called silent for it. Between two \
      captures that are replayed one after the other nothing was to be seen, and nothing is told.
      """,
    advice: """
      Look at the capture interface and the mirror port. Then ask the fleet manager or the power meter whether the \
      miners work: somebody who does not want to be watched would begin here.
      """,
    falsePositives: [
      "Maintenance of the switch, or curtailment of the whole site, that `detection.planned` does not list.",
      "A capture file with a hole in it.",
    ],
    techniques: [.denialOfView, .blockReportingMessage],
    parameters: [.blindAfter], hears: [.sensor],
    settle: { analysis in
      guard !analysis.fleetWatch.events.blindness.isEmpty else { return [] }
      return analysis.fleetWatch.events.takeBlindness().map { analysis.told($0) }
    }
  ) { _, _ in nil }
}

extension Rule.Parameter {
  static let minerFalseAlarms = Rule.Parameter(
    "false-alarms", .fraction(0.001),
    "How often chance alone may raise it for one miner in a day: 0.001 is once a day in a thousand miners")
  static let minerDrop = Rule.Parameter(
    "drop", .fraction(0.2), "Share of the miner's usual hashrate that must be missing")
  static let blindAfter = Rule.Parameter(
    "silence", .duration(.seconds(30)), "How long nothing may be heard, at sites with two packets a second or more")
}

extension Analysis {
  func told(_ silence: FleetEvents.Silence) -> Judgement {
    let habit = fleetWatch.rows[silence.row]
    let usual = lasting(habit.interval)
    let judgement = Judgement(
      "no share for \(lasting(silence.gap)), where one came every \(usual)",
      message:
        "\(habit.address) handed in no share for \(lasting(silence.gap)); it had one every \(usual), and by chance it "
        + "would be silent for that long less often than the rule allows.",
      subject: "silent", miner: endpoint(of: silence.row), section: "fleet",
      facts: [
        ("silent_seconds", .number(silence.gap)), ("limit_seconds", .number(silence.limit.rounded())),
        ("interval_seconds", .number(habit.interval.rounded())),
      ])
    lower(judgement, for: addresses(of: [silence.row]), at: silence.since)
    return judgement
  }

  func told(_ slowdown: FleetEvents.Slowdown) -> Judgement {
    let judgement = Judgement(
      "\(percent(slowdown.drop)) below its usual hashrate for \(slowdown.minutes) minutes",
      message: "\(fleetWatch.rows[slowdown.row].address) did \(percent(slowdown.drop)) less work in "
        + "\(slowdown.minutes) minutes than it usually does.",
      subject: "slow", miner: endpoint(of: slowdown.row), section: "fleet",
      facts: [
        ("drop", .number(slowdown.drop)), ("minutes", .count(UInt64(slowdown.minutes))),
        ("probability", .number(slowdown.probability)),
      ])
    lower(judgement, for: addresses(of: [slowdown.row]), at: fleetWatch.now)
    return judgement
  }

  func told(_ blindness: FleetEvents.Blindness) -> Judgement {
    let silence = lasting(Double(fleetWatch.now - blindness.since))
    let miners = counted(UInt64(blindness.rows.count), "miner")
    let what =
      blindness.onlyMiners
      ? "nothing from or to \(miners) for \(silence), while other traffic goes on"
      : "no packet for \(silence), where there were \(amount(blindness.rate)) a second"
    let judgement = Judgement(
      what, message: "The monitor is blind: \(what). \(miners) were at work; what they do now is unknown.",
      subject: "blind", time: Timestamp(seconds: Int64(blindness.since)), section: "fleet",
      facts: [
        ("silent_seconds", .count(UInt64(max(fleetWatch.now - blindness.since, 0)))),
        ("packets_per_second", .number(blindness.rate)), ("miners", .count(UInt64(blindness.rows.count))),
      ])
    // Where all that was at work stops by plan, nothing is left to be heard.
    lower(judgement, for: addresses(of: blindness.rows), at: blindness.since)
    return judgement
  }

  private func endpoint(of row: Int) -> Endpoint {
    Endpoint(address: fleetWatch.rows[row].address, port: 0)
  }
}
