import Capture
import Decode
import Policy
import Protocols

/// What was learned, with the first question answered: who is a miner.
struct LearnedSite {
  let learner: Learner
  let policy: Policy
  private(set) var miners: Set<IPAddress> = []
  /// Every host that spoke.
  let hosts: Set<IPAddress>
  /// Places where hosts that mine nowhere in the clear hold long sessions over TLS.
  let tlsPlaces: Set<Learner.Place>

  /// What each address is called.
  private let names: [IPAddress: String]
  /// Answers that a single miner got while others were told something else.
  let strayAnswers: [Learner.Answer: IPAddress]

  /// A TLS session as short as this may be anything.
  private static let longSession = 600.0

  init(_ learner: Learner, policy: Policy, minersAreKnown: Bool) {
    self.learner = learner
    self.policy = policy
    (names, strayAnswers) = Self.names(from: learner.answers)
    hosts = Set(learner.flows.keys.map(\.client).filter { !$0.isUnspecified && !$0.isMulticast })
    let open = Set(learner.work.keys.map(\.miner))
      .union(learner.flows.keys.filter { $0.application == .stratumV2 }.map(\.client))
    let hidden = Self.hiddenMiners(learner, beside: open)
    tlsPlaces = Set(hidden.keys)
    miners = hidden.values.reduce(open) { $0.union($1) }
    if minersAreKnown { miners.formUnion(hosts.filter(policy.miners.contains)) }
  }

  /// The name that most were told for each address. An answer that a single miner got, where three or more were told another
  /// address, may be forged: it names nothing.
  private static func names(from answers: [Learner.Answer: Set<IPAddress>])
    -> ([IPAddress: String], [Learner.Answer: IPAddress])
  {
    var most: [String: Int] = [:]
    for (answer, askers) in answers { most[answer.name] = max(most[answer.name] ?? 0, askers.count) }
    var best: [IPAddress: (name: String, askers: Int)] = [:]
    var stray: [Learner.Answer: IPAddress] = [:]
    for (answer, askers) in answers {
      if let asker = askers.first, Proposal.isAlone(askers.count, beside: most[answer.name] ?? 0) {
        stray[answer] = asker
        continue
      }
      guard let name = try? HostName.parse(answer.name) else { continue }
      let known = best[answer.address]
      // Of names told as often the first in the alphabet, so that the same capture gives the same proposal.
      guard known.map({ (-$0.askers, $0.name) > (-askers.count, name) }) ?? true else { continue }
      best[answer.address] = (name, askers.count)
    }
    return (best.mapValues(\.name), stray)
  }

  /// Hosts that mine behind TLS, as far as that can be told from outside: three or more of them hold long sessions at the
  /// same place, and none of them mines in the clear.
  private static func hiddenMiners(_ learner: Learner, beside open: Set<IPAddress>) -> [Learner.Place: Set<IPAddress>] {
    var clients: [Learner.Place: Set<IPAddress>] = [:]
    for (kind, tally) in learner.flows where kind.application == .tls && tally.longest >= longSession {
      clients[Learner.Place(address: kind.server, port: kind.port), default: []].insert(kind.client)
    }
    return clients.filter { $0.value.count >= Proposal.majority && $0.value.isDisjoint(with: open) }
  }

  /// The host's name where its answers can be believed, and a policy can have it; else its address.
  func host(_ address: IPAddress) -> PoolEndpoint.Host {
    names[address].map { .name($0) } ?? .address(address)
  }

  /// Why no miner should have to do with it; nil when no list has it.
  func indicator(_ address: IPAddress, port: UInt16) -> String? {
    let indicators = policy.detection.indicators
    if let match = indicators.match(address: address, port: port) { return match.note }
    return names[address].flatMap { indicators.match(name: $0, port: port)?.note }
  }
}

extension PoolEndpoint.Host {
  /// As a policy has it.
  var text: String {
    switch self {
    case .name(let name): name
    case .address(let address): address.description
    }
  }

  var isName: Bool { if case .name = self { true } else { false } }
}
