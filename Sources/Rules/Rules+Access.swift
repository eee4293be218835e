import Capture
import Decode
import Flows
import Policy
import Protocols

/// Rules about who touches miners, and whom miners touch.
extension Rule {
  static let controlAccess: Rule = Rule(
    id: 3002, name: "control.access", level: .high,
    title: "A host of the site that is no manager touches a miner", category: "Miner control",
    rationale: """
      Miners are for their managers. A host inside the site that opens a port of a miner without being one is somebody's \
      laptop, or has been taken over: an attacker comes from inside once a foothold is there. Reading the state of a miner \
      already gives away pools and users, and the same port takes commands. Hosts outside are told as destination.inbound.
      """,
    advice: """
      Find the host and ask what it does. If it should manage miners, list it under `miners.managers`; if not, keep it out of \
      the miners' network. See control.command for what it said.
      """,
    falsePositives: [
      "An operator's machine, or a monitoring server, that the policy does not list under `miners.managers`.",
      "A switch or a gateway that looks for hosts on the network.",
    ],
    techniques: [.unauthorizedCommandMessage, .exploitPublicFacingApplication, .remoteServices], hears: [.complaints]
  ) { observation, analysis in
    guard case .access(let answered) = analysis.verdict, let flow = observation.flow else { return nil }
    let isManagement = analysis.policy.commands.serves(ipProtocol: flow.ipProtocol, port: flow.server.port)
    let port = "\(ipProtocolName(flow.ipProtocol)) port \(flow.server.port)\(isManagement ? " (management)" : "")"
    let carries = observation.application.flatMap { $0 == .silent || $0 == .none ? nil : ", \(spoken($0))" } ?? ""
    let outcome =
      switch answered {
      case true?: "the miner answered"
      case false?: "not answered"
      case nil: "nothing said yet"
      }
    var facts: [(name: String, value: Finding.FactValue)] = [
      ("port", .count(UInt64(flow.server.port))), ("management", .flag(isManagement)),
    ]
    if let answered { facts.append(("answered", .flag(answered))) }
    return Judgement(
      "opened \(port) of the miner\(carries): \(outcome)",
      message: "\(flow.client.address), a host of the site that is no manager, opened \(port) of the miner\(carries): "
        + "\(outcome).",
      subject: answered == false ? "\(flow.client.address)" : "\(flow.client.address) on \(flow.server.port)",
      section: "access", facts: facts)
  }

  static let controlScan: Rule = Rule(
    id: 3005, name: "control.scan", level: .high,
    title: "A host probes miners", category: "Miner control",
    rationale: """
      Before miners are taken over, they are looked for. A host that is no manager and tries many miners within a minute, or many \
      ports of one, is drawing a map. Managers are left out: to poll the whole fleet is their work.
      """,
    advice: """
      Find the host. If it belongs to the site, look for what runs on it; if it does not, close the way that it came in by. Then \
      look through control.command and control.access for miners that answered.
      """,
    falsePositives: [
      "A fleet tool (pyasic, BTC Tools) on a machine that the policy does not list under `miners.managers`.",
      "The site's own vulnerability scanner: suppress it with a reason.",
    ],
    techniques: [.remoteSystemDiscovery, .networkServiceDiscovery],
    parameters: [.scanWindow, .scanMiners, .scanPorts], hears: [.openings]
  ) { observation, analysis in
    guard let flow = observation.flow, analysis.isStrangerTo(flow) else { return nil }
    let thresholds = (
      window: analysis.duration(.scanWindow, of: .controlScan),
      miners: Int(clamping: analysis.count(.scanMiners, of: .controlScan)),
      ports: Int(clamping: analysis.count(.scanPorts, of: .controlScan))
    )
    let scan = analysis.scans.note(
      flow.client.address, flow.server.address, ipProtocol: flow.ipProtocol, port: flow.server.port,
      at: observation.time, thresholds)
    guard let scan else { return nil }
    let (what, count) =
      switch scan {
      case .miners(let count): ("\(count) miners", count)
      case .ports(let count): ("\(count) ports of the miner", count)
      }
    let span = thresholds.window.shortText
    let judgement = Judgement(
      "probed \(what) within \(span)",
      message: "\(flow.client.address), which is no manager, probed \(what) within \(span); the latest was "
        + "\(hostAndPort(flow.server)).",
      subject: "\(flow.client.address)", section: "scan",
      facts: [("source", .text("\(flow.client.address)")), ("count", .count(UInt64(count)))])
    if case .ports = scan { judgement.subject += " ports of \(flow.server.address)" }
    return judgement
  }

