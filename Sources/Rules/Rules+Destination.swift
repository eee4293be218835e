import Decode
import Policy
import Protocols

/// Rules about what else miners speak with, and who speaks with them.
extension Rule {
  static let destinations: [Rule] = [destinationUnlisted, destinationIndicator, destinationInbound]

  static let destinationUnlisted: Rule = Rule(
    id: 1002, name: "destination.unlisted", level: .high,
    title: "A miner reaches for a destination that is not allowed", category: "Unlisted destination",
    rationale: """
      A miner needs its pools, a resolver and a time server, and nothing else. Whatever else it opens a connection to, \
      or sends a datagram, a ping or any other packet to, is worth a question: this is how phoning home, remote \
      control and data theft begin. Tunnels are judged by where their outer packets go as well.
      """,
    advice: """
      Find out what the destination is and which program on the miner wants it. Block it at the gateway meanwhile: a \
      healthy miner goes on mining. If the site needs it, list it under `services.allow`.
      """,
    falsePositives: [
      "Firmware that looks for updates, or an agent of a fleet manager (HiveOS, Braiins Manager, Foreman).",
      "A destination allowed by name whose DNS answer was never seen: the connection is older than the monitor.",
    ],
    techniques: [
      .applicationLayerProtocol, .standardApplicationLayerProtocol, .commonlyUsedPort, .nonApplicationLayerProtocol,
    ],
    parameters: [.grace], hears: [.complaints]
  ) { observation, analysis in
    guard case .unlisted = analysis.verdict, let flow = observation.flow else { return nil }
    let kind = ipProtocolName(flow.ipProtocol)
    let name = observation.tlsSession?.serverName
    let brief =
      switch observation.application {
      case nil, .silent?: "\(kind), nothing said"
      case .some(.none): kind
      case .unknown?: "\(kind), unknown protocol"
      case let application?: "\(kind), \(spoken(application))" + (name.map { " for \(quoted($0))" } ?? "")
      }
    return Judgement(
      brief,
      message: "The miner sent \(kind) to \(analysis.server(of: flow)) (\(spoken(observation.application))), "
        + "which no pool, service or allowance of the policy explains.",
      subject: "\(hostAndPort(flow.server))/\(flow.ipProtocol)", destinationName: name, section: "destination",
      facts: [("protocol", .text(kind)), ("application", .text(observation.application?.rawValue ?? "silent"))])
  }

  static let destinationIndicator: Rule = Rule(
    id: 1003, name: "destination.indicator", level: .critical,
    title: "A miner and a known bad destination", category: "Indicator",
    rationale: """
      The address or the name stands on the list of indicators: places that served to control or harm miners before \
      (Antbleed's phone-home among them) or that this site flags. Asking for the name is enough, be it a resolver, a proxy or \
      a web server that is asked: no healthy firmware knows it.
      """,
    advice: """
      Take the miner off the network now and keep it powered for examination if you can. Look for other miners of the \
      same model and firmware: what is in one image is in all of them. Replace the firmware from a source that you trust.
      """,
    falsePositives: [
      "A laboratory that examines firmware.",
      "A cloud agent that the site uses on purpose and that the list also names: suppress it with a reason.",
    ],
    techniques: [.supplyChainCompromiseICS, .compromiseSoftwareSupplyChain, .remoteAccessTools],
    hears: [.complaints, .questions]
  ) { observation, analysis in
    if let (flow, message) = analysis.question(in: observation),
      let match = analysis.policy.indicator(name: message.question)
    {
      return Judgement(
        "asked for \(quoted(message.question)), \(match.note)",
        message: "The miner asked \(flow.server.address) for the name \(quoted(message.question)), which is on the "
          + "indicator list as \(match.value): \(match.note).",
        subject: "name \(match.value)", destinationName: message.question, section: "indicator",
        facts: [("value", .text(match.value)), ("note", .text(match.note)), ("name", .text(message.question))])
    }
    guard case .indicator(let match) = analysis.verdict, let flow = observation.flow else { return nil }
    if let host = analysis.askedIndicator(observation, in: flow)?.host {
      let name = quoted(host.port.map { "\(host.name):\($0)" } ?? host.name)
      return Judgement(
        "asked for \(name), \(match.note)",
        message: "The miner asked \(analysis.server(of: flow)) for the host \(name), which is on the indicator list as "
          + "\(match.value): \(match.note).",
        subject: "host \(match.value)", destinationName: host.name, section: "indicator",
        facts: [("value", .text(match.value)), ("note", .text(match.note)), ("name", .text(host.name))])
    }
    let isCaller = analysis.isMiner(flow.server.address) && !analysis.isMiner(flow.client.address)
    let other = isCaller ? flow.client : flow.server
    return Judgement(
      "\(isCaller ? "called by" : "reached for") \(match.value), \(match.note)",
      message:
        "\(isCaller ? "A host on the indicator list called the miner" : "The miner reached for a host on the indicator list"): "
        + "\(other.address) is \(match.value), \(match.note).",
      subject: "\(isCaller ? "caller" : "host") \(match.value)", destinationName: observation.tlsSession?.serverName,
      section: "indicator",
      facts: [("value", .text(match.value)), ("note", .text(match.note))])
  }

