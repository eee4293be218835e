import Capture
import Decode
import Flows
import Policy
import Protocols

@testable import Rules

// A site to tell stories about: who is there, and short ways to say what was observed. The stories are data.

/// When every story's watch begins.
let watchBegins = Timestamp(seconds: 1_795_357_500)
let miner = "10.20.0.5"
let manager = "10.1.0.2"
let resolver = "10.1.0.1"
/// Address of the pools "good" and "pinned", of the pool "secure", and of strangers.
let goodPool = "203.0.113.9"
let securePool = "192.0.2.44"
let stranger = "198.51.100.66"

let sitePolicy = """
  miners: {networks: [10.20.0.0/16, "fd00:20::/64"], managers: [10.1.0.0/28]}
  pools:
    - name: good
      endpoints:
        - stratum+tcp://stratum.good.example:3333
        - stratum+ssl://stratum.good.example:443
        - stratum2+tcp://v2.good.example:3336/9auqWEzQDVyd2oe1JVGFLMLHZtCo2FFqZwtKA5gd9xbuEu7PH72
      accounts: [acme, "acme.*"]
    - {name: pinned, endpoints: ["stratum+tcp://pinned.example:3333"], addresses: [203.0.113.128/25]}
    - {name: secure, endpoints: ["stratum+ssl://secure.example:443"]}
    - {name: literal, endpoints: ["stratum+tcp://198.51.100.20:3333"]}
    - {name: proxy, endpoints: ["stratum+tcp://proxy.example:3334", "stratum+tcp://10.1.0.20:3334"]}
  services:
    dns: [10.1.0.1]
    ntp: [10.1.0.1, 10.1.0.30, time.example.com]
    dhcp: [10.1.0.1]
    allow:
      - {name: firmware mirror, hosts: [firmware.example.com, 198.51.100.0/28], ports: [tcp/443]}
  """

/// - Parameter more: further top-level settings in YAML.
func policy(_ more: String = "") throws -> Policy {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  return try PolicyReader.read(
    text: sitePolicy + "\n" + more, file: "site.yaml", rules: RuleBook.catalogue,
    builtIn: BuiltInData(
      indicators: "/\(root)/Configs/indicators.d", commands: "/\(root)/Configs/commands.d",
      pools: "/\(root)/Configs/pools.d",
      resolvers: "/\(root)/Configs/resolvers.d"))
}

func address(_ text: String) -> IPAddress {
  guard let address = IPAddress(text) else { preconditionFailure("no address: \(text)") }
  return address
}

func seconds(after seconds: Double) -> Timestamp {
  watchBegins.advanced(byNanoseconds: Int64(seconds * 1_000_000_000))
}

// MARK: - Flows

/// A flow between two hosts.
///
/// - Parameter at: when it began, in seconds of the watch.
func flow(
  _ client: String = miner, from clientPort: UInt16 = 40_000, to server: String, _ port: UInt16 = 0, id: UInt64 = 1,
  ipProtocol: UInt8 = 6,
  icmpType: UInt8 = 0, basis: DirectionBasis = .handshake, sawStart: Bool = true, at: Double = 100,
  mac: MACAddress = .none, tunnel: Tunnel = Tunnel()
) -> FlowFacts {
  FlowFacts(
    id: id, client: Endpoint(address: address(client), port: ipProtocol == 6 || ipProtocol == 17 ? clientPort : 0),
    server: Endpoint(address: address(server), port: port, mac: mac), ipProtocol: ipProtocol, icmpType: icmpType,
    basis: basis, sawStart: sawStart, firstSeen: seconds(after: at), tunnel: tunnel)
}

extension FlowFacts {
  /// Something observed in this flow; where no time is given, when it began.
  func observed(_ content: Observation.Content, at time: Double? = nil) -> Observation {
    Observation(time: time.map { seconds(after: $0) } ?? firstSeen, flow: self, content: content)
  }

  func with<Value>(_ part: WritableKeyPath<FlowFacts, Value>, _ value: Value) -> FlowFacts {
    var facts = self
    facts[keyPath: part] = value
    return facts
  }

  /// Of TLS and QUIC this is what decides: a session whose hello tells nothing.
  func carries(_ identity: AppProtocol, at time: Double? = nil) -> Observation {
    switch identity {
    case .tls: says(TLSSession(transport: .stream), at: time)
    case .quic: says(TLSSession(transport: .quic(version: 1)), at: time)
    default: observed(.flowIdentified(identity), at: time)
    }
  }

  func says(_ session: TLSSession, at time: Double? = nil) -> Observation {
    observed(.tls(TLSEvent(session: session, what: .introduced)), at: time)
  }

  /// A hello with a name in it.
  func hello(for name: String?, offering protocols: [String] = [], quic: Bool = false, at time: Double? = nil)
    -> Observation
  {
    var session = TLSSession(transport: quic ? .quic(version: 1) : .stream)
    session.version = .tls13
    session.serverName = name
    session.protocols = protocols
    session.ja4 = "t13d1516h2_8daaf6152771_e5627efa2ab1"
    return says(session, at: time)
  }

