import Capture
import Decode
import Policy
import Protocols
import Rules

/// Where the miners of a site mine, and for whom.
struct PoolSurvey {
  struct Endpoint {
    var endpoint: PoolEndpoint
    var miners: Set<IPAddress> = []
    /// Accepted work: difficulty where it was known, else shares.
    var weight = 0.0
    /// Work of the same miners elsewhere, where they worked for both at once.
    var weightBeside = 0.0
    var overlapping: Set<IPAddress> = []
    var users: [String: Set<IPAddress>] = [:]
    var addresses: Set<IPAddress> = []
    var indicator: String?
    /// Sessions that began long before an answer named their address.
    var unnamed: Set<IPAddress> = []

    /// Every miner here works for somebody else at the same time, and mostly for the other.
    var isSecond: Bool { overlapping == miners && weight < weightBeside }
  }

  private(set) var endpoints: [PoolEndpoint: Endpoint] = [:]

  /// A rule waits this long for a name to be learned (`pool.unlisted`'s grace).
  private static let grace = Duration.seconds(30)

  init(_ site: LearnedSite) {
    var weights: [IPAddress: Double] = [:]
    for (worker, work) in site.learner.work { weights[worker.miner, default: 0] += work.weight }
    for (worker, work) in site.learner.work {
      let endpoint = endpoint(.plain, worker.place, site)
      let overlaps = site.learner.overlaps.contains(.init(miner: worker.miner, place: worker.place))
      endpoints[endpoint]?.add(worker, work, all: weights[worker.miner] ?? 0, overlaps: overlaps)
    }
    for kind in site.learner.flows.keys where kind.ipProtocol == IPProtocol.tcp {
      let place = Learner.Place(address: kind.server, port: kind.port)
      let isTLS = kind.application == .tls && site.tlsPlaces.contains(place)
      guard isTLS || kind.application == .stratumV2 else { continue }
      let endpoint = endpoint(isTLS ? .tls : .stratumV2, place, site)
      endpoints[endpoint]?.miners.insert(kind.client)
    }
    for (kind, tally) in site.learner.flows { noteUnnamed(kind, tally, site) }
  }

  private mutating func endpoint(_ transport: PoolEndpoint.Transport, _ place: Learner.Place, _ site: LearnedSite)
    -> PoolEndpoint
  {
    let endpoint = PoolEndpoint(transport: transport, host: site.host(place.address), port: place.port)
    if endpoints[endpoint] == nil { endpoints[endpoint] = Endpoint(endpoint: endpoint) }
    endpoints[endpoint]?.addresses.insert(place.address)
    if let note = site.indicator(place.address, port: place.port) { endpoints[endpoint]?.indicator = note }
    return endpoint
  }

  private mutating func noteUnnamed(_ kind: Learner.FlowKind, _ tally: Learner.FlowTally, _ site: LearnedSite) {
    guard case .name = site.host(kind.server), let named = site.learner.firstNamed[kind.server],
      tally.firstSeen.advanced(by: Self.grace) < named
    else { return }
    for transport in [PoolEndpoint.Transport.plain, .tls, .stratumV2] {
      let endpoint = PoolEndpoint(transport: transport, host: site.host(kind.server), port: kind.port)
      endpoints[endpoint]?.unnamed.insert(kind.server)
    }
  }

  /// Miners at the endpoint that most of them use.
  var most: Int { endpoints.values.map(\.miners.count).max() ?? 0 }
}

extension Learner.Work {
  fileprivate var weight: Double { difficulty > 0 ? difficulty : Double(accepted) }
}

extension PoolSurvey.Endpoint {
  fileprivate mutating func add(_ worker: Learner.Worker, _ work: Learner.Work, all: Double, overlaps: Bool) {
    let own = work.weight
    miners.insert(worker.miner)
    weight += own
    if let user = worker.user { users[user, default: []].insert(worker.miner) }
    guard overlaps else { return }
    overlapping.insert(worker.miner)
    weightBeside += all - own
  }
}

// MARK: - What is proposed

extension Proposal {
  mutating func propose(_ survey: PoolSurvey, _ policy: Policy) {
    let total = survey.endpoints.values.reduce(0) { $0 + $1.weight }
    var accepted: [String: [PoolSurvey.Endpoint]] = [:]
    for endpoint in survey.endpoints.values.sorted(by: Self.isBusier) {
      if let why = Self.oddity(of: endpoint, most: survey.most, total: total) {
        odd.append(why)
      } else {
        accepted[Self.pool(of: endpoint.endpoint.host, policy), default: []].append(endpoint)
      }
    }
    for (family, endpoints) in accepted.sorted(by: { $0.key < $1.key }) {
      pools.append(
        PoolEntry(
          name: family, endpoints: endpoints.flatMap { Self.entries(for: $0, total: total) },
          accounts: accounts(of: endpoints, at: family, policy.detection.indicators)))
    }
  }

