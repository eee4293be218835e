import Capture
import Decode
import Policy
import Protocols

/// Rules about what is done to miners: command by command.
extension Rule {
  static let control: [Rule] = [
    controlCommand, controlAccess, controlScan, minerLateral, controlMinerAsServer,
  ]

  static let controlCommand: Rule = Rule(
    id: 3001, name: "control.command", level: .critical,
    title: "A command that changes a miner", category: "Miner control",
    rationale: """
      Whoever can tell a miner what to do decides where it mines and for whom, how much power it takes, and whether it \
      runs at all. Its management answers to anybody who reaches it: most of it has no password, or a known one. Minewatch \
      reads each command with its arguments, over sockets and HTTP, and knows what it does. A command that nobody listed, or \
      that is encrypted, counts as one that changes something; of what is sent to a web page that nobody listed only a pool's \
      address does. What a manager does is told as info, unless it sends miners to \
      a pool or an account that the policy does not allow, or may do so in a part that could not be read: too long, too \
      many fields, or compressed. A command that the miner refused, and one that only asks \
      whether more is allowed, are high. What a miner's agent fetches from its cloud (HiveOS) is a command as well: from a service \
      that the policy allows it counts like a manager's.
      """,
    advice: """
      Ask who did it. If nobody did, cut the sender off from the miners first, then put back what was changed: pools and \
      workers, power mode, passwords, firmware. Look for the same sender at other miners. A stop with a time in it goes off \
      later: send the opposite, or restart the miner.
      """,
    falsePositives: [
      "A fleet manager or an operator's machine that the policy does not list under `miners.managers`.",
      "A command of new firmware that changes nothing: list it in a folder named under `detection.commands`.",
    ],
    techniques: [.unauthorizedCommandMessage, .modifyParameter, .manipulationOfControl, .computeHijacking],
    hears: [.commands],
    settle: { analysis in
      analysis.commands.due(at: analysis.now).map { told($0, analysis) }
    }
  ) { observation, analysis in
    if case .requestAnswered(let answer) = observation.content, let flow = observation.flow {
      analysis.commands.heard(answer, in: flow)
      return nil
    }
    guard let (flow, command) = analysis.command(in: observation), command.mayChange || command.isProbe,
      command.mayChange || !analysis.isManager(flow.client.address)
    else { return nil }
    let isWaitedFor = command.surface != .agent
    if isWaitedFor, analysis.commands.wait(for: command, in: flow, at: observation.time) { return nil }
    return told(CommandWatch.Asked(command: command, flow: flow, time: observation.time), analysis)
  }
}

/// What the finding says of a command.
private func told(_ asked: CommandWatch.Asked, _ analysis: borrowing Analysis) -> Judgement {
  let (command, flow) = (asked.command, asked.flow)
  let target = analysis.target(of: command)
  let isAgent = command.surface == .agent
  let isManager =
    analysis.isManager(flow.client.address)
    || isAgent && analysis.explanation(of: flow.turned, speaking: .http) != nil
  let isRefused = asked.answer?.outcome == .denied || asked.answer?.outcome == .failed
  var details = target.words + otherArguments(of: command)
  let time = effectiveTime(of: command).filter { $0 > asked.time }
  if let time {
    details.append("to take effect at \(time.utcText), in \(roughly(time.nanoseconds(since: asked.time)))")
  }
  if command.isAmbiguous { details.append("written so that two readers understand it differently") }
  if command.mayHideTarget { details.append("not all of it was read, so it may say more") }
  let given = details.isEmpty ? "" : ": " + details.joined(separator: ", ")
  let rank =
    isManager ? isAgent ? "a service that the policy allows" : "a manager" : "which is no manager"
  let who = "\(flow.client.address), \(rank),"
  let end = isAgent ? "Its agent obeys by itself." : outcome(asked.answer, brief: false)
  let judgement = Judgement(
    "\(name(of: command))\(given)\(outcome(asked.answer, brief: true))",
    message: "\(who) told the miner\(isAgent ? "'s agent" : "") \(meaning(of: command))\(given). \(end)",
    subject: "\(flow.client.address) \(command.said) \(target.pools.map(\.text).joined(separator: " "))",
    level: level(
      isManager: isManager && !command.isAmbiguous, isRefused: isRefused,
      isAllowed: target.isAllowed && !command.mayHideTarget,
      isProbe: command.isProbe),
    time: asked.time, flow: flow, section: "command",
    facts: [
      ("command", .text(command.said)), ("classes", .list(command.classes.map(\.rawValue))),
      ("surface", .text(command.surface.rawValue)), ("manager", .flag(isManager)),
    ])
  if let vendor = command.vendor { judgement.facts.append(("vendor", .text(vendor))) }
  if command.isAmbiguous { judgement.facts.append(("ambiguous", .flag(true))) }
  if command.mayHideTarget { judgement.facts.append(("partly_read", .flag(true))) }
  if command.isHidden { judgement.facts.append(("hidden", .flag(true))) }
  if !target.pools.isEmpty { judgement.facts.append(("pools", .list(target.pools.map(\.text)))) }
  if !target.users.isEmpty { judgement.facts.append(("users", .list(target.users.map(\.text)))) }
  if !target.pools.isEmpty || !target.users.isEmpty { judgement.facts.append(("allowed", .flag(target.isAllowed))) }
  if let time { judgement.facts.append(("effective", .text(time.utcText))) }
  judgement.facts.append(("outcome", .text(asked.answer?.outcome.rawValue ?? "unanswered")))
  return judgement
}