  func ended(
    _ identity: AppProtocol? = nil, answered: Bool = true, bytes: UInt64 = 0, by role: Role? = nil,
    _ reason: FlowEnd = .finished, at time: Double? = nil
  ) -> Observation {
    var totals = FlowTotals(
      reason: reason, lastSeen: time.map { seconds(after: $0) } ?? firstSeen, answered: answered, endedBy: role)
    (totals.toServer.packets, totals.toClient.packets) = (9, answered ? 9 : 0)
    totals.toServer.bytes = bytes - bytes / 2
    totals.toClient.bytes = bytes / 2
    return observed(.flowEnded(totals, identified: identity), at: time)
  }

  func stratum(
    _ what: StratumEvent.What, user: String? = nil, method: String? = nil, dialect: StratumDialect = .bitcoin,
    difficulty: Double? = nil, at time: Double? = nil
  ) -> Observation {
    var session = StratumSession()
    session.dialect = dialect
    session.difficulty = difficulty
    session.user = user
    session.method = method
    session.agent = "cgminer/4.12.0"
    session.authorized = user != nil
    return observed(.stratum(StratumEvent(session: session, what: what)), at: time)
  }

  /// What is observed of a mining session up to the login.
  func mines(as user: String?, at time: Double? = nil) -> [Observation] {
    let method = user == nil ? "mining.subscribe" : "mining.authorize"
    var story = [carries(.stratum, at: time)]
    if let user { story.append(stratum(.user(user, method: method), user: user, method: method, at: time)) }
    return story + [stratum(.introduced, user: user, method: method, at: time)]
  }
}

// MARK: - Names

/// A miner's question.
func asks(_ name: String, of server: String = resolver, by client: String = miner, at time: Double = 90) -> Observation
{
  flow(client, to: server, 53, id: 900, ipProtocol: 17, basis: .port, at: time)
    .observed(.dns(DNSMessage(identifier: 1, isResponse: false, question: name, questionType: 1)))
}

/// An answer to a miner.
func answers(
  _ name: String, _ addresses: String..., from server: String = resolver, to client: String = miner,
  contradicts: Bool = false, isUnasked: Bool = false, at time: Double = 90
) -> Observation {
  var message = DNSMessage(identifier: 1, isResponse: true, question: name, questionType: 1)
  message.addresses = addresses.map { DNSMessage.Address(address: address($0), timeToLive: 60) }
  message.contradicts = contradicts
  message.isUnasked = isUnasked
  return flow(client, to: server, 53, id: 900, ipProtocol: 17, basis: .port, at: time).observed(.dns(message))
}

func sensor(_ event: SensorEvent, at time: Double = 100) -> Observation {
  Observation(time: seconds(after: time), flow: nil, content: .sensor(event))
}

/// The names that the miners of the site have learned by the time that a story begins.
let morning = [
  answers("stratum.good.example", goodPool), answers("v2.good.example", "203.0.113.10"),
  answers("secure.example", securePool), answers("time.example.com", "192.0.2.123"),
]

// MARK: - What came of it

extension Analyst {
  /// Hears a story and tells what was found.
  mutating func hears(_ story: [Observation]) -> [Finding] {
    for observation in story { observe(observation) }
    return takeFindings()
  }
}

/// `critical pool.unlisted 10.20.0.5 -> 198.51.100.66:3333 evil.example: authorized as "mallory.x"`
func line(_ finding: Finding) -> String {
  var line = "\(finding.level.rawValue) \(finding.rule.name)"
  if let miner = finding.miner { line += " \(miner.address)" }
  if let crowd = finding.miners { line += " \(crowd.count) miners" }
  if let flow = finding.flow {
    let isClient = finding.miners != nil || flow.client.address == finding.miner?.address
    line += isClient ? " -> \(hostAndPort(flow.server))" : " <- \(flow.client.address)"
  }
  if let name = finding.destinationName { line += " \(name)" }
  line += ": \(finding.brief)"
  return finding.count > 1 ? line + " [x\(finding.count)]" : line
}

/// Everything that a watch tells of a story, to its end.
///
/// - Parameters:
///   - minutes: what pools answered in each minute of the watch.
///   - shifts: what miners hand in after it.
func told(_ story: [Observation], _ more: String = "", minutes: [[SessionWork]] = [], shifts: [Shift] = [])
  throws -> [String]
{
  var analyst = Analyst(policy: try policy(more), startTime: watchBegins)
  var findings: [Finding] = []
  var rest = story[...]
  if !minutes.isEmpty { analyst.openMinute(at: watchBegins) }
  for (index, work) in minutes.enumerated() {
    let end = seconds(after: 60 * Double(index + 1))
    let heard = rest.prefix { $0.time <= end }
    rest = rest.dropFirst(heard.count)
    findings += analyst.hears(Array(heard))
    analyst.tick(end)
    analyst.book(work[...])
    _ = analyst.closeMinute(at: end, isWanted: false)
  }
  findings += analyst.hears(Array(rest))
  analyst.work(shifts)
  analyst.finish()
  findings += analyst.takeFindings()
  return findings.map(line)
}
