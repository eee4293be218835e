import Capture
import Decode
import Policy
import Protocols
import Rules

/// What the miners of a site reach for beside their pools.
struct ServiceSurvey {
  struct Reached: Hashable {
    enum Use: Hashable {
      case dns, ntp, dhcp
      case other(ipProtocol: UInt8, port: UInt16, AppProtocol)
    }

    var host: PoolEndpoint.Host
    var use: Use
  }

  struct Tally {
    var miners: Set<IPAddress> = []
    var flows = 0
    /// Somebody there answered.
    var answered = false
    var indicator: String?
    /// It is a miner of this site.
    var isMiner = false
    /// No address of the Internet.
    var isPrivate = false
  }

  private(set) var reached: [Reached: Tally] = [:]
  /// Names that miners asked for, whoever did.
  let asked: [String: Set<IPAddress>]

  init(_ site: LearnedSite) {
    asked = site.learner.asked.mapValues { $0.intersection(site.miners) }.filter { !$0.value.isEmpty }
    let pools = Set(site.learner.work.keys.map(\.place)).union(site.tlsPlaces)
    let networks = PrefixSet(Proposal.subnets(around: site.miners))
    for (source, given) in site.learner.leases { add(source, given.intersection(site.miners), site) }
    for (kind, tally) in site.learner.flows where site.miners.contains(kind.client) {
      guard !Self.isOfNoConcern(kind, networks), kind.application != .stratumV2,
        !pools.contains(Learner.Place(address: kind.server, port: kind.port))
      else { continue }
      add(kind, tally, site)
    }
  }

  /// What the rules exempt too.
  private static func isOfNoConcern(_ kind: Learner.FlowKind, _ networks: PrefixSet) -> Bool {
    let exemption = Exemption.ofGroup(
      kind.server, isFrameToAll: kind.isToAll, ipProtocol: kind.ipProtocol, around: networks)
    return exemption != nil || kind.server.isUnspecified
  }

  /// A lease is the server's, whoever passed it on.
  private mutating func add(_ source: Learner.LeaseSource, _ given: Set<IPAddress>, _ site: LearnedSite) {
    guard !given.isEmpty else { return }
    for address in Set([source.server, source.sender]) {
      var sum = reached[Reached(host: .address(address), use: .dhcp)] ?? Tally()
      sum.miners.formUnion(given)
      sum.flows += given.count
      sum.answered = true
      sum.indicator = sum.indicator ?? site.indicator(address, port: 67)
      sum.isPrivate = address.isPrivate
      reached[Reached(host: .address(address), use: .dhcp)] = sum
    }
  }

  private mutating func add(_ kind: Learner.FlowKind, _ tally: Learner.FlowTally, _ site: LearnedSite) {
    let use: Reached.Use =
      switch kind.application {
      case .dns: .dns
      case .ntp: .ntp
      case .dhcp: .dhcp
      default: .other(ipProtocol: kind.ipProtocol, port: kind.port, kind.application)
      }
    // Resolvers and DHCP servers are known by address; a name would have to be asked of them first.
    let isAddressed = use == .dns || use == .dhcp
    let reached = Reached(host: isAddressed ? .address(kind.server) : site.host(kind.server), use: use)
    var sum = self.reached[reached] ?? Tally()
    sum.miners.insert(kind.client)
    sum.flows += tally.flows
    sum.answered = sum.answered || tally.bytesToClient > 0
    sum.indicator = sum.indicator ?? site.indicator(kind.server, port: kind.port)
    sum.isMiner = sum.isMiner || site.miners.contains(kind.server)
    sum.isPrivate = sum.isPrivate || kind.server.isPrivate
    self.reached[reached] = sum
  }
}

// MARK: - What is proposed

