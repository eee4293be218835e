import Protocols

/// Fewer stream bytes than this are one segment or two, lost with anybody.
private let leastMissed: UInt64 = 4_096

/// Rules about the monitor itself: it says when it did not see, so that silence means that nothing happened.
extension Rule {
  static let monitor: [Rule] = [
    monitorCaptureLoss, monitorInterface, monitorBlind, monitorOverload, monitorConfigRejected, monitorLifecycle,
    monitorUnreadable,
  ]

  static let monitorCaptureLoss: Rule = Rule(
    id: 9001, name: "monitor.capture-loss", level: .high,
    title: "Packets were lost before the monitor saw them", category: "Monitor",
    rationale: """
      The kernel or the network card dropped packets, or one end acknowledged bytes that never came by. What was in them \
      is unknown, so detection may be incomplete for this time. Losses come in bursts: an average over the day hides them.
      """,
    advice: """
      Give the capture a bigger ring (`capture.buffer`) or more workers, and see what else the machine is doing. Losses \
      without drops point to the mirror port: it may be oversubscribed, or show one direction only; or to a `capture.snaplen` \
      that cuts frames off.
      """,
    falsePositives: ["Traffic that takes another way in one direction looks like loss."],
    techniques: [.denialOfView, .blockReportingMessage],
    parameters: [.packets, .share, .missed, .missedShare], hears: [.sensor]
  ) { observation, analysis in
    guard case .sensor(.captureLoss(let loss)) = observation.content else { return nil }
    let (dropped, overflow) = loss.kernelDropped.addingReportingOverflow(loss.interfaceDropped)
    let lost = overflow ? UInt64.max : dropped
    let share = lost == 0 ? 0 : Double(lost) / (Double(lost) + Double(loss.received))
    let isDropping =
      lost > 0 && lost >= analysis.count(.packets, of: .monitorCaptureLoss)
      && share >= analysis.fraction(.share, of: .monitorCaptureLoss)
    let missedShare = Double(loss.missedStreamBytes) / max(Double(loss.missedStreamBytes) + Double(loss.seenBytes), 1)
    let isMissing =
      loss.missedStreamBytes > 0
      && (loss.missedStreamBytes >= analysis.count(.missed, of: .monitorCaptureLoss)
        || loss.missedStreamBytes >= leastMissed
          && missedShare >= analysis.fraction(.missedShare, of: .monitorCaptureLoss))
    guard isDropping || isMissing else { return nil }

    var parts: [String] = []
    if lost > 0 {
      parts.append(
        "\(counted(lost, "packet")) dropped (\(percent(share))): \(loss.kernelDropped) by the kernel, "
          + "\(loss.interfaceDropped) by the interface")
    }
    if loss.missedStreamBytes > 0 {
      parts.append("\(counted(loss.missedStreamBytes, "byte")) of sessions acknowledged but never seen")
    }
    let what = parts.joined(separator: "; ")
    return Judgement(
      "\(loss.interface): \(what) in \(seconds(loss.seconds))",
      message: "In \(seconds(loss.seconds)) on \(loss.interface): \(what). Detection may be incomplete for this time.",
      subject: loss.interface, section: "capture",
      facts: [
        ("interface", .text(loss.interface)), ("seconds", .number(loss.seconds)), ("received", .count(loss.received)),
        ("kernel_dropped", .count(loss.kernelDropped)), ("interface_dropped", .count(loss.interfaceDropped)),
        ("share", .number(share)), ("missed_stream_bytes", .count(loss.missedStreamBytes)),
      ])
  }

  static let monitorInterface: Rule = Rule(
    id: 9002, name: "monitor.interface", level: .high,
    title: "A watched interface went away or came back", category: "Monitor",
    rationale: """
      While an interface is down nothing on it is seen. A tap that goes silent is also the first thing that somebody who \
      does not want to be watched would see to.
      """,
    advice:
      "Check cable, switch port and mirror configuration. When it is back, look at what changed on the site meanwhile.",
    falsePositives: ["Maintenance of the gateway or the switch."],
    techniques: [.denialOfView, .blockReportingMessage], hears: [.sensor]
  ) { observation, _ in
    guard case .sensor(.interface(let name, let isUp, let reason)) = observation.content else { return nil }
    let state = isUp ? "came back" : "went away"
    return Judgement(
      "\(name) \(state): \(reason)",
      message: "Interface \(name) \(state): \(reason).\(isUp ? "" : " Nothing on it is seen until it is back.")",
      subject: "\(name) \(isUp ? "up" : "down")", undoes: "\(name) \(isUp ? "down" : "up")", section: "capture",
      facts: [("interface", .text(name)), ("up", .flag(isUp)), ("reason", .text(reason))])
  }

