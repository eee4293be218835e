import Capture
import Decode
import Flows
import Protocols
import Rules

/// What was seen of a site, for a policy to be proposed from: who spoke with whom and how, who mined where and for whom,
/// which names were asked for and answered.
///
/// It judges nothing: ``Proposal`` does. Bounded: past ``Capture/Limits/learnedFacts`` new facts are counted, not kept.
struct Learner: Sendable {
  /// One kind of flow between two hosts.
  struct FlowKind: Hashable, Sendable {
    var client: IPAddress
    var server: IPAddress
    /// 0 for protocols without ports.
    var port: UInt16
    var ipProtocol: UInt8
    var application: AppProtocol
    /// Its frames went to everybody.
    var isToAll = false
  }

  /// A DHCP server, by what its messages say, and who sent them: itself, or a relay.
  struct LeaseSource: Hashable, Sendable {
    var server: IPAddress
    var sender: IPAddress
  }

  struct FlowTally: Sendable {
    var flows = 0
    /// The longest-lived of them, in seconds.
    var longest = 0.0
    var bytesToServer: UInt64 = 0
    var bytesToClient: UInt64 = 0
    var firstSeen: Timestamp
  }

  /// A place of mining as the wire shows it.
  struct Place: Hashable, Sendable {
    var address: IPAddress
    var port: UInt16
  }

  /// Who mines where for whom.
  struct Worker: Hashable, Sendable {
    var miner: IPAddress
    var place: Place
    /// Nil where the login was not seen.
    var user: String?
  }

  struct Workplace: Hashable, Sendable {
    var miner: IPAddress
    var place: Place
  }

  struct Work: Sendable {
    var sessions = 0
    var accepted: UInt64 = 0
    /// Sum of the difficulty of accepted shares, where it was known.
    var difficulty = 0.0
  }

  /// That a name stands for an address.
  struct Answer: Hashable, Sendable {
    var name: String
    var address: IPAddress
  }

  private(set) var flows: [FlowKind: FlowTally] = [:]
  private(set) var work: [Worker: Work] = [:]
  /// Where miners worked while they worked elsewhere too.
  private(set) var overlaps: Set<Workplace> = []
  /// Names asked for, and who asked.
  private(set) var asked: [String: Set<IPAddress>] = [:]
  /// By answers of any resolver: who was told an address under a name.
  private(set) var answers: [Answer: Set<IPAddress>] = [:]
  /// Who was given an address by whom.
  private(set) var leases: [LeaseSource: Set<IPAddress>] = [:]
  private(set) var firstNamed: [IPAddress: Timestamp] = [:]
  private(set) var firstSeen: Timestamp?
  private(set) var lastSeen: Timestamp?
  /// Facts that found no room.
  private(set) var leftOut: UInt64 = 0

  private var facts = 0
  /// Of each miner, the time that it has worked at a place without a gap, by place.
  private var latest: [IPAddress: [Place: Span]] = [:]

  private struct Span {
    var start: Timestamp
    var end: Timestamp
  }

  /// Work at two places that overlaps for less is one of them taking over from the other.
  private static let takeover = Duration.seconds(180)

  init() {}

  mutating func hear(_ observation: Observation) {
    firstSeen = firstSeen ?? observation.time
    lastSeen = max(lastSeen ?? observation.time, observation.time)
    guard let flow = observation.flow else { return }
    switch observation.content {
    case .flowEnded(let totals, let identified): note(flow, totals, identified ?? .silent)
    case .stratum(let event): note(event, flow, at: observation.time)
    case .dns(let message): note(message, flow, at: observation.time)
    case .dhcp(let message): note(message, flow)
    default: break
    }
  }

  /// Whether there is room for one more fact.
  private mutating func hasRoom() -> Bool {
    guard facts < Limits.learnedFacts else {
      leftOut &+= 1
      return false
    }
    facts += 1
    return true
  }
}

// MARK: - Flows