extension Proposal {
  mutating func propose(_ survey: ServiceSurvey) {
    let most = survey.reached.values.map(\.miners.count).max() ?? 0
    let crowd = max(most, minerCount)
    var ports: [PoolEndpoint.Host: (ports: Set<String>, note: String)] = [:]
    for (reached, tally) in survey.reached.sorted(by: { Self.text($0.key) < Self.text($1.key) }) {
      if let why = Self.oddity(of: reached, tally, beside: crowd) {
        odd.append(why)
        continue
      }
      let note = counted(tally.miners.count, "miner") + (tally.isPrivate ? "" : ", outside the site")
      let entry = Entry(value: reached.host.text, note: note)
      switch reached.use {
      case .dns: dns.append(entry)
      case .ntp: ntp.append(entry)
      case .dhcp: dhcp.append(entry)
      case .other(let ipProtocol, let port, let application):
        guard !isExplained(reached.host, ipProtocol) else { continue }
        let match = Policy.PortMatch(ipProtocol: ipProtocol, ports: port == 0 ? nil : port...port).description
        ports[reached.host, default: ([], "")].ports.insert(match)
        ports[reached.host]?.note = "\(note), \(application.rawValue)"
      }
    }
    for (host, found) in ports.sorted(by: { $0.key.text < $1.key.text }) {
      allow.append(
        Allowance(name: "seen at \(host.text)", host: host.text, ports: found.ports.sorted(), note: found.note))
    }
    tellNames(survey)
  }

  /// A ping of what a miner may reach anyway.
  private func isExplained(_ host: PoolEndpoint.Host, _ ipProtocol: UInt8) -> Bool {
    guard ipProtocol == IPProtocol.icmp || ipProtocol == IPProtocol.icmpv6 else { return false }
    return (dns + ntp + dhcp).contains { $0.value == host.text } || poolHosts.contains(host.text)
  }

  private var poolHosts: Set<String> {
    Set(pools.flatMap(\.endpoints).compactMap { (try? PoolEndpoint(parsing: $0.value))?.host.text })
  }

  private static func oddity(of reached: ServiceSurvey.Reached, _ tally: ServiceSurvey.Tally, beside most: Int)
    -> String?
  {
    let who = names(tally.miners)
    let what = "\(who) reached for \(text(reached))\(tally.flows == 1 ? "" : " \(tally.flows) times")"
    if let note = tally.indicator { return "\(what), which is an indicator: \(note)" }
    if tally.isMiner { return "\(what), which is a miner" }
    if !tally.answered { return "\(what), where nobody answered" }
    if case .other(let ipProtocol, _, _) = reached.use,
      ![IPProtocol.tcp, IPProtocol.udp, IPProtocol.icmp, IPProtocol.icmpv6].contains(ipProtocol)
    {
      return "\(what): a tunnel, or something like it"
    }
    return isAlone(tally.miners.count, beside: most) ? "\(what); no other miner did" : nil
  }

  private static func text(_ reached: ServiceSurvey.Reached) -> String {
    switch reached.use {
    case .dns: "\(reached.host.text) as a resolver"
    case .ntp: "\(reached.host.text) for the time"
    case .dhcp: "\(reached.host.text) for its address"
    case .other(let ipProtocol, let port, let application):
      "\(reached.host.text) at "
        + Policy.PortMatch(ipProtocol: ipProtocol, ports: port == 0 ? nil : port...port).description
        + " (\(application.rawValue))"
    }
  }

  /// Names that were asked for and that nothing above explains.
  private mutating func tellNames(_ survey: ServiceSurvey) {
    let explained = poolHosts.union((dns + ntp + dhcp).map(\.value)).union(allow.map(\.host))
    for (name, miners) in survey.asked.sorted(by: { $0.key < $1.key }) where !explained.contains(name) {
      guard !name.hasSuffix(".arpa"), !name.hasSuffix(".local") else { continue }
      odd.append("\(counted(miners.count, "miner")) asked for the name \"\(name)\", which nothing here explains")
    }
  }
}
