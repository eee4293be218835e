package import Capture
package import Decode
import Flows
package import Policy
package import Protocols

/// What the rules know: the policy, the site as it was seen, and what still waits to be decided.
///
/// A rule gets it `inout`: it may remember things here, within the bounds of `Limits`. There is one for the whole site.
package struct Analysis: ~Copyable, Sendable {
  package internal(set) var policy: Policy
  /// Packet time: that of the latest observation or tick.
  package internal(set) var now: Timestamp
  /// When the monitor began to watch.
  package internal(set) var start: Timestamp
  /// Names and addresses, learned from the answers of allowed resolvers.
  package internal(set) var bindings = Bindings()
  /// Miners and mining sessions that were seen.
  package internal(set) var fleet = Fleet()
  /// Redirects that a miner may still follow.
  package internal(set) var redirects = PendingRedirects()
  /// Flows that carry one protocol inside another.
  package internal(set) var wrappers = Wrappers()
  /// What both ends of the miners' SSH sessions call themselves.
  package internal(set) var shells = ShellNames()
  /// How much of the fleet's mining can be read.
  package internal(set) var readability = Readability()
  /// Commands to miners whose answer is waited for.
  package internal(set) var commands = CommandWatch()
  /// Files that come to miners, and that miners fetch, in pieces.
  package internal(set) var pieces = FilePieces()
  /// Who tries many miners, or many ports of one.
  package internal(set) var scans = ScanWatch()
  /// The links that miners are on.
  package internal(set) var lan = LocalNetwork()
  /// Names that miners ask for, and how often they ask for the time.
  var nameTraffic = NameTraffic()
  var unaskedAnswers = UnaskedAnswers()
  var timeTraffic = TimeTraffic()
  /// What miners call themselves.
  package internal(set) var identities = Identities()
  /// What mining sessions are given to work on, and what comes of it.
  package internal(set) var jobs = JobBook()
  /// For whom miners work.
  package internal(set) var allegiances = Allegiances()
  /// Who pools' coinbases pay.
  package internal(set) var payouts = Payouts()
  /// Where each miner's work goes, and those that change together.
  package internal(set) var switches = Switches()
  /// Calls of miners to places that nothing explains, and who goes there for the first time.
  package internal(set) var beacons = Beacons()
  package internal(set) var newDestinations = NewDestinations()
  /// What miners do by the hour, and what of it is too much.
  package internal(set) var traffic = Traffic()
  var leaks: [Traffic.Leak] = []
  var flowLeaks: [(volume: FlowVolume, flow: FlowFacts)] = []
  /// The watch is at its end: what waits for more is told as it stands.
  var isEnding = false
  /// Who works, who fell silent, and what many do together.
  package internal(set) var fleetWatch = FleetWatch()
  /// What reached miners of late, for what comes after.
  var exchanges = Exchanges()
  /// What exemptions have hidden.
  package internal(set) var exemptions: [Exemption: UInt64] = [:]
  /// What the destination of the flow at hand is to the policy; `none` while no flow is being judged.
  package internal(set) var verdict = Verdict.none
  private let place = InPlace()

  package init(policy: Policy, start: Timestamp) {
    self.policy = policy
    self.start = start
    now = start
  }
}

// MARK: - Settings

extension Analysis {
  /// A parameter of a rule, as the policy sets it or by default. Zero when it is not a duration, which a test rules out.
  package func duration(_ parameter: Rule.Parameter, of rule: Rule) -> Duration {
    guard case .duration(let value) = setting(parameter, of: rule) else { return .zero }
    return value
  }

  package func fraction(_ parameter: Rule.Parameter, of rule: Rule) -> Double {
    guard case .fraction(let value) = setting(parameter, of: rule) else { return 0 }
    return value
  }

  package func count(_ parameter: Rule.Parameter, of rule: Rule) -> UInt64 {
    guard case .count(let value) = setting(parameter, of: rule) else { return 0 }
    return UInt64(clamping: value)
  }

  private func setting(_ parameter: Rule.Parameter, of rule: Rule) -> Rule.Parameter.Value {
    switch policy.detection.overrides[rule.name]?.parameters[parameter.name] {
    case .duration(let value): .duration(value)
    case .fraction(let value): .fraction(value)
    case .count(let value): .count(value)
    case nil: parameter.value
    }
  }
}

// MARK: - Who and where

// A policy that is asked is handed over as a copy, all of it, and these are asked many times a login: so they ask its parts.
extension Analysis {
  package func isMiner(_ address: IPAddress) -> Bool { policy.miners.contains(address) }

  package func isManager(_ address: IPAddress) -> Bool { policy.miners.managers.contains(address) }

  /// The site's own: miners, managers and the private addresses of its services. `services.allow` is outside, and so is a public
  /// resolver or time server that the site uses.
  package func isSite(_ address: IPAddress) -> Bool {
    if policy.miners.networks.contains(address) || isManager(address) { return true }
    return address.isPrivate && policy.services.isServer(address)
  }
}

extension Analysis {
  /// The flow of an observation whose client is a miner: what rules about sessions ask for first.
  package func minerFlow(_ observation: Observation) -> FlowFacts? {
    guard let flow = observation.flow, isMiner(flow.client.address) else { return nil }
    return flow
  }

  /// What an address is called, by the latest answer that named it.
  package func name(of address: IPAddress) -> String? {
    bindings.names(of: address).first
  }

  /// `203.0.113.9:3333 (evil.example)`: how a sentence names the server of a flow.
  package func server(of flow: FlowFacts) -> String {
    hostAndPort(flow.server) + (name(of: flow.server.address).map { " (\($0))" } ?? "")
  }

  mutating func count(_ exemption: Exemption) {
    exemptions[exemption, default: 0] &+= 1
  }
}
