import Capture
import Policy
import Protocols

extension Rule {
  static let monitorUnreadable: Rule = Rule(
    id: 9007, name: "monitor.unreadable", level: .info,
    title: "Part of the fleet mines where the monitor cannot read", category: "Monitor",
    rationale: """
      Sessions over TLS or Stratum V2 are judged by endpoint, handshake, sizes and timing alone: accounts, jobs and \
      redirects inside stay unseen. This tells for what share of the fleet that is so, and at level medium when the share \
      grows, for then somebody has changed how miners mine.
      """,
    advice: """
      Know the share, and that it is what you want: encryption keeps others from reading, too. When it grows and nobody \
      changed the miners' pools, look at which miners did and at who set them up.
      """,
    falsePositives: ["A pool or a firmware that was moved to TLS or Stratum V2 on purpose."],
    techniques: [], parameters: [.unreadableSettling, .period, .growth], hears: [.identified, .introductions, .tls],
    settle: { analysis in
      let now = analysis.now
      let settled = analysis.start.advanced(by: analysis.duration(.unreadableSettling, of: .monitorUnreadable))
      guard now >= settled, analysis.readability.encrypted > 0, analysis.readability.isDue(at: now) else { return [] }
      let share = analysis.readability.share
      let told = analysis.readability.told
      let growth = share - (told?.share ?? share)
      let hasGrown = growth > 0 && growth >= analysis.fraction(.growth, of: .monitorUnreadable)
      let isOld = told.map {
        now >= $0.at.advanced(by: analysis.duration(.period, of: .monitorUnreadable))
      }
      guard hasGrown || isOld ?? true else { return [] }
      analysis.readability.tell(at: now)
      let (encrypted, miners) = (analysis.readability.encrypted, analysis.readability.miners)
      let what = "\(encrypted) of \(counted(UInt64(miners), "miner")) (\(percent(share))) mine encrypted"
      let before = hasGrown ? (told.map { ", up from \(percent($0.share))" } ?? "") : ""
      return [
        Judgement(
          what + before, message: "\(what)\(before): their sessions are judged by endpoint, sizes and timing only.",
          subject: what, level: hasGrown ? .medium : nil, section: "monitor",
          facts: [
            ("encrypted", .count(UInt64(encrypted))), ("miners", .count(UInt64(miners))), ("share", .number(share)),
          ])
      ]
    }
  ) { observation, analysis in
    guard let flow = analysis.minerFlow(observation) else { return nil }
    switch observation.content {
    case .stratum(let event):
      if case .introduced = event.what { analysis.noteSession(in: flow, isEncrypted: false) }
    case .flowIdentified(.stratumV2): analysis.noteSession(in: flow, isEncrypted: true)
    case .tls:
      if case .allowed(.pool) = analysis.verdict { analysis.noteSession(in: flow, isEncrypted: true) }
    default: break
    }
    return nil
  }
}

extension Analysis {
  fileprivate mutating func noteSession(in flow: FlowFacts, isEncrypted: Bool) {
    fleet.saw(flow.client, at: now)
    readability.note(fleet.miners.place(of: flow.client.address), isEncrypted: isEncrypted)
  }
}

extension Rule.Parameter {
  static let unreadableSettling = Rule.Parameter(
    "settling", .duration(.seconds(600)), "How long the monitor watches before it tells a share for the first time")
  static let period = Rule.Parameter("period", .duration(.seconds(86_400)), "How often the share is told when it stays")
  static let growth = Rule.Parameter(
    "growth", .fraction(0.1), "How much the share must grow over what was told last, to be told at level medium")
}
