import Capture
import Decode
import Flows
import Policy
import Protocols

/// What to do with an observation before the rules hear it.
enum Weighing {
  /// The rules may hear it, with this verdict on its flow.
  case now(Verdict)
  /// The tunnel around it is what there is to tell: the rules hear this observation, with the verdict on the tunnel. Kept
  /// apart, so that the usual answer is small.
  indirect case instead(Observation, Verdict)
  /// A name that is not known yet may explain it: hear it again at this time.
  case hold(until: Timestamp)
}

extension Analysis {
  /// Puts the miner on the client's side where the direction is only guessed: better a miner that is suspected to have gone
  /// out than one that is suspected to have been called.
  ///
  /// - Returns: nil when the flow may stay as it is.
  func turned(_ flow: FlowFacts) -> FlowFacts? {
    guard flow.basis == .guess else { return nil }
    let isTurned =
      isTurned(client: flow.client.address, server: flow.server.address) || isManagement(flow.client, beside: flow)
    return isTurned ? flow.turned : nil
  }

  /// Whether a flow of datagrams is at a port that only miners' management has, whatever the other end's number is.
  private func isManagement(_ end: Endpoint, beside flow: FlowFacts) -> Bool {
    flow.ipProtocol == IPProtocol.udp && isMiner(end.address) && !isMiner(flow.server.address)
      && policy.commands.serves(ipProtocol: IPProtocol.udp, port: end.port)
      && !policy.commands.serves(ipProtocol: IPProtocol.udp, port: flow.server.port)
  }

  /// Whether the guess that put these two at a flow's ends is better turned round.
  func isTurned(client: IPAddress, server: IPAddress) -> Bool {
    isMiner(server) && !isMiner(client) && !isManager(client)
  }

  /// - Parameter final: what cannot be explained now never will be, so nothing is held any more.
  func weigh(_ observation: Observation, final: Bool) -> Weighing {
    guard let flow = observation.flow else { return .now(.none) }
    if case .dhcp(let message) = observation.content, !final, let patience = patience(for: message, in: observation) {
      return .hold(until: observation.time.advanced(by: patience))
    }
    let verdict = verdict(on: observation, flow)
    if !verdict.isComplaint, observation.endsJudging, let outer = outerFlow(of: flow) {
      let around = verdictOnDestination(of: outer, speaking: AppProtocol.none)
      if around.isComplaint {
        if !final, let deadline = holdTime(of: observation, outer, around) { return .hold(until: deadline) }
        let heard = Observation(time: observation.time, flow: outer, content: .flowIdentified(AppProtocol.none))
        return .instead(heard, around)
      }
    }
    if !final, let deadline = holdTime(of: observation, flow, verdict) { return .hold(until: deadline) }
    return .now(verdict)
  }

  private func holdTime(of observation: Observation, _ flow: FlowFacts, _ verdict: Verdict) -> Timestamp? {
    if let patience = patience(for: observation, flow, verdict) { return observation.time.advanced(by: patience) }
    if case .dns(let message) = observation.content, unaskedPoolAddress(in: message, flow) != nil {
      return observation.time.advanced(by: UnaskedAnswers.patience)
    }
    if verdict.mayBeExplainedLater { return waiting(for: flow, parameterOf: verdict) }
    // A user may turn out to be a listed pool's when the pool's name is learned.
    guard case .stratum(let event) = observation.content, case .user = event.what, isMiner(flow.client.address),
      case .none = policy.pool(at: flow.server.address, port: flow.server.port, bindings)
    else { return nil }
    return waiting(for: flow, parameterOf: .unlistedPool(.unknown))
  }

  /// How long to wait for what is about to be known of a flow, so that it gets one verdict: mining in a tunnel says more than
  /// the way there, and what SSH calls itself belongs to its tunnel.
  private func patience(for observation: Observation, _ flow: FlowFacts, _ verdict: Verdict) -> Duration? {
    switch verdict {
    case .tunnel(.ssh): .seconds(3)
    // What a relay passes on shows in the message itself, which comes next.
    case .lateral where observation.application == .dhcp: .seconds(1)
    // Whose address it is shows when somebody asks for it.
    case .lateral
    where ICMPKind(ipProtocol: flow.ipProtocol, type: flow.icmpType) == .echo && now < start.advanced(by: .seconds(120)):
      .seconds(120)
    // A session is introduced within ten seconds, and sessions that fell silent are asked each ten.
    case .unlisted, .lateral, .notStratum: observation.mayWrap(wrappers[flow.id]) ? .seconds(25) : nil
    default: nil
    }
  }

