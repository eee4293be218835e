import Capture
import Policy
import Protocols

/// Rules about what comes of miners' work: how hard it is made, for whom it is done, and how much of it is refused.
extension Rule {
  static let shares: [Rule] = [stratumDifficulty, stratumSplitHashrate, stratumRejects]

  static let stratumDifficulty: Rule = Rule(
    id: 2006, name: "stratum.difficulty", level: .medium,
    title: "A difficulty that makes no sense for the miner", category: "Pool trouble",
    rationale: """
      A pool sets how hard a share is to find, so that each miner finds one every few seconds. At a difficulty thousands of \
      times higher the miner goes on burning power and never finds one: nobody is paid, and nobody notices, since the \
      session stays up. At one far too low it floods the pool, and whoever reads the session. Pools adjust difficulty all \
      the time; only what no adjustment would ever reach is reported.
      """,
    advice: """
      Ask the pool whether it set this. If it did not, somebody speaks in its name: move the miner to another pool. If the \
      miner asked for it (`mining.suggest_difficulty`, or `d=` in its password), correct its settings.
      """,
    falsePositives: [
      "A proxy or a machine that is faster than `terahash`, before its rate was measured.",
      "A pool that starts every session far too low, and does not get it right within five minutes.",
    ],
    techniques: [.manipulationOfControl, .denialOfView, .adversaryInTheMiddleICS],
    parameters: [.longest, .terahash, .flood], hears: [.work, .shares]
  ) { observation, analysis in
    guard let (flow, event) = analysis.minerSession(observation), event.session.dialect.isBitcoins else { return nil }
    switch event.what {
    case .shares(let totals):
      return analysis.flood(totals, in: flow, event.session) ?? analysis.absurdity(of: event.session, in: flow)
    case .work, .difficulty: return analysis.absurdity(of: event.session, in: flow)
    default: return nil
    }
  }

  static let stratumSplitHashrate: Rule = Rule(
    id: 2010, name: "stratum.split-hashrate", level: .high,
    title: "A miner works for two pools or two accounts", category: "Payout switch",
    rationale: """
      One miner hands in work for two pools, or under two accounts, at once or in turns. Firmware that takes a fee for its \
      maker does so with two or three percent, and hides it well: the miner's own page shows one pool. Theft does the \
      same with more. Up to three percent for the smaller part is told as low, and so is a split between places that \
      the policy allows; more is high. A failover, there and back, is no split, and neither is a proxy.
      """,
    advice: """
      Look at both places below: who is the second account? If it is the firmware's fee, accept it in the policy (pool and \
      account) or change the firmware. If nobody knows it, treat the miner as taken over, and look for the same place at \
      all others.
      """,
    falsePositives: [
      "Hashrate that the owner splits on purpose (LuxOS groups, cgminer's balance mode). List both places.",
      "A pool that fails and comes back three times in `window`.",
      "A proxy among the miners' addresses that logs in each account on a session of its own, or two or three on one.",
    ],
    techniques: [.computeHijacking, .financialTheft, .modifyParameter],
    parameters: [.splitWindow, .overlap, .splitTurns], hears: [.shares]
  ) { observation, analysis in
    guard let (flow, event) = analysis.minerSession(observation), case .shares(let totals) = event.what,
      let session = analysis.jobs.standing(of: flow.id)
    else { return nil }
    let bounds = Allegiances.Bounds(
      window: analysis.duration(.splitWindow, of: .stratumSplitHashrate),
      overlap: analysis.duration(.overlap, of: .stratumSplitHashrate),
      turns: analysis.count(.splitTurns, of: .stratumSplitHashrate))
    let parts = analysis.jobs.takeParts(of: flow.id)
    guard !parts.isEmpty else {
      return analysis.allegiances.heard(totals, of: session, in: flow, at: observation.time, bounds).map {
        analysis.judge($0)
      }
    }
    var found: Allegiances.Split?
    for (account, work) in parts {
      var (session, part) = (session, totals)
      session.account = account
      part.accepted = UInt64(work.accepted) + UInt64(work.unknown)
      part.acceptedDifficulty = work.difficulty
      part.acceptedOfUnknownDifficulty = UInt64(work.unknown)
      let split = analysis.allegiances.heard(part, of: session, in: flow, at: observation.time, bounds)
      found = split ?? found
    }
    return found.map { analysis.judge($0) }
  }

  static let stratumRejects: Rule = Rule(
    id: 2011, name: "stratum.rejects", level: .medium,
    title: "The pool refuses much of a miner's work", category: "Pool trouble",
    rationale: """
      A share that the pool refuses is power burnt for nothing. One in a hundred is usual, a few more after each new block. When \
      many are refused the miner is broken or overclocked, its jobs come late or from elsewhere, or the pool does not \
      pay for what it gets.
      """,
    advice: """
      Compare with other miners at the same pool. If all suffer, it is the pool or the path to it. If it is one, look at \
      its hardware errors and its firmware; if the reasons are stale or unknown jobs, see what else it is connected to.
      """,
    falsePositives: ["A slow or lossy way to the pool.", "A miner being tuned."],
    techniques: [.manipulationOfControl, .denialOfView], parameters: [.refused, .answered], hears: [.shares]
  ) { observation, analysis in
    guard let (flow, event) = analysis.minerSession(observation), case .shares = event.what,
      let (answered, refused) = analysis.jobs.takeAnswers(
        of: flow.id, minimum: analysis.count(.answered, of: .stratumRejects)),
      Double(refused) > Double(answered) * analysis.fraction(.refused, of: .stratumRejects)
    else { return nil }
    let share = Double(refused) / Double(answered)
    return Judgement(
      "\(percent(share)) of \(counted(answered, "share")) refused",
      message: "The pool at \(analysis.server(of: flow)) refused \(counted(refused, "share")) of the last \(answered), "
        + "\(percent(share)).",
      subject: hostAndPort(flow.server), fromServer: true, section: "stratum",
      facts: facts(of: event.session, in: flow, analysis) + [
        ("answered", .count(answered)), ("refused", .count(refused)), ("share", .number(share)),
      ])
  }
}

