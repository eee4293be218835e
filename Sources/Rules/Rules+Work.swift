import Capture
import Policy
import Protocols

/// Rules about the work that pools give.
extension Rule {
  static let work: [Rule] = [
    stratumUnknownJob, stratumOtherChain, stratumOtherCoin, stratumStarved, stratumPayout,
  ]

  static let stratumUnknownJob: Rule = Rule(
    id: 2007, name: "stratum.unknown-job", level: .high,
    title: "Shares for a job that this session never offered", category: "Job tampering",
    rationale: """
      In a session that was seen from its start and without a loss, and is three minutes old (until then a share of the session \
      before may come), a miner hands in work on a job that the pool never gave it there. Somebody else feeds the miner: a second pool whose shares go the wrong way, a program on the miner, or whoever \
      sits between miner and pool and swaps jobs.
      """,
    advice: """
      See what else this miner is connected to, and whether the pool accepted the shares. Compare the miner's own pool list \
      with the policy. Keep a capture of the session: the job's name tells where it came from.
      """,
    falsePositives: [
      "A miner that hands in a share very late, when its session has seen a great many jobs since.",
      "A pool that gives jobs in a message that Minewatch does not know.",
    ],
    techniques: [.transmittedDataManipulation, .adversaryInTheMiddleICS, .computeHijacking], hears: [.mining]
  ) { observation, analysis in
    guard let (flow, event) = analysis.minerSession(observation), case .unknownJob(let job) = event.what else {
      return nil
    }
    return Judgement(
      "share for job \(quoted(job)), which was never offered",
      message:
        "The miner handed in a share for job \(quoted(job)) to \(analysis.server(of: flow)), which never offered "
        + "that job in this session.",
      subject: hostAndPort(flow.server), section: "stratum",
      facts: facts(of: event.session, in: flow, analysis) + [("job", .text(job))])
  }

  static let stratumOtherChain: Rule = Rule(
    id: 2008, name: "stratum.other-chain", level: .critical,
    title: "A session works on another chain than the rest of the site", category: "Job tampering",
    rationale: """
      Every job names the block that it builds on, and within seconds of a new block all honest pools name the same one. A \
      session that keeps naming another works for another coin with the same algorithm, on a fork, or on nothing: \
      its miner is burning power for somebody else, or for nobody. With three pools or more each has one vote, with fewer \
      each session has one; half of them must agree, so a lone session is never judged.
      """,
    advice: """
      Look the block up in a block explorer. If it is another coin's, find out who pointed the miner there. If it is an old \
      one, the pool's node is stuck: move the miner to another pool and tell the pool. If it is unknown, treat the pool's \
      session as hijacked.
      """,
    falsePositives: [
      "A pool whose node fell behind. That work is lost all the same.",
      "Two blocks of the same number found at once: sessions on either are given `race` to come together.",
      "A site that mines two chains on purpose: suppress the miners of the smaller part.",
    ],
    techniques: [.computeHijacking, .transmittedDataManipulation, .adversaryInTheMiddleICS],
    parameters: [.delay, .race], hears: [],
    settle: { analysis in
      let delay = analysis.duration(.delay, of: .stratumOtherChain)
      let race = analysis.duration(.race, of: .stratumOtherChain)
      return analysis.jobs.strays(at: analysis.now, delay: delay, race: race).map { otherChain($0, analysis) }
    }
  ) { _, _ in nil }

  static let stratumOtherCoin: Rule = Rule(
    id: 2009, name: "stratum.other-coin", level: .high,
    title: "A miner speaks another coin's mining dialect", category: "Job tampering",
    rationale: """
      The session speaks a dialect of Stratum in which Bitcoin is not mined: Monero's, Ethereum's, Zcash's or another's. An \
      ASIC can do nothing with it, so a program on its control board, or a computer in the miners' network, mines for somebody. \
      That is what most malware for small Linux systems does. Or it speaks Bitcoin's dialect, and the jobs build on a block whose \
      hash is no proof of Bitcoin's work: a coin with another algorithm, Litecoin's for one.
      """,
    advice: """
      Take the device off the network and examine it: a miner that runs such a program has been broken into, and whatever broke \
      into it can do more. Look for the same destination at all other miners.
      """,
    falsePositives: [
      "A test rig, or a computer that mines another coin with its owner's knowledge: it is no miner.",
      "A coin that mixes Bitcoin's algorithm with others (DigiByte, Peercoin), mined with its owner's knowledge.",
    ],
    techniques: [.computeHijacking, .supplyChainCompromiseICS], hears: [.mining, .jobs]
  ) { observation, analysis in
    guard let (flow, event) = analysis.minerSession(observation) else { return nil }
    if case .work(let work) = event.what {
      return work.isOfOtherAlgorithm ? otherAlgorithm(work, event.session, in: flow, analysis) : nil
    }
    guard case .dialect = event.what, !event.session.dialect.isBitcoins else { return nil }
    let dialect = event.session.dialect.rawValue
    let user = event.session.user.map { ", as \(quoted($0))" } ?? ""
    return Judgement(
      "speaks \(dialect)\(user)",
      message: "The session with \(analysis.server(of: flow)) speaks \(dialect)\(user), in which Bitcoin is not mined.",
      subject: "\(hostAndPort(flow.server)) \(dialect)", section: "stratum",
      facts: facts(of: event.session, in: flow, analysis))
  }