  /// Until when a name may still turn up for a destination; nil when it must be judged now.
  ///
  /// Only what began before the monitor could have heard the name is worth waiting for.
  private func waiting(for flow: FlowFacts, parameterOf verdict: Verdict) -> Timestamp? {
    let mayPredateUs = !flow.sawStart || flow.firstSeen < start.advanced(by: .seconds(5))
    guard mayPredateUs, bindings.names(of: flow.server.address).isEmpty else { return nil }
    let isMining = if case .unlistedPool = verdict { true } else { false }
    let grace = duration(.grace, of: isMining ? .poolUnlisted : .destinationUnlisted)
    let deadline = start.advanced(by: grace)
    return now < deadline ? deadline : nil
  }

  /// A session whose beginning was not seen, to an address that no name stands for: it may be an allowed one's.
  func mayBeNamed(_ flow: FlowFacts) -> Bool { !flow.sawStart && bindings.names(of: flow.server.address).isEmpty }

  /// The one verdict on a flow, at the observation that decides it.
  private func verdict(on observation: Observation, _ flow: FlowFacts) -> Verdict {
    let isMiners = isMiner(flow.client.address)
    switch observation.content {
    // Mining is judged when it is known who mines, and HTTP when it is known whether it mines.
    case .flowIdentified(.stratum) where isMiners, .flowIdentified(.http) where isMiners: return .none
    case .flowIdentified(.getwork): return .none
    // And encryption when it is known what its hello says.
    case .flowIdentified(.tls) where isMiners, .flowIdentified(.quic) where isMiners: return .none
    // A request names a host whoever it is sent to.
    case .http(.request) where isMiners, .wrapped where isMiners:
      return askedIndicator(observation, in: flow).map { .indicator($0.match) } ?? .none
    case _ where isMiners && wrappers[flow.id] != nil && !observation.mayWrap(wrappers[flow.id]):
      return verdictInside(flow, observation)
    case .http(.introduced(let use)) where isMiners:
      return verdict(on: flow, speaking: use.identity, answered: nil)
    case .flowIdentified(let identity): return verdict(on: flow, speaking: identity, answered: nil)
    case .flowEnded(let totals, identified: nil): return verdict(on: flow, speaking: nil, answered: totals.answered)
    case .flowEnded(let totals, identified: .unknown?) where isMiners && !flow.sawStart:
      return verdictOnRemains(of: flow, totals)
    case .stratum(let event):
      guard case .introduced = event.what, isMiners else { return .none }
      return event.session.dialect.isOfLines
        ? verdict(on: flow, speaking: .stratum, answered: nil) : verdictOnClearV2(event.session, flow)
    case .tls(let event):
      guard isMiners else { return .none }
      switch event.what {
      case .cadence(let cadence): return verdict(on: cadence, flow)
      case .transfer: return .none
      case .introduced: return verdictOnDestination(of: flow, speaking: observation.application, event.session)
      }
    default: return .none
    }
  }

  private func verdict(on flow: FlowFacts, speaking identity: AppProtocol?, answered: Bool?) -> Verdict {
    isMiner(flow.client.address)
      ? verdictOnDestination(of: flow, speaking: identity)
      : verdictOnCaller(of: flow, speaking: identity, answered: answered)
  }
}

// MARK: - Where a miner goes

