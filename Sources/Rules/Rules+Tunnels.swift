import Decode
import Policy
import Protocols

/// Rules about what goes past whoever watches.
extension Rule {
  static let tunnels: [Rule] = [poolTunnelled, destinationTunnel, dnsEncrypted]

  static let poolTunnelled: Rule = Rule(
    id: 1005, name: "pool.tunnelled", level: .high,
    title: "Mining inside another protocol", category: "Pool switch",
    rationale: """
      A miner mines through an HTTP proxy (CONNECT), a SOCKS proxy or a WebSocket. A firewall sees a connection to the \
      proxy and no pool; who is paid is decided behind it. Where the pool that the miner asks the proxy for is not \
      allowed, this is a pool switch in disguise, and critical.
      """,
    advice: """
      Find out who set the proxy: read the miner's pool settings, where cgminer's URLs begin with `socks5:` or the like, \
      and what else runs on it. If the site wants a proxy, list the proxy as an endpoint of the pool and let miners speak \
      plain Stratum to it.
      """,
    falsePositives: [
      "A farm proxy that takes Stratum over WebSocket, or a site whose only way out is an HTTP proxy. Suppress this rule for its address."
    ],
    techniques: [.proxy, .connectionProxy, .computeHijacking], hears: [.complaints]
  ) { observation, analysis in
    guard case .tunnelledPool(let wrapper, let isAllowed) = analysis.verdict, let flow = observation.flow else {
      return nil
    }
    let target = wrapper.host.map { host in wrapper.port.map { "\(host):\($0)" } ?? host }
    let way = wayName(wrapper.kind)
    let known = Rules.way(of: observation)
    let goal = target.map { " to \(quoted($0))" } ?? ""
    let because =
      target == nil ? "" : isAllowed ? ", which is an allowed pool's" : ", which is no endpoint of an allowed pool"
    var facts = facts(of: observation, in: flow, analysis)
    facts.append(("tunnel", .text(wrapper.kind.rawValue)))
    if let target { facts.append(("target", .text(target))) }
    return Judgement(
      "mining inside \(way)\(goal), \(known)",
      message: "The miner mines inside \(way) by way of \(analysis.server(of: flow))\(goal)\(because).",
      subject: "\(hostAndPort(flow.server)) \(target ?? "")", level: isAllowed || target == nil ? nil : .critical,
      section: "stratum", facts: facts)
  }

  static let destinationTunnel: Rule = Rule(
    id: 1008, name: "destination.tunnel", level: .high,
    title: "A tunnel leads out of a miner", category: "Tunnel",
    rationale: """
      A miner opens a tunnel to the outside: GRE, IP in IP, VXLAN, IPsec, WireGuard, OpenVPN, Tor, or SSH, which forwards \
      ports as well. Through it anybody may come back in, and whatever the miner does inside is invisible here. Stock \
      firmware never does this.
      """,
    advice: """
      Block the destination at the gateway now, then examine the miner: who installed the program, and what else was \
      reached through it. Treat the miner network as open to the other end until you know.
      """,
    falsePositives: [
      "A site-to-site tunnel whose end has an address in `miners.networks`: suppress this rule for that address.",
      "Remote support over SSH or a VPN that the site agreed to: list its far end under `services.allow`.",
    ],
    techniques: [.protocolTunneling, .proxy, .remoteAccessTools, .connectionProxy], parameters: [.grace],
    hears: [.complaints]
  ) { observation, analysis in
    guard case .tunnel(let passage) = analysis.verdict, let flow = observation.flow else { return nil }
    let ends = passage == .ssh ? analysis.shells[flow.id] : nil
    let programs = [("the miner's", ends?.client), ("the other end's", ends?.server)].compactMap { whose, line in
      line.map { "\(whose) \(quoted($0))" }
    }
    let detail = programs.isEmpty ? "" : ": " + programs.joined(separator: ", ")
    var facts: [(name: String, value: Finding.FactValue)] = [
      ("kind", .text(passage.rawValue)), ("protocol", .text(ipProtocolName(flow.ipProtocol))),
    ]
    if let line = ends?.client { facts.append(("client", .text(line))) }
    if let line = ends?.server { facts.append(("server", .text(line))) }
    return Judgement(
      "\(passage.name) to the outside\(detail)",
      message: "The miner opened a tunnel (\(passage.name)) to \(analysis.server(of: flow))\(detail).",
      subject: "\(hostAndPort(flow.server))/\(passage.rawValue)", section: "tunnel", facts: facts)
  }

  static let dnsEncrypted: Rule = Rule(
    id: 1103, name: "dns.encrypted", level: .high,
    title: "A miner asks for names where nobody can read them", category: "Unlisted resolver",
    rationale: """
      A miner speaks DNS over TLS, HTTPS or QUIC. What it asks and is told cannot be read, so neither the rules on names \
      nor the site's resolver have a say any more, and names alone can carry data out. Stock firmware asks in plain DNS.
      """,
    advice: """
      Find out which program on the miner brings its own resolver: a fleet manager's agent, or something that does not \
      want to be seen. Block port 853 and the resolver's address at the gateway; the miner then falls back to the site's.
      """,
    falsePositives: [
      "An agent with DNS over HTTPS built in. Allow the resolver under `services.allow` if you accept it.",
      "A public resolver that `services.dns` lists: that is for names which can be read. List it under `services.allow` as well.",
      "HTTPS to a public resolver's own web page: the addresses are the same.",
    ],
    techniques: [.dns, .protocolTunneling, .encryptedChannel], hears: [.complaints]
  ) { observation, analysis in
    guard case .encryptedDNS(let kind) = analysis.verdict, let flow = observation.flow else { return nil }
    let name = observation.tlsSession?.serverName
    return Judgement(
      kind.name,
      message: "The miner speaks \(kind.name) with \(analysis.server(of: flow))"
        + (name.map { ", which it calls \(quoted($0))." } ?? "."),
      subject: "\(flow.server.address) \(kind.rawValue)", destinationName: name, section: "dns",
      facts: [("transport", .text(kind.rawValue)), ("resolver", .text(flow.server.address.description))])
  }
}

/// A wrapper in words.
private func wayName(_ kind: Wrapper.Kind) -> String {
  switch kind {
  case .httpConnect: "HTTP CONNECT"
  case .socks4: "SOCKS 4"
  case .socks5: "SOCKS 5"
  case .webSocket: "a WebSocket"
  }
}