  private static func isBusier(_ left: PoolSurvey.Endpoint, _ right: PoolSurvey.Endpoint) -> Bool {
    left.miners.count == right.miners.count
      ? left.endpoint.url < right.endpoint.url : left.miners.count > right.miners.count
  }

  private static func oddity(of endpoint: PoolSurvey.Endpoint, most: Int, total: Double) -> String? {
    let who = names(endpoint.miners)
    if let note = endpoint.indicator {
      return "\(who) mined at \(endpoint.endpoint.url), which is an indicator: \(note)"
    }
    if isAlone(endpoint.miners.count, beside: most) { return "\(who) alone mined at \(endpoint.endpoint.url)" }
    guard endpoint.isSecond else { return nil }
    return "second sessions: \(who) gave \(percent(endpoint.weight, of: total)) of all work to "
      + "\(endpoint.endpoint.url) while mining elsewhere (a developer's fee, or theft)"
  }

  private static func entries(for endpoint: PoolSurvey.Endpoint, total: Double) -> [Entry] {
    var note = counted(endpoint.miners.count, "miner")
    switch endpoint.endpoint.transport {
    case .plain: note += ", \(percent(endpoint.weight, of: total)) of the accepted work"
    case .tls: note += ", encrypted: long sessions of miners that mine nowhere else; make sure that it is a pool"
    case .stratumV2: note += ", Stratum V2: add the pool's key after the port if you have it"
    }
    if !endpoint.endpoint.host.isName { note += "; no answer named it: better the pool's name" }
    let named = Entry(value: endpoint.endpoint.url, note: note)
    return [named]
      + endpoint.unnamed.sorted().map { address in
        var literal = endpoint.endpoint
        literal.host = .address(address)
        return Entry(value: literal.url, note: "the same: these sessions are older than its name here")
      }
  }

  /// What a pool is called: as in the policy in force, else the label below its top-level domain, else its address.
  private static func pool(of host: PoolEndpoint.Host, _ policy: Policy) -> String {
    if let known = policy.pools.first(where: { $0.endpoints.contains { $0.host == host } }) { return known.name }
    guard case .name(let name) = host else { return "pool at \(host.text)" }
    let labels = name.split(separator: ".")
    return labels.count > 1 ? String(labels[labels.count - 2]) : name
  }

  private static func percent(_ part: Double, of all: Double) -> String {
    guard all > 0 else { return "none" }
    let tenths = (part / all * 1_000).rounded()
    return "\(tenths / 10) %"
  }

  // MARK: Accounts

  private mutating func accounts(of endpoints: [PoolSurvey.Endpoint], at pool: String, _ indicators: Indicators)
    -> [Entry]
  {
    var miners: [String: Set<IPAddress>] = [:]
    var patterns: [String: Set<String>] = [:]
    for (user, who) in endpoints.flatMap(\.users).sorted(by: { $0.key < $1.key }) {
      if let match = indicators.match(user: user) {
        odd.append("\(Self.names(who)) mined for \"\(user)\" at \(pool), which is an indicator: \(match.note)")
        continue
      }
      let account = String(user.prefix { $0 != "." })
      miners[account, default: []].formUnion(who)
      patterns[account, default: []].insert(account == user ? account : account + ".*")
    }
    let most = miners.values.map(\.count).max() ?? 0
    var entries: [Entry] = []
    for (account, who) in miners.sorted(by: { $0.key < $1.key }) {
      if let why = oddity(of: account, who, most: most) {
        odd.append("\(why) at \(pool)")
      } else {
        let note = counted(who.count, "miner")
        entries += (patterns[account] ?? []).sorted().map { Entry(value: $0, note: note) }
      }
    }
    return entries
  }

  private func oddity(of account: String, _ miners: Set<IPAddress>, most: Int) -> String? {
    let who = Self.names(miners)
    // A policy cannot say it, or would say more: a user that is a pattern allows others.
    guard account.isEmpty || (try? SettingText.account(account)) != nil, !account.contains(where: { "*?".contains($0) })
    else {
      return "\(who) mined for \"\(account)\", which no policy can name,"
    }
    return Self.isAlone(miners.count, beside: most) ? "\(who) alone mined for \"\(account)\"" : nil
  }
}