extension Analysis {
  private func verdictOnDestination(
    of flow: FlowFacts, speaking identity: AppProtocol?, _ session: TLSSession? = nil
  ) -> Verdict {
    let address = flow.server.address
    let (ipProtocol, port) = (flow.ipProtocol, flow.server.port)
    if let match = policy.indicator(at: address, port: port, ipProtocol: ipProtocol, bindings) {
      return .indicator(match)
    }
    if let name = session?.serverName, let match = policy.indicator(name: name, port: port) { return .indicator(match) }
    if flow.ipProtocol == IPProtocol.tcp, let verdict = verdictOnPool(at: flow, speaking: identity) { return verdict }
    if identity == .stratum || identity == .stratumV2 || identity == .getwork || isForPool(session?.serverName) {
      return .unlistedPool(stranger(flow))
    }
    if let exemption = exemption(of: flow) { return .exempt(exemption) }
    if let explanation = explanation(of: flow, speaking: identity) { return .allowed(explanation) }
    if let session, let dns = encryptedDNS(of: flow, session) {
      // The site's own resolver knows what it was asked; what a public one was, nobody here does.
      return address.isPrivate && policy.isResolver(address, bindings) ? .allowed(.service("dns")) : .encryptedDNS(dns)
    }
    if let passage = passage(of: flow, speaking: identity, session) { return .tunnel(passage) }
    switch identity {
    case .dns: return .unlistedResolver
    case .ntp: return .unlistedTimeServer
    default: return verdictOnStranger(at: flow)
    }
  }

  /// The verdict on a session whose sizes look like mining: none where the policy has a pool there.
  private func verdict(on cadence: TLSCadence, _ flow: FlowFacts) -> Verdict {
    let share = fraction(.likeness, of: .poolUnlisted)
    guard cadence.requests >= count(.requests, of: .poolUnlisted),
      Double(cadence.shares) >= share * Double(cadence.requests),
      case .none = policy.pool(at: flow.server.address, port: flow.server.port, bindings)
    else { return .none }
    return .unlistedPool(stranger(flow))
  }

  /// Whether a server is called by the name of a pool.
  private func isForPool(_ name: String?) -> Bool {
    name.map { policy.pool(named: $0) != nil || policy.knownPool(named: $0) != nil } ?? false
  }

  /// The verdict on what a flow carries inside another protocol. Where the flow itself leads was judged before.
  private func verdictInside(_ flow: FlowFacts, _ observation: Observation) -> Verdict {
    guard let wrapper = wrappers[flow.id] else { return .none }
    switch observation.content {
    case .stratum(let event):
      guard case .introduced = event.what else { return .none }
    case .flowIdentified(.stratumV2): break
    case .http(.introduced(.mining)): break
    // What is compressed cannot be read; the name that it was asked for tells all the same.
    case .flowIdentified(.webSocket):
      guard wrapper.isCompressed, isForPool(wrapper.host) else { return .none }
    case .tls(let event):
      if case .transfer = event.what { return .none }
      if case .cadence(let cadence) = event.what {
        guard case .unlistedPool = verdict(on: cadence, flow) else { return .none }
        break
      }
      if let name = event.session.serverName, let match = policy.indicator(name: name, port: wrapper.port ?? 0) {
        return .indicator(match)
      }
      // Where the hello has no name, the proxy was told one.
      guard isForPool(event.session.serverName ?? wrapper.host) else { return .none }
    default: return .none
    }
    return .tunnelledPool(wrapper, isAllowed: poolInside(flow) != nil)
  }

  /// The allowed pool whose endpoint a wrapper leads to, by name or by address; nil where it leads elsewhere, or nobody said.
  func poolInside(_ flow: FlowFacts) -> Pool? {
    guard let wrapper = wrappers[flow.id], let host = wrapper.host else { return nil }
    let port = wrapper.port ?? flow.server.port
    if let address = IPAddress(host), case .endpoint(let pool, _) = policy.pool(at: address, port: port, bindings) {
      return pool
    }
    guard let pool = policy.pool(named: host) else { return nil }
    return pool.endpoints.contains { $0.host == .name(host) && $0.port == port } ? pool : nil
  }

  /// Nothing explains the destination; whose it is decides how to put it.
  private func verdictOnStranger(at flow: FlowFacts) -> Verdict {
    guard isInside(flow.server.address), flow.tunnel.kind == .none else { return .unlisted }
    // Joined in the middle, a manager's connection may look like the miner's.
    return flow.basis == .guess && isManager(flow.server.address) ? .none : .lateral
  }

  /// The verdict where an allowed pool is at the address; nil where that alone decides nothing.
  private func verdictOnPool(at flow: FlowFacts, speaking identity: AppProtocol?) -> Verdict? {
    switch policy.pool(at: flow.server.address, port: flow.server.port, bindings) {
    case .endpoint(let pool, let endpoint):
      return verdict(on: flow, at: pool, endpoint, speaking: identity)
    // Mining in the clear with a pool that knows no such thing is worse than a port that nobody listed.
    case .otherPort(let pool)
    where (identity == .stratum || identity == .getwork) && !pool.endpoints.contains { $0.transport == .plain }:
      return .plaintext(pool)
    default: return nil
    }
  }

