import Capture
import Decode
import Flows
import Policy
import Protocols

/// What to do with an observation before the rules hear it.
enum Weighing {
  /// The rules may hear it, with this verdict on its flow. When the tunnel around it is what there is to tell, the
  /// observation is of the tunnel.
  case now(Verdict, Observation)
  /// A name that is not known yet may explain it: hear it again at this time.
  case hold(until: Timestamp)
}

extension Analysis {
  /// Puts the miner on the client's side where the direction is only guessed: better a miner that is suspected to have gone
  /// out than one that is suspected to have been called.
  func oriented(_ flow: FlowFacts) -> FlowFacts {
    guard flow.basis == .guess, policy.isMiner(flow.server.address), !policy.isMiner(flow.client.address),
      !policy.isManager(flow.client.address)
    else { return flow }
    var turned = flow
    turned.client = flow.server
    turned.server = flow.client
    return turned
  }

  /// - Parameter final: what cannot be explained now never will be, so nothing is held any more.
  func weigh(_ observation: Observation, final: Bool) -> Weighing {
    guard let flow = observation.flow else { return .now(.none, observation) }
    var (verdict, judged, heard) = (verdict(on: observation, flow), flow, observation)
    if !verdict.isComplaint, observation.endsJudging, let outer = outerFlow(of: flow) {
      let around = verdictOnDestination(of: outer, speaking: AppProtocol.none)
      if around.isComplaint {
        (verdict, judged) = (around, outer)
        heard = Observation(time: observation.time, flow: outer, content: .flowIdentified(AppProtocol.none))
      }
    }
    if !final, let deadline = holdTime(of: observation, judged, verdict) { return .hold(until: deadline) }
    return .now(verdict, heard)
  }

  private func holdTime(of observation: Observation, _ flow: FlowFacts, _ verdict: Verdict) -> Timestamp? {
    if verdict.mayBeExplainedLater { return waiting(for: flow, parameterOf: verdict) }
    // A user may turn out to be a listed pool's when the pool's name is learned.
    guard case .stratum(let event) = observation.content, case .user = event.what, policy.isMiner(flow.client.address),
      case .none = policy.pool(at: flow.server.address, port: flow.server.port, bindings)
    else { return nil }
    return waiting(for: flow, parameterOf: .unlistedPool(.unknown))
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

  /// The one verdict on a flow, at the observation that decides it.
  private func verdict(on observation: Observation, _ flow: FlowFacts) -> Verdict {
    let isMiners = policy.isMiner(flow.client.address)
    switch observation.content {
    // Mining is judged when it is known who mines.
    case .flowIdentified(.stratum) where isMiners: return .none
    case .flowIdentified(let identity): return verdict(on: flow, speaking: identity, answered: nil)
    case .flowEnded(let totals, identified: nil): return verdict(on: flow, speaking: nil, answered: totals.answered)
    case .flowEnded(let totals, identified: .unknown?) where isMiners && !flow.sawStart:
      return verdictOnRemains(of: flow, totals)
    case .stratum(let event):
      guard case .introduced = event.what, isMiners else { return .none }
      return verdict(on: flow, speaking: .stratum, answered: nil)
    default: return .none
    }
  }

  private func verdict(on flow: FlowFacts, speaking identity: AppProtocol?, answered: Bool?) -> Verdict {
    policy.isMiner(flow.client.address)
      ? verdictOnDestination(of: flow, speaking: identity)
      : verdictOnCaller(of: flow, speaking: identity, answered: answered)
  }
}

// MARK: - Where a miner goes

extension Analysis {
  private func verdictOnDestination(of flow: FlowFacts, speaking identity: AppProtocol?) -> Verdict {
    let address = flow.server.address
    let (ipProtocol, port) = (flow.ipProtocol, flow.server.port)
    if let match = policy.indicator(at: address, port: port, ipProtocol: ipProtocol, bindings) {
      return .indicator(match)
    }
    if flow.ipProtocol == IPProtocol.tcp, let verdict = verdictOnPool(at: flow, speaking: identity) { return verdict }
    if identity == .stratum || identity == .stratumV2 { return .unlistedPool(stranger(flow)) }
    if let exemption = exemption(of: flow) { return .exempt(exemption) }
    if let explanation = explanation(of: flow, speaking: identity) { return .allowed(explanation) }
    switch identity {
    case .dns: return .unlistedResolver
    case .ntp: return .unlistedTimeServer
    default: return .unlisted
    }
  }

