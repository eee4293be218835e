import Capture
import Decode
import Policy
import Protocols

/// Rules about the miner network itself: who is on it, and who pretends to be somebody else.
extension Rule {
  static let lan: [Rule] = [lanNewDevice, lanARPSpoof, lanRogueDHCP, lanRogueRouter]

  static let lanNewDevice: Rule = Rule(
    id: 5001, name: "lan.new-device", level: .medium,
    title: "A machine in the miner networks that was not there before", category: "New device",
    rationale: """
      A miner network holds the same machines for months. One that is not in the inventory, was no miner before the monitor \
      was started anew and was not heard in the first minutes of the watch was plugged in, or comes from elsewhere: a laptop, \
      a rogue access point, a board that somebody exchanged. A known machine with another address is not new; behind a \
      router, where machines share its link-layer address, the address decides.
      """,
    advice: """
      Find the switch port of the link-layer address. If it is a new or repaired miner, add it to the inventory; if nobody \
      put it there, unplug it and look at what it talked to.
      """,
    falsePositives: [
      "A rack that is being put into service: the first ten machines are told one by one, the rest as a count.",
      "A miner that was switched off while the monitor learned, when there is no inventory.",
    ],
    techniques: [.hardwareAdditions, .transientCyberAsset], parameters: [.learn], hears: [.links, .flows]
  ) { observation, analysis in
    analysis.meet(in: observation)
  }

  static let lanARPSpoof: Rule = Rule(
    id: 5002, name: "lan.arp-spoof", level: .critical,
    title: "The gateway's, a server's or a miner's address is claimed by another machine", category: "Link hijack",
    rationale: """
      Two link-layer addresses claim one address in turns, by ARP or neighbour discovery: one machine answers in another's \
      place to read and change what miners and pools say to each other. A replaced board, a new lease and a router that takes \
      over from another do it once, and then the old one is silent; virtual addresses that routers share (VRRP, HSRP, GLBP) \
      are known.
      """,
    advice: """
      Find the switch port of the rival's link-layer address and shut it. Treat what miners said and heard since then as \
      known to somebody else: pool accounts, passwords, firmware. Static ARP entries, or inspection in the switch, prevent it.
      """,
    falsePositives: [
      "Two machines that were given the same address by hand.",
      "A server with several network cards that share its address (Linux bonding mode 6, teaming).",
      "A router that answers for hosts of the same link (proxy ARP).",
    ],
    techniques: [.arpCachePoisoning, .adversaryInTheMiddleICS], parameters: [.turns, .contest], hears: [.links]
  ) { observation, analysis in
    guard let claim = observation.claim else { return nil }
    let window = analysis.duration(.contest, of: .lanARPSpoof)
    guard analysis.role(of: claim.address, ownedBy: claim.mac) != nil || analysis.lan.owners.knows(claim) else {
      return nil
    }
    guard let contest = analysis.lan.owners.claim(claim, at: observation.time, window: window),
      contest.turns >= Int(clamping: analysis.count(.turns, of: .lanARPSpoof)), !analysis.mayShare(contest)
    else { return nil }
    return analysis.spoofed(claim, contest)
  }

  static let lanRogueDHCP: Rule = Rule(
    id: 5003, name: "lan.rogue-dhcp", level: .critical,
    title: "A DHCP server that is not the site's answers miners", category: "Link hijack",
    rationale: """
      Whoever hands out addresses also says who routes, who resolves names and whose time counts. A server that the policy \
      does not list under `services.dhcp` can lead every miner that asks through itself, without touching one.
      """,
    advice: """
      Find the switch port of the server's link-layer address and shut it. Miners that took its lease keep its gateway and \
      resolver until they renew: restart their network, and check what they were told below.
      """,
    falsePositives: [
      "A second server of the site, or its address on this link, that the policy does not list.",
      "A home router or an access point that somebody plugged in the wrong way round. It does the same harm.",
    ],
    techniques: [.dhcpSpoofing, .adversaryInTheMiddleICS], hears: [.links]
  ) { observation, analysis in
    guard case .dhcp(let message) = observation.content, message.isFromServer, let flow = observation.flow,
      let link = observation.link, !analysis.isSiteServer(message, flow, link),
      analysis.concernsMiners(message, flow, link)
    else { return nil }
    return analysis.rogueServer(message, flow, link)
  }

  static let lanRogueRouter: Rule = Rule(
    id: 5004, name: "lan.rogue-router", level: .critical,
    title: "A stranger advertises itself as router, or redirects a miner", category: "Link hijack",
    rationale: """
      An IPv6 router advertisement makes every host of a link send through its sender and ask its resolver, also where \
      nobody uses IPv6 on purpose; an ICMP redirect moves one destination of one host. Hosts believe both. A router is \
      known by the answers from the Internet that it brings; while the monitor learns, the first to advertise itself is \
      believed as well, unless it is a miner.
      """,
    advice: """
      Find the switch port of the sender's link-layer address and shut it. Router advertisement guard in the switches keeps \
      all but the router's own port from doing this, and miners need no redirects: block them.
      """,
    falsePositives: [
      "A router that was put into service after the monitor had learned: list its address under `services.dhcp`.",
      "A computer that shares its Internet connection (Windows) and advertises itself. It does the same harm.",
    ],
    techniques: [.adversaryInTheMiddle, .adversaryInTheMiddleICS], parameters: [.learn], hears: [.links]
  ) { observation, analysis in
    guard let link = observation.link, link.source != MACAddress.none, let flow = observation.flow else { return nil }
    switch observation.content {
    case .routerAdvertisement(let message): return analysis.advertised(message, flow, link)
    case .redirect(let redirect): return analysis.redirected(redirect, link)
    default: return nil
    }
  }
}

extension Rule.Parameter {
  static let learn = Rule.Parameter(
    "learn", .duration(.seconds(600)),
    "How long after its start the monitor takes what it sees for what should be there")
  static let turns = Rule.Parameter(
    "turns", .count(3), "How often an address must change hands between the two before it is told")
  static let contest = Rule.Parameter(
    "window", .duration(.seconds(600)),
    "How long turns are counted, and how long an owner may be silent and still be there")
}