  private func verdict(
    on flow: FlowFacts, at pool: Pool, _ endpoint: PoolEndpoint, speaking identity: AppProtocol?
  ) -> Verdict {
    let isExpected =
      switch identity {
      case nil, .silent: true
      // Miners that do not know a pool try getwork there, before or after Stratum (jsiwek/zeek-cryptomining,
      // testing/Traces/bitcoin-mining.pcap).
      case .stratum, .getwork: isSpoken(.plain, at: flow.server)
      case .tls: isSpoken(.tls, at: flow.server)
      case .stratumV2: isSpoken(.stratumV2, at: flow.server)
      // Joined in the middle, encryption looks like anything, and so does a line that was lost in part or cut off.
      case .unknown: !flow.sawStart || flow.hasLoss
      default: false
      }
    if isExpected { return .allowed(.pool(pool.name)) }
    return identity == .stratum || identity == .getwork
      ? .plaintext(pool) : .notStratum(pool, endpoint, found: identity ?? .unknown)
  }

  /// Stratum V2 is judged when it is recognised. That it comes without its encryption is known only now.
  private func verdictOnClearV2(_ session: StratumSession, _ flow: FlowFacts) -> Verdict {
    guard session.dialect == .stratumV2, isSpoken(.stratumV2, at: flow.server),
      case .endpoint(let pool, _) = policy.pool(at: flow.server.address, port: flow.server.port, bindings)
    else { return .none }
    return .plaintext(pool)
  }

  /// Whether a pool may be spoken to so at this address and port: two hosts, or two pools, may share them.
  private func isSpoken(_ transport: PoolEndpoint.Transport, at server: Endpoint) -> Bool {
    policy.hasEndpoint(at: server.address, port: server.port, bindings) { $1.transport == transport }
  }

  /// A session joined in the middle at an allowed endpoint that never made sense: only its end tells whether there was
  /// enough of it to be sure.
  private func verdictOnRemains(of flow: FlowFacts, _ totals: FlowTotals) -> Verdict {
    guard flow.ipProtocol == IPProtocol.tcp,
      case .endpoint(let pool, let endpoint) = policy.pool(at: flow.server.address, port: flow.server.port, bindings),
      isSpoken(.plain, at: flow.server), !isSpoken(.tls, at: flow.server), !isSpoken(.stratumV2, at: flow.server),
      totals.toServer.bytes &+ totals.toClient.bytes >= count(.bytes, of: .poolNotStratum)
    else { return .none }
    return .notStratum(pool, endpoint, found: .unknown)
  }

  private func stranger(_ flow: FlowFacts) -> Verdict.PoolStranger {
    let server = flow.server
    if case .otherPort(let pool) = policy.pool(at: server.address, port: server.port, bindings) {
      return .otherPort(pool: pool.name)
    }
    let allowance = policy.allowance(
      for: server.address, port: server.port, ipProtocol: flow.ipProtocol, bindings)
    return allowance.map { .allowance($0) } ?? .unknown
  }
}

extension Observation {
  /// Whether it says that the flow may turn out to carry another protocol inside, which would be the more to tell.
  ///
  /// - Parameter wrapper: what the flow is known to be wrapped in.
  func mayWrap(_ wrapper: Wrapper?) -> Bool {
    switch content {
    case .flowIdentified(.socks), .http(.introduced(.passage)): true
    case .flowIdentified(.webSocket): wrapper == nil
    default: false
    }
  }

  /// Whether this is the observation at which its flow is judged.
  fileprivate var endsJudging: Bool {
    switch content {
    case .flowIdentified(let identity): ![.stratum, .http, .getwork, .tls, .quic].contains(identity)
    case .http(let event): if case .introduced = event { true } else { false }
    case .flowEnded(_, let identified): identified == nil
    case .stratum(let event):
      if case .introduced = event.what { event.session.dialect.isOfLines } else { false }
    case .tls(let event): event.what == .introduced
    default: false
    }
  }
}
