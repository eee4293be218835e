import Decode
import Simulator

/// Something that an alert must come of, as one conversation. It says so in nothing but the attacker's turns, so that an alert
/// means that those were read.
struct Attack: Sendable {
  /// A column of the table.
  enum Kind: String, CaseIterable, Sendable {
    case account, redirect, pool, command, name, hello
    /// The same look-up as `name`, in datagrams.
    case datagram
  }

  /// The way in which a JSON message is put: by its id, method and parameters.
  typealias Format = @Sendable (_ id: String, _ method: String, _ parameters: String) -> [UInt8]

  struct Turn: Sendable {
    var isFromClient: Bool
    var bytes: [UInt8]
    /// As long as `bytes`, and harmless: what is sent instead to whoever shall not know. Empty where nothing is to be hidden.
    var decoy: [UInt8] = []

    var isAttack: Bool { !decoy.isEmpty }
  }

  var kind: Kind
  /// The rule that must speak up.
  var rule: String
  var client: Host
  var server: Host
  var clientPort: UInt16 = 40_000
  var port: UInt16
  var turns: [Turn]

  var isDatagram: Bool { kind == .datagram }
}

extension Attack {
  /// A name on the indicator list of phone-homes.
  static let badName = "auth.minerlink.com"

  static func all(_ format: @escaping Format = usual) -> [Attack] {
    Kind.allCases.map { make($0, format) }
  }

  static func make(_ kind: Kind, _ format: @escaping Format = usual) -> Attack {
    switch kind {
    case .account: session(.account, raises: "stratum.account-unlisted", user: "mallory.r7", format)
    case .redirect: session(.redirect, raises: "stratum.redirect", user: "acme.r7", format)
    case .pool: session(.pool, raises: "pool.unlisted", user: "acme.r7", format)
    case .command: command(format)
    case .name: lookup(DNSBytes.query(badName, id: 0x1001))
    case .hello: hello(TLSBytes.clientHello(for: badName))
    case .datagram: datagram(DNSBytes.query(badName, id: 0x1001))
    }
  }

  /// As miners write it.
  static let usual: Format = { id, method, parameters in
    Array(#"{"id":\#(id),"method":"\#(method)","params":\#(parameters)}"#.utf8) + [10]
  }

  /// The lines of a session as they are usually put: a harmless one with a user of the site's, and its look-alike.
  private static func session(_ kind: Kind, raises rule: String, user: String, _ format: @escaping Format) -> Attack {
    let isPool = kind == .pool
    let subscribe = (isPool ? format : usual)("2", "mining.subscribe", #"["cgminer/4.12.1"]"#)
    let authorize = { (user: String) in
      (kind == .redirect ? usual : format)("3", "mining.authorize", #"["\#(user)","x"]"#)
    }
    var turns = [
      Turn(isFromClient: true, bytes: subscribe, decoy: isPool ? filler(subscribe.count) : [])
    ]
    if !isPool { turns.append(Turn(isFromClient: false, bytes: line(StratumLines.subscribed()))) }
    switch kind {
    case .redirect:
      turns.append(Turn(isFromClient: true, bytes: authorize(user)))
      turns.append(Turn(isFromClient: false, bytes: line(StratumLines.result(id: 3))))
      let order = format("null", "client.reconnect", #"["198.51.100.77",3333,0]"#)
      turns.append(Turn(isFromClient: false, bytes: order, decoy: filler(order.count)))
    default:
      let login = authorize(user)
      // Two users of one length: who listens to the wrong one hears a customer of the pool's.
      turns.append(
        Turn(isFromClient: true, bytes: login, decoy: isPool ? filler(login.count) : authorize("acme.rig07")))
      if !isPool { turns.append(Turn(isFromClient: false, bytes: line(StratumLines.result(id: 3)))) }
    }
    return Attack(
      kind: kind, rule: rule, client: .victim, server: isPool ? .stranger : HealthySite.pool,
      port: isPool ? 9_999 : HealthySite.port, turns: turns)
  }

  private static func command(_ format: Format) -> Attack {
    // The same words where they are an API's: `command` and `parameter`.
    let said = format("1", "addpool", #""stratum+tcp://pool.evil.example:3333,mallory.x,x""#)
    let text = String(decoding: said.last == 10 ? said.dropLast() : said[...], as: UTF8.self)
      .replacing(#""method""#, with: #""command""#).replacing(#"\u006dethod"#, with: #"\u0063ommand"#)
      .replacing(#""params""#, with: #""parameter""#).replacing(#"p\u0061rams"#, with: #"p\u0061rameter"#)
    return request(Array(text.utf8))
  }

  /// A request to a miner's API.
  static func request(_ bytes: [UInt8]) -> Attack {
    let answer =
      #"{"STATUS":[{"STATUS":"S","When":1790000000,"Code":55,"Msg":"Added pool","Description":"cgminer 4.12.0"}],"id":1}"#
    return Attack(
      kind: .command, rule: "control.command", client: .manager, server: .victim, clientPort: 52_001, port: 4028,
      turns: [
        Turn(isFromClient: true, bytes: bytes, decoy: filler(bytes.count)),
        Turn(isFromClient: false, bytes: Array(answer.utf8) + [0]),
      ])
  }

  /// A look-up at the site's resolver over TCP (RFC 1035 §4.2.2).
  static func lookup(_ query: [UInt8]) -> Attack {
    var bytes: [UInt8] = []
    bytes.append16(UInt16(clamping: query.count))
    bytes += query
    var decoy = bytes
    // Another name of the same length.
    for index in decoy.indices.dropFirst(14).dropLast(5) where (97...122).contains(decoy[index]) { decoy[index] = 122 }
    return Attack(
      kind: .name, rule: "destination.indicator", client: .victim, server: HealthySite.resolver, port: 53,
      turns: [Turn(isFromClient: true, bytes: bytes, decoy: decoy)])
  }

  static func hello(_ bytes: [UInt8]) -> Attack {
    // The mirror that miners may fetch firmware from: the address raises nothing.
    Attack(
      kind: .hello, rule: "destination.indicator", client: .victim, server: .firmwareMirror, port: 443,
      turns: [
        Turn(isFromClient: true, bytes: bytes, decoy: hidden(bytes)),
        Turn(isFromClient: false, bytes: TLSBytes.serverHello() + TLSBytes.data(200)),
      ])
  }

  static func datagram(_ query: [UInt8]) -> Attack {
    Attack(
      kind: .datagram, rule: "destination.indicator", client: .victim, server: HealthySite.resolver, port: 53,
      turns: [Turn(isFromClient: true, bytes: query, decoy: hidden(query))])
  }

  private static func line(_ text: String) -> [UInt8] { Array(text.utf8) + [10] }

  /// The same bytes with a z for each letter of the bad name.
  private static func hidden(_ bytes: [UInt8]) -> [UInt8] {
    bytes.enumerated().map { $0.offset > 11 && (97...122).contains($0.element) ? 122 : $0.element }
  }

  private static func filler(_ count: Int) -> [UInt8] { [UInt8](repeating: 120, count: count) }
}

extension Attack {
  /// The same between hosts with IPv6 addresses.
  var overIPv6: Attack {
    var attack = self
    attack.client = client.asIPv6
    attack.server = server.asIPv6
    return attack
  }
}

extension Host {
  /// The IPv4 address below 2001:db8:4::/96, which ``EvasionTests/policyText`` treats as it treats the address itself.
  fileprivate var asIPv6: Host {
    Host(IPAddress(high: 0x2001_0db8_0004_0000, low: UInt64(address.v4)), mac: mac)
  }
}