extension Learner {
  private mutating func note(_ flow: FlowFacts, _ totals: FlowTotals, _ application: AppProtocol) {
    // Whoever was not answered reached nobody: the miner's try still counts, a caller's does not.
    let kind = FlowKind(
      client: flow.client.address, server: flow.server.address, port: flow.server.port, ipProtocol: flow.ipProtocol,
      application: application, isToAll: flow.server.mac.isBroadcast)
    if flows[kind] == nil {
      guard hasRoom() else { return }
      flows[kind] = FlowTally(firstSeen: flow.firstSeen)
    }
    let seconds = totals.lastSeen.seconds(since: flow.firstSeen)
    flows[kind]?.add(totals, seconds: seconds, from: flow.firstSeen)
  }
}

extension Learner.FlowTally {
  fileprivate mutating func add(_ totals: FlowTotals, seconds: Double, from start: Timestamp) {
    flows += 1
    longest = max(longest, seconds)
    bytesToServer &+= totals.toServer.bytes
    bytesToClient &+= totals.toClient.bytes
    firstSeen = min(firstSeen, start)
  }
}

// MARK: - Mining

extension Learner {
  private mutating func note(_ event: StratumEvent, _ flow: FlowFacts, at time: Timestamp) {
    let place = Place(address: flow.server.address, port: flow.server.port)
    let worker = Worker(miner: flow.client.address, place: place, user: event.session.user)
    switch event.what {
    case .introduced: add(Work(sessions: 1), of: worker)
    case .user(let user, _):
      add(Work(), of: Worker(miner: worker.miner, place: place, user: user))
    case .shares(let totals):
      add(Work(accepted: totals.accepted, difficulty: totals.acceptedDifficulty), of: worker)
      if totals.accepted > 0 { compare(worker, Span(start: time.advanced(by: .seconds(-totals.seconds)), end: time)) }
    default: break
    }
  }

  private mutating func add(_ more: Work, of worker: Worker) {
    if work[worker] == nil {
      guard hasRoom() else { return }
      work[worker] = Work()
    }
    work[worker]?.sessions += more.sessions
    work[worker]?.accepted &+= more.accepted
    work[worker]?.difficulty += more.difficulty
  }

  /// Looks whether the miner worked elsewhere at the same time.
  private mutating func compare(_ worker: Worker, _ sum: Span) {
    var span = sum
    // Sums of one session follow on each other; their lengths are rounded.
    if let before = latest[worker.miner]?[worker.place], before.end.advanced(by: .seconds(1)) >= sum.start {
      span.start = before.start
    }
    for (place, other) in latest[worker.miner] ?? [:] where place != worker.place {
      let (start, end) = (max(span.start, other.start), min(span.end, other.end))
      guard start.advanced(by: Self.takeover) <= end else { continue }
      for place in [place, worker.place] { overlaps.insert(Workplace(miner: worker.miner, place: place)) }
    }
    guard latest[worker.miner]?[worker.place] != nil || hasRoom() else { return }
    latest[worker.miner, default: [:]][worker.place] = span
  }
}

// MARK: - Addresses

extension Learner {
  private mutating func note(_ message: DHCPMessage, _ flow: FlowFacts) {
    guard message.kind == .ack, let server = message.server else { return }
    let source = LeaseSource(server: server, sender: flow.server.address)
    for address in message.assigned where leases[source]?.contains(address) != true && hasRoom() {
      leases[source, default: []].insert(address)
    }
  }
}

// MARK: - Names

extension Learner {
  private mutating func note(_ message: DNSMessage, _ flow: FlowFacts, at time: Timestamp) {
    guard !message.question.isEmpty, message.anomaly == nil else { return }
    let asker = flow.client.address
    guard message.isResponse else {
      if asked[message.question]?.contains(asker) != true, hasRoom() {
        asked[message.question, default: []].insert(asker)
      }
      return
    }
    for told in message.addresses where !told.address.isUnspecified {
      let answer = Answer(name: message.question, address: told.address)
      if answers[answer]?.contains(asker) != true, hasRoom() { answers[answer, default: []].insert(asker) }
      if firstNamed[told.address] == nil, hasRoom() { firstNamed[told.address] = time }
    }
  }
}
