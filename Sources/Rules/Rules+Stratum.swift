import Flows
import Policy
import Protocols

/// Rules that read what is said in a mining session. Redirects have a file of their own.
extension Rule {
  static let stratum: [Rule] =
    [
      stratumAccountUnlisted, stratumRedirect, stratumUnexpectedMethod, stratumOutOfOrder, stratumMalformed,
      stratumShowMessage, stratumInjected,
    ] + work + shares

  static let stratumAccountUnlisted: Rule = Rule(
    id: 2001, name: "stratum.account-unlisted", level: .critical,
    title: "A miner mines for an account that is not allowed", category: "Payout switch",
    rationale: """
      At an allowed pool, a miner logs in or submits work under a user name that none of the pool's `accounts` matches. \
      The pool pays that account. The address is right, so nothing else would show it.
      """,
    advice: """
      Compare the user name with the miner's pool settings. If they differ, somebody between miner and pool rewrites it; \
      if they agree, somebody changed the settings. Restore them, then find out who holds the account: the pool knows.
      """,
    falsePositives: [
      "A new account or sub-account that nobody listed yet.",
      "A miner that was reset to factory settings and logs in as a test user.",
      "Firmware that mines its developer's share at the same pool.",
    ],
    techniques: [.modifyParameter, .computeHijacking, .financialTheft], hears: [.users, .http]
  ) { observation, analysis in
    guard let flow = analysis.minerFlow(observation), let (user, method, dialect) = observation.payee,
      let pool = analysis.poolThatRefuses(user, in: flow)
    else { return nil }
    let verb = method.hasSuffix("submit") ? "submits work as" : "authorized as"
    let account = accountPart(of: user)
    let listed = analysis.policy.detection.indicators.match(user: user)
    let note = listed.map { " It is on the indicator list as \($0.value): \($0.note)." } ?? ""
    return Judgement(
      "\(verb) \(quoted(user))\(listed.map { ", \($0.note)" } ?? "")",
      message: "At pool \(quoted(pool.name)), \(analysis.server(of: flow)), the miner \(verb) \(quoted(user)) "
        + "(\(method)), which none of the pool's accounts matches.\(note)",
      subject: "\(pool.name) \(account)", section: "stratum",
      facts: [
        ("dialect", .text(dialect)), ("method", .text(method)), ("user", .text(user)), ("pool", .text(pool.name)),
      ])
  }

  static let stratumUnexpectedMethod: Rule = Rule(
    id: 2003, name: "stratum.unexpected-method", level: .medium,
    title: "A method that does not belong in a mining session", category: "Stratum anomaly",
    rationale: """
      Somebody said something that the dialect does not have, that only the other side says, or that only a sloppy reader \
      would take for a method ("CLIENT.RECONNECTx": cgminer and its descendants ignore case and what follows). The first \
      is how commands hide in a mining session, the last how they hide from a monitor.
      """,
    advice: """
      Read the session around this moment. From the pool's side, ask the pool; from the miner's, find out which firmware \
      says such things. A loose match is an attempt on purpose until shown otherwise.
      """,
    falsePositives: ["A pool's or a firmware's own extension that Minewatch does not know yet."],
    techniques: [.unauthorizedCommandMessage, .dataObfuscation], hears: [.mining]
  ) { observation, analysis in
    guard let (flow, event) = analysis.minerSession(observation),
      case .unexpectedMethod(let method, let sender, let reason) = event.what
    else { return nil }
    let who = sender == .client ? "The miner" : "The pool"
    return Judgement(
      "\(sender == .client ? "miner" : "pool") says \(quoted(method)): \(reason.rawValue)",
      message: "\(who) says \(quoted(method)) in the session with \(analysis.server(of: flow)): \(reason.rawValue).",
      subject: "\(hostAndPort(flow.server)) \(sender.rawValue) \(method)", fromServer: sender == .server,
      section: "stratum",
      facts: [
        ("dialect", .text(event.session.dialect.rawValue)), ("method", .text(method)),
        ("sender", .text(sender.rawValue)), ("reason", .text(reason.rawValue)),
      ])
  }

  static let stratumOutOfOrder: Rule = Rule(
    id: 2004, name: "stratum.out-of-order", level: .medium,
    title: "Work is submitted at a time when it cannot be", category: "Stratum anomaly",
    rationale: """
      In a session that was seen from its start, work came before the miner subscribed or logged in, after the pool refused it, or \
      for an account that nobody logged in for. A miner cannot have such work: somebody else made it, or the session only plays at mining.
      """,
    advice:
      "Compare what the miner says it is doing with this session. Look for a second program on the miner that mines.",
    falsePositives: [
      "Firmware that resends old shares after a reconnect, before it logs in again.",
      "A proxy that logs in once, and hands in work for other accounts.",
    ],
    techniques: [.transmittedDataManipulation, .unauthorizedCommandMessage], hears: [.mining]
  ) { observation, analysis in
    guard let (flow, event) = analysis.minerSession(observation), case .outOfOrder(let oddity) = event.what else {
      return nil
    }
    return Judgement(
      oddity.rawValue,
      message: "In the session with \(analysis.server(of: flow)) work is out of order: \(oddity.rawValue).",
      subject: "\(hostAndPort(flow.server)) \(oddity.rawValue)", section: "stratum",
      facts: [("dialect", .text(event.session.dialect.rawValue)), ("reason", .text(oddity.rawValue))])
  }