extension Rule.Parameter {
  static let longest = Rule.Parameter(
    "longest", .duration(.seconds(1_800)), "The longest time between two shares that a difficulty may mean")
  static let terahash = Rule.Parameter(
    "terahash", .count(1_000), "A machine's hashrate in TH/s where it could not be measured yet")
  static let flood = Rule.Parameter("flood", .count(20), "Shares a second, over five minutes, that are too many")
  static let splitWindow = Rule.Parameter(
    "window", .duration(.seconds(21_600)), "For how long work is added up before it is counted anew")
  static let overlap = Rule.Parameter(
    "overlap", .duration(.seconds(900)), "How long a miner may work for two places at once: failover and back")
  static let splitTurns = Rule.Parameter(
    "turns", .count(3), "How often each of two places is worked for in turns before that is a split")
  static let refused = Rule.Parameter(
    "share", .fraction(0.05), "The share of answered work that may be refused")
  static let answered = Rule.Parameter(
    "answered", .count(100), "How many answers are waited for before they are judged")
}

extension Analysis {
  /// A difficulty at which the miner finds next to nothing.
  fileprivate func absurdity(of session: StratumSession, in flow: FlowFacts) -> Judgement? {
    guard let difficulty = session.difficulty else { return nil }
    let measured = jobs.hashrate(of: flow.id)
    let rate = measured ?? Double(count(.terahash, of: .stratumDifficulty)) * 1e12
    let wait = difficulty * 0x1p32 / max(rate, 1)
    guard wait * 1e9 > Double(duration(.longest, of: .stratumDifficulty).saturatedNanoseconds) else { return nil }
    let machine = measured == nil ? "even the fastest machine" : "this miner"
    return Judgement(
      "difficulty \(rounded(difficulty)): one share in \(span(wait))",
      message:
        "The pool at \(server(of: flow)) set difficulty \(rounded(difficulty)), at which \(machine) finds one share in "
        + "\(span(wait)).",
      subject: hostAndPort(flow.server), fromServer: true, section: "stratum",
      facts: facts(of: session, in: flow, self) + [
        ("difficulty", .number(difficulty)), ("seconds_a_share", .number(wait)),
      ])
  }

  /// A difficulty at which the miner does nothing but hand in shares.
  fileprivate func flood(_ totals: ShareTotals, in flow: FlowFacts, _ session: StratumSession) -> Judgement? {
    guard totals.seconds >= 240 else { return nil }
    let rate = Double(totals.submitted) / totals.seconds
    guard rate > Double(count(.flood, of: .stratumDifficulty)) else { return nil }
    return Judgement(
      "\(rounded(rate)) shares a second: the difficulty is too low",
      message:
        "The miner hands in \(rounded(rate)) shares a second to \(server(of: flow)): the pool's difficulty is far too "
        + "low for it.",
      subject: "\(hostAndPort(flow.server)) flood", section: "stratum",
      facts: facts(of: session, in: flow, self) + [("shares_a_second", .number(rate))])
  }

  fileprivate func judge(_ split: Allegiances.Split) -> Judgement {
    let shares = split.shares
    let smaller = shares.dropFirst().reduce(0) { $0 + $1.share }
    let isAllowed = shares.allSatisfy { isListed($0.place) }
    let parts = shares.map { "\(percent($0.share)) for \($0.place.text)" }.joined(separator: ", ")
    let how = split.overlap > 0 ? "at once" : "in turns"
    return Judgement(
      "works for \(shares.count) places \(how): \(parts)",
      message: "The miner works for \(shares.count) places \(how): \(parts).",
      subject: shares.map(\.place.text).sorted().joined(separator: " "),
      level: smaller <= 0.03 || isAllowed ? .low : nil,
      section: "stratum",
      facts: [
        ("places", .list(shares.map(\.place.text))), ("shares", .list(shares.map { percent($0.share) })),
        ("at_once_s", .number(Double(split.overlap) / 1e9)), ("listed", .flag(isAllowed)),
      ])
  }

  /// The policy allows the pool, and the account there.
  private func isListed(_ place: Allegiances.Place) -> Bool {
    let pools = policy.endpoints(at: place.server.address, port: place.server.port, bindings).map(\.pool)
    return pools.contains { pool in
      guard let accounts = pool.accounts, let account = place.account else { return true }
      // Accounts are globs over whole users.
      return accounts.contains { $0.matches(account) || $0.matches("\(account).1") }
    }
  }
}

extension Allegiances.Place {
  /// `acme at braiins`.
  fileprivate var text: String { "\(account.map(quoted) ?? "several or unknown accounts") at \(pool)" }
}

/// Three digits that count, without an exponent where it can be helped.
private func rounded(_ value: Double) -> String {
  guard value.isFinite, value < 1e15 else { return "\(value)" }
  return value >= 100 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
}

/// A long time in words.
private func span(_ seconds: Double) -> String {
  switch seconds {
  case ..<7_200: "\(Int((seconds / 60).rounded())) minutes"
  case ..<172_800: "\(Int((seconds / 3_600).rounded())) hours"
  case ..<1e11: "\(Int((seconds / 86_400).rounded())) days"
  default: "an age"
  }
}
