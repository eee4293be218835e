import Policy
import Protocols

/// Rules about where miners mine.
extension Rule {
  static let pools: [Rule] = [poolUnlisted, poolPlaintext, poolNotStratum]

  static let poolUnlisted: Rule = Rule(
    id: 1001, name: "pool.unlisted", level: .critical,
    title: "Mining session to a pool that is not allowed", category: "Pool switch",
    rationale: """
      A miner speaks a mining protocol (Stratum V1 or V2, getwork over HTTP, another coin's, or TLS with a pool's name in \
      its hello) with an address and port that are no endpoint of the policy's pools. What it mines there is paid to whoever \
      the pool knows under the user name shown. \
      This is what stolen hashrate, a hidden developer fee and a fleet taken over from afar look like.
      """,
    advice: """
      Find out who set this pool: read the miner's own pool settings and its log. If nobody did, take the miner off the \
      network, keep its storage for examination, and look for others that went to the same place. If the pool is yours, \
      list the endpoint under `pools`.
      """,
    falsePositives: [
      "A failover pool, or a new one, that nobody listed yet.",
      "Firmware that mines its developer's share by itself (VNish, Braiins OS, LuxOS). List it if you accept it.",
      "A session older than the monitor, to a pool that is known by name only. Pin the pool's `addresses`.",
      "Encrypted telemetry whose sizes happen to be those of shares: what is told by sizes says so, and is level high.",
    ],
    techniques: [
      .modifyParameter, .manipulationOfControl, .computeHijacking, .transmittedDataManipulation,
    ],
    parameters: [.grace, .requests, .likeness], hears: [.complaints]
  ) { observation, analysis in
    guard case .unlistedPool(let stranger) = analysis.verdict, let flow = observation.flow else { return nil }
    let session = observation.stratumSession
    let name = observation.tlsSession?.serverName
    let known = name.flatMap(analysis.policy.knownPool(named:)) ?? analysis.knownPool(of: flow)
    let listed = session?.user.flatMap(analysis.policy.detection.indicators.match(user:))
    let who = way(of: observation) + (listed.map { ", \($0.note)" } ?? "")
    let isNameless = analysis.mayBeNamed(flow)
    let brief =
      who + (known.map { " at a known public pool (\($0.name))" } ?? "")
      + (isNameless ? "; its start was not seen, nor a name of the server" : "")
    let because =
      switch stranger {
      case .unknown:
        known.map(introduction)
          ?? (isNameless
            ? "its start was not seen, so it may be older than the monitor, and no name was heard since that stands for this address"
            : "no allowed pool is there")
      case .otherPort(let pool): "pool \(quoted(pool)) is there, but has no endpoint at this port"
      case .allowance(let name): "allowed as \(quoted(name)), but not as a pool"
      }
    return Judgement(
      brief, message: "The miner mines at \(analysis.server(of: flow)), \(who): \(because).",
      subject: hostAndPort(flow.server), level: observation.tlsCadence == nil ? nil : .high, destinationName: name,
      section: "stratum",
      facts: observation.tlsSession == nil
        ? facts(of: observation, in: flow, analysis) : name.map { [("pool_host", .text($0))] } ?? [])
  }

  static let poolPlaintext: Rule = Rule(
    id: 1004, name: "pool.plaintext", level: .high,
    title: "Mining in the clear with a pool that is allowed only encrypted", category: "Pool downgrade",
    rationale: """
      The policy allows this pool only over TLS or Stratum V2, yet a miner speaks to it in plain text. Anybody on the way \
      can then read the account and move the miner elsewhere; whoever wants to do so starts by getting rid of the encryption.
      """,
    advice: """
      Compare the miner's pool URL with the policy (`stratum+ssl://`, `stratum2+tcp://`). If the URL is right, somebody on \
      the way answers in the pool's place: check the route and the DNS answers before you let the miner go on.
      """,
    falsePositives: [
      "The miner was set up with the pool's plain port. Correct the miner, or list the plain endpoint as well."
    ],
    techniques: [.adversaryInTheMiddle, .adversaryInTheMiddleICS], hears: [.complaints]
  ) { observation, analysis in
    guard case .plaintext(let pool) = analysis.verdict, let flow = observation.flow else { return nil }
    let brief = "mining in the clear, " + way(of: observation)
    return Judgement(
      brief,
      message:
        "The miner mines in the clear at \(analysis.server(of: flow)), while pool \(quoted(pool.name)) is allowed "
        + "only over \(encryptedTransports(of: pool)).",
      subject: hostAndPort(flow.server), section: "stratum", facts: facts(of: observation, in: flow, analysis))
  }