  static let stratumStarved: Rule = Rule(
    id: 2014, name: "stratum.starved", level: .medium,
    title: "A pool leaves a miner without new work", category: "Pool trouble",
    rationale: """
      The miner is connected and hands in shares, but the pool has sent no new job for far longer than it used to. Old work \
      is worth nothing once a block is found, so the miner burns power in vain. Whoever wants to stop miners without a trace \
      can do it this way; a pool in trouble looks the same.
      """,
    advice: """
      See whether other miners at this pool are starved too. If all are, move them to another pool and tell the pool; if it \
      is one, restart its mining and look at the path between.
      """,
    falsePositives: ["A pool that sends a new job only for a new block: raise `silence` for it."],
    techniques: [.denialOfView, .manipulationOfControl], parameters: [.silence], hears: [.shares]
  ) { observation, analysis in
    // Where a job came in the interval, the shares may have come before the miner fell silent as well.
    guard let (flow, event) = analysis.minerSession(observation), case .shares(let totals) = event.what,
      totals.submitted > 0, totals.jobs == 0, !totals.isIncomplete, !totals.isFinal, let age = totals.sinceLastJob
    else { return nil }
    let silence = analysis.duration(.silence, of: .stratumStarved).inSeconds
    let habit = analysis.jobs.jobInterval(of: flow.id)
    guard age >= max(silence, 4 * (habit ?? 0)) else { return nil }
    let usual = habit.map { ", where one came every \(seconds($0)) before" } ?? ""
    return Judgement(
      "no new work for \(seconds(age)), and \(counted(totals.submitted, "share")) on the old",
      message:
        "The pool at \(analysis.server(of: flow)) has sent no new job for \(seconds(age))\(usual), while the miner "
        + "handed in \(counted(totals.submitted, "share")).",
      subject: hostAndPort(flow.server), section: "stratum",
      facts: [("since_job_s", .number(age)), ("submitted", .count(totals.submitted))])
  }
}

extension Rule.Parameter {
  static let delay = Rule.Parameter(
    "delay", .duration(.seconds(120)), "How long a session may work on another block than most of the site")
  static let race = Rule.Parameter(
    "race", .duration(.seconds(1_800)), "The same where both blocks have one number, so that two were found at once")
  static let silence = Rule.Parameter(
    "silence", .duration(.seconds(300)),
    "How long a pool may send no job at the least; four times its own habit where that is longer")
}

private func otherAlgorithm(
  _ work: MiningWork, _ session: StratumSession, in flow: FlowFacts, _ analysis: borrowing Analysis
) -> Judgement {
  let block = work.previousBlock.text
  return Judgement(
    "works on block ...\(block.suffix(12)), whose hash is no work of Bitcoin's",
    message:
      "The session with \(analysis.server(of: flow)) gives work on block \(block). That hash is above any target that "
      + "Bitcoin ever had, so the block was found with another algorithm, and is another coin's.",
    subject: "\(hostAndPort(flow.server)) other algorithm", fromServer: true, section: "stratum",
    facts: facts(of: session, in: flow, analysis) + [
      ("block", .text(block)), ("network_difficulty", .number(work.networkDifficulty)),
    ])
}

private func otherChain(_ stray: JobBook.Stray, _ analysis: borrowing Analysis) -> Judgement {
  let session = stray.session
  let block = session.work?.previousBlock.text ?? ""
  let own = session.work?.networkDifficulty ?? 0
  let others = stray.majority.networkDifficulty
  let isOtherCoin = own < others / 4 || own > others * 4
  let hint = isOtherCoin ? " Its difficulty is another network's." : ""
  var facts: [(name: String, value: Finding.FactValue)] = [
    ("block", .text(block)), ("site_block", .text(stray.majority.previousBlock.text)),
    ("network_difficulty", .number(own)), ("site_network_difficulty", .number(others)),
    ("sessions", .count(UInt64(stray.counted))), ("agreeing", .count(UInt64(stray.agreeing))),
  ]
  if let height = session.work?.height { facts.append(("height", .count(UInt64(height)))) }
  return Judgement(
    "works on block ...\(block.suffix(12)), \(stray.agreeing) of \(stray.counted) sessions on "
      + "...\(stray.majority.previousBlock.text.suffix(12)), for \(seconds(stray.seconds))",
    message: "The session with \(analysis.server(of: session.flow)) has been given work on block \(block) for "
      + "\(seconds(stray.seconds)), while \(stray.agreeing) of the site's \(stray.counted) sessions work on "
      + "\(stray.majority.previousBlock.text).\(hint)",
    subject: session.place, flow: session.flow, fromServer: true, section: "stratum", facts: facts)
}