  static let stratumMalformed: Rule = Rule(
    id: 2005, name: "stratum.malformed", level: .medium,
    title: "A mining message that no honest side would send", category: "Stratum anomaly",
    rationale: """
      A line in a mining session is no JSON or no UTF-8, names a key twice, nests or runs beyond all need, carries a value \
      that cannot be meant, or breaks its frame. Such lines crash miners, or read differently to a monitor than to a miner: \
      of two equal keys, one sees the first and the other the last. Losses of our own capture never raise this.
      """,
    advice: """
      Look at the bytes. From the pool's side, suspect an attack on the miner's firmware and move the miner to another pool \
      until the pool explains it. From the miner's side, suspect its firmware or something else that speaks in its session.
      """,
    falsePositives: ["A buggy pool or firmware version. Several miners of one model then do the same."],
    techniques: [.dataObfuscation, .unauthorizedCommandMessage], hears: [.mining]
  ) { observation, analysis in
    guard let (flow, event) = analysis.minerSession(observation), case .anomaly(let anomaly, let sender) = event.what
    else { return nil }
    let who = sender == .client ? "miner" : "pool"
    return Judgement(
      "from the \(who): \(anomaly.rawValue)",
      message: "A message from the \(who) in the session with \(analysis.server(of: flow)) is malformed: "
        + "\(anomaly.rawValue).",
      subject: "\(hostAndPort(flow.server)) \(sender.rawValue) \(anomaly.rawValue)", fromServer: sender == .server,
      section: "stratum",
      facts: [
        ("dialect", .text(event.session.dialect.rawValue)), ("anomaly", .text(anomaly.rawValue)),
        ("sender", .text(sender.rawValue)),
      ])
  }

  static let stratumShowMessage: Rule = Rule(
    id: 2012, name: "stratum.show-message", level: .info,
    title: "The pool shows the miner a message", category: "Pool message",
    rationale: """
      The pool sent `client.show_message`: text for a person, which a miner writes to its log, where nobody reads it. \
      Pools announce moves and trouble this way, and it is a channel for anything else.
      """,
    advice: "Read it. If it asks for something, ask the pool by another way whether it said so.",
    falsePositives: ["Pools that greet every miner: switch the rule off for them or suppress it."],
    techniques: [.dataObfuscation], hears: [.mining]
  ) { observation, analysis in
    guard let (flow, event) = analysis.minerSession(observation), case .message(let text) = event.what else {
      return nil
    }
    return Judgement(
      "pool says \(quoted(text))",
      message: "The pool at \(analysis.server(of: flow)) shows the miner this message: \(quoted(text)).",
      subject: "\(hostAndPort(flow.server)) \(text)", fromServer: true, section: "stratum",
      facts: [("dialect", .text(event.session.dialect.rawValue)), ("message", .text(text))])
  }
}

/// The part of a user that is paid: what stands before the first dot (btcpool Stratum.cc; OCEAN-xyz/datum_gateway,
/// doc/usernames.md).
func accountPart(of user: String) -> String {
  user.utf8.firstIndex(of: UInt8(ascii: ".")).map { String(user[..<$0]) } ?? user
}

/// What stands behind the first dot, in lower case; nil where it is too short to be told from any other word.
func workerPart(of user: String) -> String? {
  guard let dot = user.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
  let worker = user[dot...].dropFirst()
  return worker.utf8.count >= 6 ? worker.lowercased() : nil
}

extension Analysis {
  /// The allowed pool that a flow goes to, or leads to inside a proxy, where this user may not be paid; nil where he may, or where
  /// no pool is allowed. A user on the indicator list is paid only where the policy names him.
  fileprivate func poolThatRefuses(_ user: String, in flow: FlowFacts) -> Pool? {
    let indicators = policy.detection.indicators
    let allows = { (pool: Pool) in
      pool.accounts?.contains { $0.matches(user) } ?? (indicators.match(user: user) == nil)
    }
    let inside = poolInside(flow)
    // Pools may share an endpoint; one that allows the user is enough.
    if let inside, allows(inside) { return nil }
    let (address, port) = (flow.server.address, flow.server.port)
    guard !policy.hasEndpoint(at: address, port: port, bindings, where: { pool, _ in allows(pool) }) else { return nil }
    return policy.endpoints(at: address, port: port, bindings).first?.pool ?? inside
  }

  /// What is said in a miner's session, if the observation is that.
  func minerSession(_ observation: Observation) -> (flow: FlowFacts, event: StratumEvent)? {
    guard case .stratum(let event) = observation.content, let flow = minerFlow(observation) else { return nil }
    return (flow, event)
  }
}

extension Observation {
  /// Who is to be paid, as a miner says in its login or in its work, how it was said, and in which dialect.
  fileprivate var payee: (user: String, method: String, dialect: String)? {
    switch content {
    case .stratum(let event):
      if case .user(let user, let method) = event.what { (user, method, event.session.dialect.rawValue) } else { nil }
    case .http(.introduced(.mining(let mining))):
      mining.user.map { ($0, mining.method, AppProtocol.getwork.rawValue) }
    default: nil
    }
  }
}