/// A time to come, in its largest unit.
private func roughly(_ nanoseconds: Int64) -> String {
  let seconds = nanoseconds / 1_000_000_000
  for (unit, size) in [("days", Int64(86_400)), ("hours", 3_600), ("minutes", 60)] where seconds >= 2 * size {
    return "\(seconds / size) \(unit)"
  }
  return "\(seconds) seconds"
}

private func level(isManager: Bool, isRefused: Bool, isAllowed: Bool, isProbe: Bool) -> Level? {
  if isManager { return isAllowed || isRefused ? .info : nil }
  return isRefused || isProbe ? .high : nil
}

/// `"addpool" (POOL)`.
private func name(of command: MinerCommand) -> String {
  if command.isHidden { return "an encrypted command" }
  let classes = command.classes.map(\.rawValue).joined(separator: "+")
  return "\(quoted(command.said)) (\(command.isUnknown ? "unknown" : command.isProbe ? "probe" : classes))"
}

private func meaning(of command: MinerCommand) -> String {
  if command.isHidden { return "something in an encrypted command, which only changes are sent in" }
  if command.isUnknown { return "\(quoted(command.said)), a command that no vocabulary knows" }
  if command.isProbe { return "\(quoted(command.said)), which asks whether it may control the miner" }
  let does = command.classes.filter(\.isChange).map(\.meaning).joined(separator: " and ")
  return "\(quoted(command.said)), which \(does)"
}

/// What beside pool, user and time the vocabulary points out.
private func otherArguments(of command: MinerCommand) -> [String] {
  command.arguments.prefix(8).compactMap { meaning, value in
    switch meaning {
    case .url where !command.classes.contains(.pool), .user where !command.classes.contains(.pool), .pool, .mode,
      .value,
      .file, .host:
      value.isEmpty ? nil : "\(meaning.rawValue) \(quoted(value))"
    case .url, .user, .time: nil
    }
  }
}

private func outcome(_ answer: APIAnswer?, brief: Bool) -> String {
  guard let answer else { return brief ? "" : "No answer was seen." }
  let said = answer.text.isEmpty ? "" : ": \(quoted(answer.text))"
  return switch answer.outcome {
  case .accepted: brief ? ", accepted" : "The miner accepted it\(said)."
  case .denied: brief ? ", denied" : "The miner denied it\(said)."
  case .failed: brief ? ", refused" : "The miner refused it\(said)."
  case .unclear: brief ? "" : "The miner's answer does not tell what came of it."
  }
}

extension Optional {
  fileprivate func filter(_ isIncluded: (Wrapped) -> Bool) -> Wrapped? {
    flatMap { isIncluded($0) ? $0 : nil }
  }
}