  static let poolNotStratum: Rule = Rule(
    id: 1006, name: "pool.not-stratum", level: .high,
    title: "A pool's endpoint carries something other than mining", category: "Pool misuse",
    rationale: """
      A connection to an allowed pool endpoint does not speak what the policy expects there: SSH, HTTP, TLS where plain \
      Stratum belongs, or bytes that are no known protocol. An allowed address and port are the best place to hide a \
      remote shell, since firewalls let them through.
      """,
    advice: """
      Look at what the connection carries (its first packets suffice) and which program on the miner opened it. Ask the \
      pool whether it serves this protocol there. Until then treat the miner as remotely controlled.
      """,
    falsePositives: [
      "A pool that redirects browsers, or a health check that speaks HTTP to the pool's port.",
      "A pool that moved an endpoint to TLS: correct the policy's URL.",
    ],
    techniques: [.nonStandardPort, .commonlyUsedPort, .dataObfuscation, .dataEncoding],
    parameters: [.bytes], hears: [.complaints]
  ) { observation, analysis in
    guard case .notStratum(let pool, let endpoint, let found) = analysis.verdict, let flow = observation.flow else {
      return nil
    }
    let expected =
      switch endpoint.transport {
      case .plain: "plain Stratum"
      case .tls: "Stratum over TLS"
      case .stratumV2: "Stratum V2"
      }
    return Judgement(
      "\(spoken(found)) instead of \(expected)",
      message: "The connection to \(analysis.server(of: flow)), an endpoint of pool \(quoted(pool.name)), carries "
        + "\(spoken(found)) where \(expected) is expected.",
      subject: "\(hostAndPort(flow.server)) \(found.rawValue)", section: "pool",
      facts: [
        ("pool", .text(pool.name)), ("expected", .text(endpoint.transport.rawValue)), ("found", .text(found.rawValue)),
      ])
  }
}

extension Rule.Parameter {
  static let requests = Rule.Parameter(
    "requests", .count(16),
    "A TLS session must have made at least this many requests before its sizes are called mining")
  static let likeness = Rule.Parameter(
    "likeness", .fraction(0.8),
    "Share of a TLS session's requests that must be as long as shares, and answered like them, to call it mining")
  static let grace = Rule.Parameter(
    "grace", .duration(.seconds(30)),
    """
    How long after its start the monitor waits for a name that explains an address, for connections that began before it \
    could have heard one
    """)
  static let bytes = Rule.Parameter(
    "bytes", .count(4_096),
    "A session joined in the middle must carry at least this many bytes before it is called unreadable")
}

// MARK: - Words for a session

/// `authorized as "mallory.x"`, or whatever is the most that is known.
func introduction(of session: StratumSession) -> String {
  guard let user = session.user else {
    return session.method.map { "said \(quoted($0)), user unknown" } ?? "user unknown"
  }
  switch session.method {
  case "mining.submit": return "mines as \(quoted(user))"
  case _ where session.authorized: return "authorized as \(quoted(user))"
  default: return "authorized as \(quoted(user))"
  }
}

/// How a miner is seen to mine: what it logged in as, or what encryption leaves.
func way(of observation: Observation) -> String {
  if let session = observation.stratumSession { return introduction(of: session) }
  if case .http(.introduced(.mining(let mining))) = observation.content {
    return "\(quoted(mining.method)) over HTTP" + (mining.user.map { " as \(quoted($0))" } ?? ", user unknown")
  }
  if case .flowIdentified(.webSocket) = observation.content { return "compressed, so not readable" }
  if let name = observation.tlsSession?.serverName { return "TLS for the pool host \(quoted(name))" }
  guard let cadence = observation.tlsCadence else {
    return observation.tlsSession == nil ? "speaks Stratum V2" : "TLS without a name in its hello"
  }
  return
    "TLS that looks like mining, \(cadence.shares) of \(cadence.requests) requests as long as shares and so answered"
}

/// What there is to say of a public pool where a miner may not mine.
private func introduction(of pool: KnownPool) -> String {
  let paid =
    switch pool.users {
    case .accountWorker: "whoever has the account is paid"
    case .addressWorker, .address: "the address in the user name is paid"
    case .private: "it is for its own miners"
    }
  return "a known public pool (\(pool.name)), which the policy does not allow; \(paid)"
}

extension Analysis {
  fileprivate func knownPool(of flow: FlowFacts) -> KnownPool? {
    policy.knownPool(at: flow.server.address, bindings)
  }
}

private typealias Fact = (name: String, value: Finding.FactValue)

/// What `context.stratum` says of mining.
func facts(of observation: Observation, in flow: FlowFacts, _ analysis: borrowing Analysis)
  -> [(name: String, value: Finding.FactValue)]
{
  if let session = observation.stratumSession { return facts(of: session, in: flow, analysis) }
  guard case .http(.introduced(.mining(let mining))) = observation.content else {
    return observation.application == .stratumV2 ? [("dialect", .text("stratum-v2"))] : []
  }
  return texts([("dialect", AppProtocol.getwork.rawValue), ("method", mining.method), ("user", mining.user)])
    + place(of: flow, analysis)
}

/// What `context.stratum` says of a session.
func facts(of session: StratumSession, in flow: FlowFacts, _ analysis: borrowing Analysis)
  -> [(name: String, value: Finding.FactValue)]
{
  texts([
    ("dialect", session.dialect.rawValue), ("method", session.method), ("user", session.user),
    ("agent", session.agent),
  ]) + place(of: flow, analysis)
}

private func place(of flow: FlowFacts, _ analysis: borrowing Analysis) -> [Fact] {
  texts([
    ("pool_host", analysis.name(of: flow.server.address)), ("known_pool", analysis.knownPool(of: flow)?.name),
  ])
}

/// Those that are known.
private func texts(_ texts: [(name: String, text: String?)]) -> [Fact] {
  texts.compactMap { name, text in text.map { (name, .text($0)) } }
}

private func encryptedTransports(of pool: Pool) -> String {
  let transports = Set(pool.endpoints.map(\.transport))
  return switch (transports.contains(.tls), transports.contains(.stratumV2)) {
  case (true, true): "TLS or Stratum V2"
  case (false, true): "Stratum V2"
  default: "TLS"
  }
}

extension Observation {
  /// The session that the observation is about, if it is about one.
  var stratumSession: StratumSession? {
    if case .stratum(let event) = content { event.session } else { nil }
  }
}
