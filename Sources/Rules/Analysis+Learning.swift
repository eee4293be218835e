package import Decode
import Policy
package import Protocols

extension Analysis {
  /// Remembers what an observation tells of the site, before the rules hear it.
  mutating func learn(from observation: Observation) {
    learnLink(from: observation)
    learnIdentity(from: observation)
    noteSigns(of: observation)
    countTraffic(of: observation)
    guard let flow = observation.flow else { return }
    learnEnds(of: flow, from: observation.content)
    switch observation.content {
    case .stratum(let event) where isMiner(flow.client.address):
      fleet.heard(event, in: flow, at: now)
      let place = jobs.sessions.place(of: flow.id) == nil ? place(of: flow) : nil
      jobs.heard(event, in: flow, at: now, place: place, isWhole: sawAll(of: event))
    case .flowIdentified(let identity) where identity == .tls || identity == .stratumV2:
      if isMiner(flow.client.address), policy.poolName(at: flow.server, bindings) != nil { fleet.hides(flow) }
    case .flowEnded:
      fleet.closed(flow)
      jobs.closed(flow)
      wrappers.closed(flow.id)
    case .wrapped(let wrapper) where isMiner(flow.client.address): wrappers.note(wrapper, of: flow.id)
    case .request(let request) where request.surface == .discovery: learnReport(request)
    case .ssh(let identification) where isMiner(flow.client.address): shells.note(identification, in: flow.id)
    case .dns(let message) where message.isResponse && message.isUnasked:
      unaskedAnswers.note(message, in: flow, at: now)
    case .dns(let message) where message.isResponse: learn(message, from: flow)
    case .dns(let message):
      if unaskedAnswers.count > 0, let answer = unaskedAnswers.take(for: message, in: flow) {
        learn(answer, from: flow)
      }
    default: break
    }
  }

  /// Who speaks is there, and so is who answers: a scan asks all addresses of a network, and most of them are nobody's.
  private mutating func learnEnds(of flow: FlowFacts, from content: Observation.Content) {
    let (speaks, answers): (Bool, Bool)
    switch content {
    // Whether a datagram was answered is not known before its flow ends.
    case .flowIdentified(let identity):
      (speaks, answers) = (true, flow.ipProtocol == IPProtocol.tcp && identity != .silent)
    case .flowEnded(let totals, let identity): (speaks, answers) = (identity == nil, totals.answered)
    default: return
    }
    if speaks, isMinersEnd(flow.client, of: flow) { fleet.saw(flow.client, at: now) }
    if answers, isMinersEnd(flow.server, of: flow) { fleet.saw(flow.server, at: now) }
  }

  /// Whether nothing is missing from the time that a report of shares is about.
  private func sawAll(of event: StratumEvent) -> Bool {
    guard case .shares(let totals) = event.what else { return true }
    let end = FleetWatch.seconds(of: now)
    return !fleetWatch.sight.missed(since: end - Int(min(max(totals.seconds, 0), 1e9)), until: end)
  }

  /// Whether a flow shows that there is a miner: a gateway among the miners is none, though it is pinged, passes on DHCP and
  /// speaks to other gateways before anybody knows it for one.
  private func isMinersEnd(_ end: Endpoint, of flow: FlowFacts) -> Bool {
    guard isMiner(end.address), flow.ipProtocol == IPProtocol.tcp || flow.ipProtocol == IPProtocol.udp else {
      return false
    }
    let isRelay = end == flow.server && flow.ipProtocol == IPProtocol.udp && [67, 547].contains(end.port)
    return !isRelay && !isGateway(end.address, in: flow)
  }

  /// Believes an answer of an allowed resolver to a question of somebody of the site.
  ///
  /// The question's name stands for the addresses that its aliases lead to. The aliases themselves are not bound: whoever
  /// owns any name can claim that it is another name for a pool's.
  private mutating func learn(_ message: DNSMessage, from flow: FlowFacts) {
    guard message.responseCode == 0, message.anomaly == nil, !message.question.isEmpty,
      isMiner(flow.client.address) || isSite(flow.client.address),
      policy.isResolver(flow.server.address, bindings), poolAddressOddity(in: message) == nil
    else { return }
    for answer in message.addresses where !answer.address.isUnspecified {
      bindings.bind(message.question, to: answer.address, at: now)
    }
  }
}

// MARK: - Work

extension Analysis {
  /// Books the answers to a session's shares.
  mutating func book(_ done: SessionWork) {
    if !jobs.book(done, in: &fleet.hashrates) { fleet.bookHidden(done) }
  }
}

extension Analysis {
  /// Somebody holds a miner's button, and the miner says which address and which link-layer address it has.
  private mutating func learnReport(_ request: APIRequest) {
    guard let ip = request.parameters["ip"], let mac = request.parameters["mac"], let address = IPAddress(ip),
      isMiner(address), let link = MACAddress(mac)
    else { return }
    fleet.saw(Endpoint(address: address, port: 0, mac: link), at: now)
  }
}

// MARK: - Answers for a pool's name

/// What is wrong with an answer for the name of an allowed pool.
package struct PoolAddressOddity: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case outsidePinned
    case privateAddress
    case contradiction
    case unasked
  }

  package var kind: Kind
  package var pool: String
  /// The first address that is out of place.
  package var address: IPAddress?
}

extension Analysis {
  /// Why an answer for an allowed pool's name must not be believed; nil when it may, or is for another name.
  package func poolAddressOddity(in message: DNSMessage) -> PoolAddressOddity? {
    guard message.isResponse, let pool = policy.pool(named: message.question) else { return nil }
    if let pinned = pool.addresses {
      if let stranger = message.addresses.first(where: { !pinned.contains($0.address.translated ?? $0.address) }) {
        return PoolAddressOddity(kind: .outsidePinned, pool: pool.name, address: stranger.address)
      }
    } else if let stranger = message.addresses.first(where: { isOutOfPlace($0.address) }) {
      return PoolAddressOddity(kind: .privateAddress, pool: pool.name, address: stranger.address)
    }
    guard message.contradicts else { return nil }
    return PoolAddressOddity(kind: .contradiction, pool: pool.name, address: message.addresses.first?.address)
  }

  /// An answer for an allowed pool's name that nobody asked for, with an address that is not known to be the pool's.
  func unaskedPoolAddress(in message: DNSMessage, _ flow: FlowFacts) -> PoolAddressOddity? {
    guard message.isUnasked, unaskedAnswers.contains(message, in: flow),
      let pool = policy.pool(named: message.question)
    else { return nil }
    let known = bindings.addresses(of: message.question)
    let stranger = message.addresses.first {
      !known.contains($0.address) && pool.addresses?.contains($0.address) != true
    }
    return stranger.map { PoolAddressOddity(kind: .unasked, pool: pool.name, address: $0.address) }
  }

  /// Whether no pool on the Internet can be at an address, and the policy puts none there.
  private func isOutOfPlace(_ address: IPAddress) -> Bool {
    guard
      address.isPrivate || address.isShared || address.isUnspecified || address.isLinkLocal || address.isMulticast
    else { return false }
    return !policy.pools.contains { $0.endpoints.contains { $0.host == .address(address) } }
  }
}
