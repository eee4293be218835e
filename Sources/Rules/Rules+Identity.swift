import Capture
import Decode
import Policy
import Protocols

/// Rules about what tells a miner from others: that it stays the same, and that it stays on the site.
extension Rule {
  static let identities: [Rule] = [destinationIdentifiers, minerIdentity]

  static let destinationIdentifiers: Rule = Rule(
    id: 1009, name: "destination.identifiers", level: .high,
    title: "A miner's own address or serial number leaves the site in the clear", category: "Phone-home",
    rationale: """
      A miner sent its own link-layer address, its serial number or the number of a chip to a host outside the site. A pool \
      needs no such thing; whoever keeps a list of machines does, to stop or change one of them by name. Antbleed sent exactly \
      this. A name asked of DNS that has the address or the worker's name in it tells as much. What stays on the link, where addresses belong, and what goes to managers is no finding.
      """,
    advice: """
      Look at the whole message and at its destination. Block the destination at the gateway, and look for other miners of \
      the same firmware that speak with it. If the site uses the service, suppress the destination with a reason.
      """,
    falsePositives: [
      "An agent of a fleet manager in the cloud, which names the machine that it runs on.",
      "An identifier made from the link-layer address (UUID version 1) in ordinary software.",
    ],
    techniques: [.gatherVictimHostInformation, .theftOfOperationalInformation, .supplyChainCompromiseICS],
    hears: [.identifiers, .introductions, .mining, .dns]
  ) { observation, analysis in
    switch observation.content {
    case .identifier(let identifier): return analysis.leaks(identifier, in: observation)
    case .stratum(let event): return analysis.leaks(event, in: observation)
    case .dns: return analysis.question(in: observation).flatMap { analysis.leaks($0.message, in: $0.flow) }
    default: return nil
    }
  }

  static let minerIdentity: Rule = Rule(
    id: 3009, name: "miner.identity", level: .medium,
    title: "A miner's agent, banner or DHCP fingerprint changed without a firmware command",
    category: "Firmware change",
    rationale: """
      What a miner's programs call themselves (its mining agent, its SSH banner, its web server, the way it asks for an address) changes with \
      its firmware and with nothing else. It changed, the old name was not heard again, and nobody was seen to send firmware \
      before: somebody did it in another way, or another machine has taken the miner's place.
      """,
    advice: """
      Ask who worked on the miner. If nobody did, compare its firmware with what it should be, and look for others that \
      changed to the same name in the last days.
      """,
    falsePositives: [
      "Firmware that was installed from a memory card, or while the monitor was not running.",
      "A control board that was exchanged with its link-layer address.",
    ],
    techniques: [.systemFirmware, .masquerading], parameters: [.settling, .explained],
    hears: [.stratum, .shares, .shells, .http, .links],
    settle: { analysis in
      let settling = analysis.duration(.settling, of: .minerIdentity)
      let explained = analysis.duration(.explained, of: .minerIdentity)
      return analysis.identities.settle(at: analysis.now, settling: settling, explained: explained).map(changed)
    }
  ) { _, _ in nil }
}

extension Rule.Parameter {
  static let settling = Rule.Parameter(
    "settling", .duration(.seconds(600)), "How long the old name must not be heard any more before it is told")
  static let explained = Rule.Parameter(
    "explained", .duration(.seconds(86_400)), "How long after a firmware command a change is no surprise")
}

private func changed(_ change: Identities.Change) -> Judgement {
  let what = "\(change.trait.text) changed from \(quoted(change.old)) to \(quoted(change.new))"
  return Judgement(
    what,
    message: "The miner's \(what), and no firmware was seen to be sent to it before.",
    subject: "\(change.trait.text) \(change.new)", time: change.time, flow: change.flow, miner: change.miner,
    section: "identity",
    facts: [
      ("trait", .text(change.trait.text)), ("old", .text(change.old)), ("new", .text(change.new)),
      ("mac", .text(change.miner.mac.description)),
    ])
}
