import Decode
import Policy
import Protocols

/// Rules about names and time: what a miner asks, whom, and what it is told.
extension Rule {
  static let names: [Rule] = [dnsUnlistedName, dnsUnlistedResolver, dnsPoolAddress, ntpUnlisted]

  static let dnsUnlistedName: Rule = Rule(
    id: 1101, name: "dns.unlisted-name", level: .medium,
    title: "A miner asks for a name that is not allowed", category: "Unlisted name",
    rationale: """
      A miner asks for the names of its pools and time servers: a handful, always the same. Another name says where it \
      wants to go before it goes there, even when the connection then fails or hides in encryption; and names alone can \
      carry data out.
      """,
    advice: """
      Look the name up in the firmware's documentation and ask who else on the site asks for it. If it belongs to what \
      miners may do, list the host under `pools` or `services.allow`.
      """,
    falsePositives: [
      "A search domain behind an allowed name (`pool.example.com.lan`) that no DHCP server was heard to tell.",
      "Firmware that looks for updates.",
    ],
    techniques: [.dns, .applicationLayerProtocol], hears: [.questions]
  ) { observation, analysis in
    guard let (flow, message) = analysis.question(in: observation) else { return nil }
    let name = message.question
    if flow.server.address.isLinkLocal, flow.server.address.isMulticast {
      analysis.count(.linkLocalName)
      return nil
    }
    if ReverseName(name) != nil {
      analysis.count(.reverseLookup)
      return nil
    }
    if let exemption = analysis.exemption(ofName: name) {
      analysis.count(exemption)
      return nil
    }
    // An indicator is told of as such.
    guard !analysis.policy.explains(name: name), analysis.policy.indicator(name: name) == nil else {
      return nil
    }
    // Nor is one by one what a tunnel is made of, or what is told for what the name carries.
    let domain = NameShape.domain(of: name)
    guard !analysis.isTunnelTold(below: domain, by: flow, at: observation.time),
      analysis.leaks(message, in: flow) == nil
    else { return nil }
    return Judgement(
      "asked for \(quoted(name))",
      message:
        "The miner asked \(flow.server.address) for the name \(quoted(name)), which no pool, service or allowance "
        + "of the policy explains.",
      // Long and random names below one domain are one story.
      subject: NameShape.isOdd(name, below: domain) ? String(domain) : name, destinationName: name, section: "dns",
      facts: [("name", .text(name)), ("type", .count(UInt64(message.questionType)))])
  }

  static let dnsUnlistedResolver: Rule = Rule(
    id: 1102, name: "dns.unlisted-resolver", level: .high,
    title: "A miner asks a resolver that is not the site's", category: "Unlisted resolver",
    rationale: """
      Whoever answers a miner's questions decides where it mines. A resolver outside the site's control can send it \
      anywhere, and a miner that brings its own resolver goes round every filter on names.
      """,
    advice: """
      Check the miner's network settings and what DHCP hands out. Block port 53 to the outside at the gateway, so that \
      only the site's resolvers answer.
      """,
    falsePositives: [
      "Firmware with a public resolver as fallback (HiveOS uses 8.8.8.8 and 1.1.1.1).",
      "A resolver of the site that `services.dns` does not list.",
    ],
    techniques: [.dns, .protocolTunneling], hears: [.complaints]
  ) { observation, analysis in
    guard case .unlistedResolver = analysis.verdict, let flow = observation.flow else { return nil }
    return Judgement(
      "DNS to a resolver that is not the site's",
      message: "The miner asks the resolver \(analysis.server(of: flow)), which is none of the site's.",
      subject: flow.server.address.description, section: "dns",
      facts: [("resolver", .text(flow.server.address.description))])
  }