  static let minerLateral: Rule = Rule(
    id: 3006, name: "miner.lateral", level: .high,
    title: "A miner opens connections inside the site", category: "Lateral movement",
    rationale: """
      Miners have nothing to say to each other, nor to the site's other hosts beyond the services that the policy lists. One \
      that opens connections to them has been taken over and looks for more: this is how malware for miners spread from \
      one to thousands.
      """,
    advice: """
      Take the miner off the network and keep it for examination. Treat every host that answered it as touched: check miners for \
      changed pools, firmware and SSH keys.
      """,
    falsePositives: [
      "A service of the site that the policy does not list: add it under `services`.",
      "An agent on the miner that reports to a manager: list the manager's port under `services.allow`.",
      "A ping of the gateway where neither its ARP nor DHCP is seen: list its address under `services`.",
    ],
    techniques: [.remoteServices, .remoteSystemDiscovery, .lateralToolTransfer],
    parameters: [], hears: [.complaints]
  ) { observation, analysis in
    guard case .lateral = analysis.verdict, let flow = observation.flow else { return nil }
    let other = flow.server.address
    let whom =
      analysis.isGateway(other, in: flow)
      ? "the gateway"
      : analysis.isMiner(other) ? "another miner" : analysis.isManager(other) ? "a manager" : "a host of the site"
    let carries = observation.application.flatMap { $0 == .none ? nil : ", \(spoken($0))" } ?? ", nothing said"
    let kind = ipProtocolName(flow.ipProtocol)
    return Judgement(
      "\(kind) to \(whom)\(carries)",
      message:
        "The miner sent \(kind) to \(whom), \(analysis.server(of: flow))\(carries), which no service or allowance "
        + "of the policy explains.",
      subject: "\(hostAndPort(flow.server))/\(flow.ipProtocol)", section: "lateral",
      facts: [
        ("protocol", .text(kind)), ("application", .text(observation.application?.rawValue ?? "silent")),
        ("to", .text(whom)),
      ])
  }

  static let controlMinerAsServer: Rule = Rule(
    id: 3007, name: "control.miner-as-server", level: .medium,
    title: "A miner answers on a port that miners do not serve", category: "Miner control",
    rationale: """
      The ports of miners' management are known, firmware by firmware. One that accepts connections on another port runs a \
      program that did not come with it: a backdoor, a proxy, somebody else's work.
      """,
    advice: """
      Ask what the port is for, and compare with another miner of the same model and firmware. If it is part of the firmware, add \
      it under `ports` to a file named under `detection.commands`.
      """,
    falsePositives: [
      "Firmware whose ports no vocabulary knows yet.",
      "A server inside `miners.networks` that is no miner: list it as a service or manager.",
    ],
    techniques: [.nonStandardPort, .serverSoftwareComponent], hears: [.flows]
  ) { observation, analysis in
    // Strangers who are answered are told of as such, with the port.
    guard case .none = analysis.verdict, let flow = observation.flow, observation.isAnsweredStream,
      analysis.isMiner(flow.server.address), !analysis.isMiner(flow.client.address),
      !analysis.policy.commands.serves(ipProtocol: flow.ipProtocol, port: flow.server.port)
    else { return nil }
    let carries = observation.application.flatMap { $0 == .silent || $0 == .none ? nil : ", \(spoken($0))" } ?? ""
    return Judgement(
      "answered on TCP port \(flow.server.port)\(carries)",
      message:
        "The miner answered \(flow.client.address) on TCP port \(flow.server.port)\(carries), which is no port that "
        + "miners are known to serve.",
      subject: "port \(flow.server.port)", fromServer: true, section: "service",
      facts: [("port", .count(UInt64(flow.server.port)))])
  }
}

extension Rule.Parameter {
  static let scanWindow = Rule.Parameter("window", .duration(.seconds(60)), "The time in which probes count together")
  static let scanMiners = Rule.Parameter("miners", .count(20), "Miners tried by one host that make a scan")
  static let scanPorts = Rule.Parameter("ports", .count(15), "Ports of one miner tried by one host that make a scan")
}

extension Analysis {
  /// Whether a flow goes to a miner from a host that has no business there: no manager and no miner.
  ///
  /// The site's servers send miners datagrams and look by ping which address is free, but open no connections to them.
  fileprivate func isStrangerTo(_ flow: FlowFacts) -> Bool {
    let client = flow.client.address
    guard isMiner(flow.server.address), !isMiner(client), !isManager(client), !client.isLinkLocal, !client.isUnspecified
    else { return false }
    if flow.ipProtocol == IPProtocol.tcp { return flow.basis > .guess || !isSite(client) }
    guard !isSite(client) else { return false }
    let isICMP = flow.ipProtocol == IPProtocol.icmp || flow.ipProtocol == IPProtocol.icmpv6
    return isICMP
      ? ICMPKind(ipProtocol: flow.ipProtocol, type: flow.icmpType).isExchange : flow.ipProtocol == IPProtocol.udp
  }
}

extension Observation {
  /// Whether it tells that the server of a TCP flow, seen from its SYN on, took the connection.
  fileprivate var isAnsweredStream: Bool {
    guard let flow, flow.ipProtocol == IPProtocol.tcp, flow.sawStart, flow.basis == .handshake else { return false }
    switch content {
    case .flowIdentified(let identity): return identity != .unknown && identity != .silent
    // One packet may be a refusal.
    case .flowEnded(let totals, identified: let identity):
      return (identity == nil || identity == .unknown || identity == .silent) && totals.toClient.packets > 1
    default: return false
    }
  }
}