  static let destinationInbound: Rule = Rule(
    id: 1007, name: "destination.inbound", level: .critical,
    title: "A host outside the site opens a connection to a miner", category: "Inbound connection",
    rationale: """
      Miners call; nobody from outside has a reason to call them. Their management ports are weakly protected, and \
      whoever reaches one can change pools, stop the miner or replace its firmware. Even an unanswered attempt means that \
      packets from outside find their way to a miner.
      """,
    advice: """
      Close the way in first: port forwarding, UPnP, a VPN or a route that should not be. If the miner answered, assume \
      that its settings were read or changed, and compare pools, firmware and passwords with what they should be.
      """,
    falsePositives: [
      "A manager or an office network that the policy does not list under `miners.managers`.",
      "A forwarded port that somebody set up for remote support. It is still a way in.",
    ],
    techniques: [
      .internetAccessibleDevice, .externalRemoteServicesICS, .externalRemoteServices, .exploitPublicFacingApplication,
    ],
    hears: [.complaints]
  ) { observation, analysis in
    guard case .inbound(let answered) = analysis.verdict, let flow = observation.flow else { return nil }
    let isPing = flow.ipProtocol != IPProtocol.tcp && flow.ipProtocol != IPProtocol.udp
    let what =
      isPing ? "pinged the miner" : "opened \(ipProtocolName(flow.ipProtocol)) port \(flow.server.port) of the miner"
    let outcome =
      switch answered {
      case true?: "the miner answered"
      case false?: "not answered"
      case nil: "nothing said yet"
      }
    let carries = observation.application.flatMap { $0 == .silent || $0 == .none ? nil : ", \(spoken($0))" } ?? ""
    var facts: [(name: String, value: Finding.FactValue)] = [("port", .count(UInt64(flow.server.port)))]
    if let answered { facts.append(("answered", .flag(answered))) }
    return Judgement(
      "\(what) from outside\(carries): \(outcome)",
      message: "\(flow.client.address), which is outside the site, \(what)\(carries): \(outcome).",
      // Attempts on many ports are one story; a port that answered is one of its own.
      subject: answered == false ? "\(flow.client.address)" : "\(flow.client.address) on \(flow.server.port)",
      section: "inbound", facts: facts)
  }
}

extension Observation {
  /// What the flow carries, as far as this observation tells.
  var application: AppProtocol? {
    switch content {
    case .flowIdentified(let application): application
    case .flowEnded(_, let identified): identified
    case .stratum: .stratum
    case .dns: .dns
    case .ntp: .ntp
    case .ssh: .ssh
    case .tls(let event): event.session.transport == .stream ? .tls : .quic
    case .dhcp: .dhcp
    case .arp, .neighbour, .routerAdvertisement, .redirect, .localNames, .identifier: nil
    case .request(let request): request.surface == .http || request.surface == .agent ? .http : .minerAPI
    case .http(.introduced(let use)): use.identity
    case .http: .http
    case .requestAnswered, .requestUploaded, .streamConflict, .wrapped, .sensor: nil
    }
  }
}