  static let monitorOverload: Rule = Rule(
    id: 9004, name: "monitor.overload", level: .high,
    title: "The monitor reached one of its own bounds", category: "Monitor",
    rationale: """
      Every table and queue has a bound, so that no sender can exhaust the monitor. A bound was reached: something was \
      dropped, forgotten early or not written. Somebody may be flooding the monitor to hide in the noise.
      """,
    advice: """
      See which bound it was and what filled it: `minewatch check` lists them with what happens at each. A flood of flows \
      or names has a source: find it.
      """,
    falsePositives: ["A site larger than the bounds were made for."],
    techniques: [.denialOfView], hears: [.sensor]
  ) { observation, _ in
    guard case .sensor(.overload(let counts)) = observation.content, !counts.isEmpty else { return nil }
    let text = counts.map { "\($0.bound) (\($0.count))" }.joined(separator: ", ")
    return Judgement(
      "bounds reached: \(text)", message: "The monitor reached bounds of its own: \(text).",
      subject: counts.map(\.bound).joined(separator: ", "), section: "overload",
      facts: counts.map { ($0.bound, .count($0.count)) })
  }

  static let monitorConfigRejected: Rule = Rule(
    id: 9005, name: "monitor.config-rejected", level: .high,
    title: "A new policy was refused; the old one stands", category: "Monitor",
    rationale: """
      A reload was asked for and the policy has errors. The monitor goes on with the policy it had, so what the new one \
      should allow is still reported, and what it should report is not.
      """,
    advice: "Run `minewatch check`: it shows every error with its place. Correct them and reload.",
    falsePositives: ["An editor that saved half a file."],
    techniques: [], hears: [.sensor]
  ) { observation, _ in
    guard case .sensor(.configRejected(let errors)) = observation.content else { return nil }
    let shown = errors.prefix(3)
    let more = errors.count > shown.count ? " and \(errors.count - shown.count) more" : ""
    let text = shown.isEmpty ? "no reason was given" : shown.joined(separator: "; ") + more
    return Judgement(
      text, message: "The new policy was refused and the old one stands: \(text).", subject: text, section: "policy",
      facts: [("errors", .list(Array(errors.prefix(10)))), ("count", .count(UInt64(errors.count)))])
  }

  static let monitorLifecycle: Rule = Rule(
    id: 9006, name: "monitor.lifecycle", level: .info,
    title: "The monitor started, changed its policy or stopped", category: "Monitor",
    rationale: """
      Who reads the alerts later must know when nobody watched and which policy was in force. The digest tells two \
      policies apart.
      """,
    advice: "Nothing, if you did it. If nobody did, find out who is at work on the gateway.",
    falsePositives: ["Package upgrades and reboots."],
    techniques: [], hears: [.sensor]
  ) { observation, _ in
    guard case .sensor(let event) = observation.content else { return nil }
    switch event {
    case .started(let version, let digest):
      return Judgement(
        "started, version \(version), policy \(digest.prefix(12))",
        message: "Minewatch \(version) started with policy \(digest.prefix(12)).", subject: "started",
        section: "monitor",
        facts: [("event", .text("started")), ("version", .text(version)), ("policy", .text(digest))])
    case .reloaded(let digest, let changes):
      let text = changes.isEmpty ? "nothing changed" : changes.joined(separator: "; ")
      return Judgement(
        "reloaded, policy \(digest.prefix(12)): \(text)",
        message: "Minewatch reloaded its policy, now \(digest.prefix(12)): \(text).", subject: "reloaded \(digest)",
        section: "monitor",
        facts: [("event", .text("reloaded")), ("policy", .text(digest)), ("changes", .list(changes))])
    case .stopped(let reason):
      return Judgement(
        "stopped: \(reason)", message: "Minewatch stopped: \(reason).", subject: "stopped", section: "monitor",
        facts: [("event", .text("stopped")), ("reason", .text(reason))])
    default: return nil
    }
  }
}

extension Rule.Parameter {
  static let packets = Rule.Parameter(
    "packets", .count(1), "Packets dropped in one interval before it is told; 1 tells every loss")
  static let share = Rule.Parameter(
    "share", .fraction(0), "Share of the interval's packets that must be dropped before it is told")
  static let missedShare = Rule.Parameter(
    "missed-share", .fraction(0.05),
    "Share of the interval's bytes that must be acknowledged and never seen, before fewer than `missed` are told")
  static let missed = Rule.Parameter(
    "missed", .count(65_536),
    "Stream bytes in one interval that were acknowledged but never seen, before they are told on their own")
}