  static let dnsPoolAddress: Rule = Rule(
    id: 1105, name: "dns.pool-address", level: .critical,
    title: "A pool's name is answered with an address that cannot be the pool's", category: "Pool hijack",
    rationale: """
      A miner was told that an allowed pool is at an address outside the ranges that the policy pins, or at a private \
      address, got two different answers to one question, or an answer without a question. This is how a whole site is moved to another pool without \
      touching a miner. Minewatch does not believe such an answer: mining there is reported as well.
      """,
    advice: """
      Ask another resolver, over another path, for the same name. If it disagrees, flush or replace the site's resolver \
      and see who answers in its place. Miners keep a wrong address until they reconnect: restart their mining afterwards.
      """,
    falsePositives: [
      "The pool moved to new addresses: check with the pool, then correct `addresses`.",
      "A question that the capture lost, when the pool has just moved.",
      "The site answers the pool's name with its own proxy: list the proxy's address as an endpoint of the pool.",
    ],
    techniques: [.adversaryInTheMiddle, .compromiseDNSServer], hears: [.answers]
  ) { observation, analysis in
    guard let flow = analysis.minerFlow(observation), case .dns(let message) = observation.content,
      let oddity = analysis.poolAddressOddity(in: message) ?? analysis.unaskedPoolAddress(in: message, flow)
    else { return nil }
    let address = oddity.address?.description ?? "no address"
    let why =
      switch oddity.kind {
      case .outsidePinned: "outside the pool's own ranges"
      case .privateAddress: "where no pool on the Internet can be"
      case .contradiction: "after another answer to the same question"
      case .unasked: "though nobody had asked"
      }
    return Judgement(
      "\(quoted(message.question)) answered with \(address), \(why)",
      message: "The miner was told by \(flow.server.address) that \(quoted(message.question)), a host of pool "
        + "\(quoted(oddity.pool)), is at \(address), \(why).",
      subject: "\(message.question) \(address)", fromServer: true, destinationName: message.question, section: "dns",
      facts: [
        ("name", .text(message.question)), ("pool", .text(oddity.pool)),
        ("addresses", .list(message.addresses.map(\.address.description))), ("contradicts", .flag(message.contradicts)),
      ])
  }

  static let ntpUnlisted: Rule = Rule(
    id: 1106, name: "ntp.unlisted", level: .low,
    title: "A miner takes its time from a server that is not the site's", category: "Unlisted time server",
    rationale: """
      Clocks trigger scheduled stops and decide whether certificates are valid, so whoever sets them has a say. And port \
      123 is open in most firewalls, which makes it a way out.
      """,
    advice:
      "Point the miners at the site's time server by DHCP or in their settings, or list the server under `services.ntp`.",
    falsePositives: ["Stock firmware that asks the servers of pool.ntp.org: allow those names if you accept them."],
    techniques: [.applicationLayerProtocol], hears: [.complaints]
  ) { observation, analysis in
    guard case .unlistedTimeServer = analysis.verdict, let flow = observation.flow else { return nil }
    return Judgement(
      "NTP to a server that is not the site's",
      message: "The miner takes its time from \(analysis.server(of: flow)), which is none of the site's time servers.",
      subject: flow.server.address.description, section: "ntp",
      facts: [("server", .text(flow.server.address.description))])
  }
}

extension Analysis {
  /// The question that a miner asks, if the observation is one.
  func question(in observation: Observation) -> (flow: FlowFacts, message: DNSMessage)? {
    guard case .dns(let message) = observation.content, !message.isResponse, !message.question.isEmpty,
      let flow = minerFlow(observation)
    else { return nil }
    return (flow, message)
  }
}

extension Analysis {
  /// Why nobody asks about a name: it stays on the miner (RFC 6761 §6.3), or is an allowed one behind which the resolver tried
  /// the site's own domain.
  fileprivate func exemption(ofName name: String) -> Exemption? {
    if name == "localhost" || name.hasSuffix(".localhost") { return .localhost }
    let isSearched = lan.searchDomains.contains { domain in
      guard name.hasSuffix("." + domain) else { return false }
      let tried = String(name.dropLast(domain.count + 1))
      return tried == "localhost" || policy.explains(name: tried)
    }
    return isSearched ? .searchDomain : nil
  }
}
