import Capture
import Policy
import Protocols

/// Who is paid for the blocks that miners look for.
extension Rule {
  static let stratumPayout: Rule = Rule(
    id: 2015, name: "stratum.payout", level: .high,
    title: "A pool's jobs pay somebody else than before", category: "Payout switch",
    rationale: """
      Every job carries the transaction that pays for the block, and with it the scripts that are paid and the pool's tag. They \
      have changed although the pool's name has not. Where one miner's differ from those of its peers at the same pool, \
      somebody between them and the pool puts in his own. Where all change together it is mostly the pool's own doing; that \
      is told at a lower level. Pools that share a block out to many are not compared, nor is work that pays the miner's \
      own address.
      """,
    advice: """
      Compare the scripts with what the pool publishes, or with another miner at the same pool. If only some miners are \
      concerned, keep a capture and suspect the path: DNS answers, the gateway's neighbours, a proxy. Move them to another \
      pool meanwhile.
      """,
    falsePositives: [
      "A pool that moves to a new payout address, or pays from another one at each front.",
      "Fronts of one pool that the monitor had not met while it learned.",
    ],
    techniques: [.transmittedDataManipulation, .financialTheft, .adversaryInTheMiddleICS],
    parameters: [.payoutLearning, .window], hears: [.jobs],
    settle: { analysis in
      analysis.payouts.due(at: analysis.now, window: analysis.duration(.window, of: .stratumPayout)).map {
        analysis.judge($0)
      }
    }
  ) { observation, analysis in
    guard let (flow, event) = analysis.minerSession(observation), case .work(let work) = event.what else { return nil }
    analysis.hear(work, in: flow, event.session, at: observation.time)
    return nil
  }
}

extension Rule.Parameter {
  static let payoutLearning = Rule.Parameter(
    "learn", .duration(.seconds(600)), "How long the first payouts of a pool are all believed")
  static let window = Rule.Parameter(
    "window", .duration(.seconds(120)), "How long a change is given to reach a pool's other sessions")
}

extension Analysis {
  fileprivate mutating func hear(
    _ work: MiningWork, in flow: FlowFacts, _ session: StratumSession, at time: Timestamp
  ) {
    guard let payout = work.payout, let known = jobs.standing(of: flow.id) else { return }
    guard 1...MiningPayout.limit ~= payout.count, !pays(payout, session.user) else {
      jobs.note(flow.id, payees: 0)
      return
    }
    let payees = payout.identity
    jobs.note(flow.id, payees: payees)
    payouts.heard(
      Payouts.Change(
        flow: flow, session: session, place: known.place, payees: payees, payout: payout, time: time,
        isAtNewBlock: known.tookBlock == now), learning: duration(.payoutLearning, of: .stratumPayout))
  }

  /// Whether the user is among those that are paid: whoever mines alone has an output of his own.
  private func pays(_ payout: MiningPayout, _ user: String?) -> Bool {
    guard let user, let script = BitcoinAddress.script(of: accountPart(of: user)) else { return false }
    return payout.outputs.contains { $0.script == script }
  }

  fileprivate mutating func judge(_ change: Payouts.Change) -> Judgement {
    let peers = jobs.payees(at: change.place, since: change.time.advanced(by: .seconds(-600)))
    let changed = max(1, peers.count { $0 == change.payees })
    let others = peers.count { $0 != change.payees }
    let isAlone = others >= changed
    let before = isAlone ? 0 : payouts.rotate(change.place)
    let level: Level? =
      switch (isAlone, change.isAtNewBlock) {
      case (true, _): nil
      case (false, _) where before >= Payouts.habit: .info
      case (false, true): .low
      case (false, false): .medium
      }
    let what = change.what
    let who =
      isAlone
      ? "\(counted(UInt64(changed), "session")) of \(changed + others) at this pool"
      : changed == 1 ? "the only session at this pool" : "all \(changed) sessions at this pool"
    return Judgement(
      "\(what) changed for \(who): pays \(change.payout.text)",
      message: "The work that \(server(of: change.flow)) gives pays \(change.payout.text) now"
        + (change.former.map { ", and paid \($0.text) before" } ?? "") + ". That concerns \(who).",
      subject: isAlone ? "\(change.place) \(change.payout.text)" : change.place, level: level, time: change.time,
      flow: change.flow, fromServer: true, section: "stratum",
      facts: facts(of: change.session, in: change.flow, self) + [
        ("pool", .text(change.place)), ("scripts", .list(change.payout.outputs.map(\.script))),
        ("former_scripts", .list(change.former?.outputs.map(\.script) ?? [])), ("tag", .text(change.payout.tag ?? "")),
        ("former_tag", .text(change.former?.tag ?? "")), ("sessions", .count(UInt64(changed))),
        ("others", .count(UInt64(others))),
      ])
  }
}

extension Payouts {
  /// A pool that has paid others so often, all sessions together, does so by habit.
  fileprivate static var habit: Int { 3 }
}

extension Payouts.Change {
  /// What is different: the scripts, the tag, or both.
  fileprivate var what: String {
    guard let former else { return "payout" }
    let hasSameScripts = Set(former.outputs.map(\.script)) == Set(payout.outputs.map(\.script))
    return hasSameScripts ? "pool tag" : former.tag == payout.tag ? "payout" : "payout and pool tag"
  }
}

extension MiningPayout {
  /// `76a914... (90 %), 0014... as "/pool/"`.
  fileprivate var text: String {
    let total = outputs.reduce(0.0) { $0 + Double($1.amount) }
    var parts = outputs.prefix(2).map { output in
      output.script + (outputs.count > 1 && total > 0 ? " (\(percent(Double(output.amount) / total)))" : "")
    }
    if count > 2 { parts.append("and \(count - 2) more") }
    return parts.joined(separator: ", ") + (tag.map { " as \(quoted($0))" } ?? "")
  }
}