  /// The verdict where an allowed pool is at the address; nil where that alone decides nothing.
  private func verdictOnPool(at flow: FlowFacts, speaking identity: AppProtocol?) -> Verdict? {
    switch policy.pool(at: flow.server.address, port: flow.server.port, bindings) {
    case .endpoint(let pool, let endpoint):
      return verdict(on: flow, at: pool, endpoint, speaking: identity)
    // Mining in the clear with a pool that knows no such thing is worse than a port that nobody listed.
    case .otherPort(let pool) where identity == .stratum && !pool.endpoints.contains { $0.transport == .plain }:
      return .plaintext(pool)
    default: return nil
    }
  }

  private func verdict(
    on flow: FlowFacts, at pool: Pool, _ endpoint: PoolEndpoint, speaking identity: AppProtocol?
  ) -> Verdict {
    let transports = transports(at: flow.server)
    let isExpected =
      switch identity {
      case nil, .silent: true
      case .stratum: transports.contains(.plain)
      case .tls: transports.contains(.tls)
      case .stratumV2: transports.contains(.stratumV2)
      // Joined in the middle, encryption looks like anything, and a line that was cut as well.
      case .unknown: !flow.sawStart
      default: false
      }
    if isExpected { return .allowed(.pool(pool.name)) }
    return identity == .stratum ? .plaintext(pool) : .notStratum(pool, endpoint, found: identity ?? .unknown)
  }

  /// All ways in which pools may be spoken to at this address and port: two hosts, or two pools, may share them.
  private func transports(at server: Endpoint) -> Set<PoolEndpoint.Transport> {
    Set(policy.endpoints(at: server.address, port: server.port, bindings).map(\.endpoint.transport))
  }

  /// A session joined in the middle at an allowed endpoint that never made sense: only its end tells whether there was
  /// enough of it to be sure.
  private func verdictOnRemains(of flow: FlowFacts, _ totals: FlowTotals) -> Verdict {
    guard flow.ipProtocol == IPProtocol.tcp,
      case .endpoint(let pool, let endpoint) = policy.pool(at: flow.server.address, port: flow.server.port, bindings),
      transports(at: flow.server) == [.plain],
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

// MARK: - What explains a destination

extension Analysis {
  private func explanation(of flow: FlowFacts, speaking identity: AppProtocol?) -> Verdict.Explanation? {
    let (address, port) = (flow.server.address, flow.server.port)
    if let service = service(of: flow, speaking: identity) { return .service(service) }
    if let name = policy.allowance(for: address, port: port, ipProtocol: flow.ipProtocol, bindings) {
      return .allowance(name)
    }
    guard flow.ipProtocol == IPProtocol.icmp || flow.ipProtocol == IPProtocol.icmpv6 else { return nil }
    return explanation(ofEverythingAt: address)
  }

  private func service(of flow: FlowFacts, speaking identity: AppProtocol?) -> String? {
    let address = flow.server.address
    let meant: AppProtocol? =
      switch identity {
      case .dns, .ntp, .dhcp: identity
      // Nothing was said: the port tells what it was meant to be. A TCP stream joined in the middle says nothing either.
      case nil, .silent: Self.serviceProtocol(at: flow.server.port)
      case .unknown where flow.ipProtocol == IPProtocol.tcp && !flow.sawStart:
        Self.serviceProtocol(at: flow.server.port)
      default: nil
      }
    switch meant {
    case .dns: return policy.isResolver(address, bindings) ? "dns" : nil
    case .ntp: return policy.isTimeServer(address, bindings) ? "ntp" : nil
    case .dhcp: return policy.isDHCPServer(address, bindings) ? "dhcp" : nil
    default: return nil
    }
  }

  private static func serviceProtocol(at port: UInt16) -> AppProtocol? {
    switch port {
    case 53: .dns
    case 123: .ntp
    case 67, 547: .dhcp
    default: nil
    }
  }

  /// A ping is explained by whatever else a miner may reach at the address.
  private func explanation(ofEverythingAt address: IPAddress) -> Verdict.Explanation? {
    switch policy.pool(at: address, port: 0, bindings) {
    case .endpoint(let pool, _), .otherPort(let pool): return .pool(pool.name)
    case .none: break
    }
    if policy.isResolver(address, bindings) { return .service("dns") }
    if policy.isTimeServer(address, bindings) { return .service("ntp") }
    if policy.isDHCPServer(address, bindings) { return .service("dhcp") }
    return policy.services.allow.first { $0.hosts.contains(address, bindings) }.map { .allowance($0.name) }
  }

  /// Why nobody asks about this flow, if nobody does.
  private func exemption(of flow: FlowFacts) -> Exemption? {
    let server = flow.server
    if flow.ipProtocol == IPProtocol.igmp, server.address.isMulticast { return .groupMembership }
    if flow.ipProtocol == IPProtocol.icmp || flow.ipProtocol == IPProtocol.icmpv6 {
      switch ICMPKind(ipProtocol: flow.ipProtocol, type: flow.icmpType) {
      case .error: return .icmpError
      case .groupMembership where server.address.isMulticast: return .groupMembership
      case .neighbourDiscovery where policy.isSite(server.address): return .neighbourDiscovery
      default: break
      }
    }
    if server.address.isLinkLocal { return .linkLocal }
    return isBroadcast(server) ? .subnetBroadcast : nil
  }

  /// The last address of a miner network, or one in it that the frame itself sent to everybody: the networks on the wire
  /// are often smaller than the range that a policy lists.
  private func isBroadcast(_ endpoint: Endpoint) -> Bool {
    guard endpoint.address.isIPv4, endpoint.address.v4 & 1 == 1, policy.isMiner(endpoint.address) else { return false }
    return endpoint.mac.rawValue == 0xffff_ffff_ffff
      || !policy.isMiner(IPAddress(v4: endpoint.address.v4 &+ 1))
  }
}

// MARK: - Who comes to a miner, and tunnels

extension Analysis {
  /// The verdict on a host that is no miner and speaks to one; `none` where that is no destination rule's business.
  private func verdictOnCaller(of flow: FlowFacts, speaking identity: AppProtocol?, answered: Bool?) -> Verdict {
    guard policy.isMiner(flow.server.address), !policy.isSite(flow.client.address),
      !policy.isManager(flow.client.address)
    else { return .none }
    let isICMP = flow.ipProtocol == IPProtocol.icmp || flow.ipProtocol == IPProtocol.icmpv6
    guard flow.ipProtocol == IPProtocol.tcp || flow.ipProtocol == IPProtocol.udp || isICMP else { return .none }
    if isICMP, ICMPKind(ipProtocol: flow.ipProtocol, type: flow.icmpType) != .exchange { return .none }
    if flow.client.address.isLinkLocal || flow.client.address.isUnspecified { return .exempt(.linkLocal) }
    // The caller's own port is chosen at random, so only its address can be on a list.
    if let match = policy.detection.indicators.match(address: flow.client.address, port: 0) {
      return .indicator(match)
    }
    return .inbound(answered: answered ?? (identity == .silent || identity == nil ? nil : true))
  }

  /// The flow that carries this one, with the miner as its client; nil when no miner is an end of it.
  func outerFlow(of flow: FlowFacts) -> FlowFacts? {
    let tunnel = flow.tunnel
    guard tunnel.kind != .none else { return nil }
    let isFromMiner = policy.isMiner(tunnel.source)
    guard isFromMiner || policy.isMiner(tunnel.destination) else { return nil }
    var outer = flow
    outer.client = Endpoint(address: isFromMiner ? tunnel.source : tunnel.destination, port: 0)
    outer.server = Endpoint(address: isFromMiner ? tunnel.destination : tunnel.source, port: 0)
    switch tunnel.kind {
    case .gre, .erspan: outer.ipProtocol = IPProtocol.gre
    case .vxlan:
      outer.ipProtocol = IPProtocol.udp
      // RFC 7348 §5: the destination port that IANA gave.
      outer.server.port = 4_789
    case .ip, .none: outer.ipProtocol = flow.client.address.isIPv4 ? IPProtocol.ipv4 : IPProtocol.ipv6
    }
    outer.tunnel = Tunnel()
    return outer
  }
}

extension Observation {
  /// Whether this is the observation at which its flow is judged.
  fileprivate var endsJudging: Bool {
    switch content {
    case .flowIdentified(let identity): identity != .stratum
    case .flowEnded(_, let identified): identified == nil
    case .stratum(let event): if case .introduced = event.what { true } else { false }
    default: false
    }
  }
}
