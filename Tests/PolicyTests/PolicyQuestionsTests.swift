import Capture
import Decode
import Testing

@testable import Policy

struct PolicyQuestionsTests {
  private static func policy() throws -> Policy {
    try read(
      """
      miners: {networks: [10.20.0.0/16], managers: [10.1.0.0/28, 10.20.0.8]}
      pools:
        - name: pinned
          endpoints:
            - stratum+tcp://a.pool.example:3333
            - stratum2+tcp://b.pool.example:3333
            - stratum+ssl://203.0.113.5:443
          addresses: [203.0.113.0/24]
          accounts: [acme]
        - name: named
          endpoints: ["stratum+tcp://other.example:3333", "stratum+ssl://other.example:3333", "stratum+tcp://192.0.2.9:25"]
          accounts: [acme]
      services:
        dns: [10.20.0.1, 8.8.8.8]
        ntp: [time.example.com, 10.0.0.0/8]
        allow:
          - {name: mirror, hosts: [mirror.example.com, "*.vendor.example", 198.51.100.0/28], ports: [tcp/443, icmp]}
          - {name: anything, hosts: [192.0.2.200]}
      """)
  }

  @Test(arguments: [
    ("10.20.3.4", true),
    ("10.20.0.1", false),  // the resolver stands among the miners
    ("10.20.0.8", false),  // and so does a manager
    ("10.1.0.3", false),
    ("203.0.113.5", false),
  ])
  func `knows miners`(text: String, expected: Bool) throws {
    #expect(try Self.policy().miners.contains(try address(text)) == expected)
  }

  @Test
  func `a wide range of servers excepts no miner`() throws {
    let policy = try read(
      """
      miners: {networks: [10.20.0.0/16], managers: [10.0.0.0/8, 10.20.0.0/16]}
      pools: [{name: p, endpoints: ["stratum+tcp://p.example:3333"], accounts: [a]}]
      """)
    #expect(policy.miners.contains(try address("10.20.3.4")))
    #expect(policy.miners.managers.contains(try address("10.20.3.4")))
  }

  @Test
  func `knows servers, and takes private addresses where the policy says nothing`() throws {
    let policy = try Self.policy()
    var bindings = Bindings()
    #expect(policy.isResolver(try address("8.8.8.8"), bindings))
    #expect(!policy.isResolver(try address("10.9.9.9"), bindings))
    #expect(!policy.isTimeServer(try address("192.0.2.50"), bindings))
    bindings.bind("time.example.com", to: try address("192.0.2.50"), at: Timestamp(seconds: 0))
    #expect(policy.isTimeServer(try address("192.0.2.50"), bindings))
    #expect(policy.isDHCPServer(try address("10.9.9.9"), bindings))
    #expect(!policy.isDHCPServer(try address("192.0.2.50"), bindings))
  }

  /// Address, port, what is at it by name, and the answer.
  @Test(arguments: [
    ("203.0.113.7", 3_333, "", "pinned stratum+tcp://a.pool.example:3333"),  // pinned: no name is needed
    ("203.0.113.7", 3_333, "b.pool.example", "pinned stratum2+tcp://b.pool.example:3333"),
    ("203.0.113.5", 443, "", "pinned stratum+ssl://203.0.113.5:443"),
    ("203.0.113.6", 443, "", "pinned at another port"),  // that endpoint is one address
    ("203.0.113.7", 22, "", "pinned at another port"),
    ("198.51.100.7", 3_333, "a.pool.example", "none"),  // the name moved out of the pins
    ("192.0.2.77", 3_333, "", "none"),
    ("192.0.2.77", 3_333, "other.example", "named stratum+tcp://other.example:3333"),
    ("192.0.2.77", 443, "other.example", "named at another port"),
    ("192.0.2.9", 25, "", "named stratum+tcp://192.0.2.9:25"),
    ("203.0.113.7", 25, "other.example", "pinned at another port"),  // the first pool of two at one address
    ("203.0.113.7", 3_333, "other.example", "pinned stratum+tcp://a.pool.example:3333"),
  ])
  func `knows pools`(text: String, port: UInt16, name: String, expected: String) throws {
    var bindings = Bindings()
    bindings.bind(name, to: try address(text), at: Timestamp(seconds: 0))
    let answer =
      switch try Self.policy().pool(at: try address(text), port: port, bindings) {
      case .endpoint(let pool, let endpoint): "\(pool.name) \(endpoint.url)"
      case .otherPort(let pool): "\(pool.name) at another port"
      case .none: "none"
      }
    #expect(answer == expected)
  }

  @Test
  func `lists every transport of one port`() throws {
    var bindings = Bindings()
    let policy = try Self.policy()
    bindings.bind("other.example", to: try address("192.0.2.77"), at: Timestamp(seconds: 0))
    let named = policy.endpoints(at: try address("192.0.2.77"), port: 3_333, bindings)
    #expect(named.map(\.endpoint.transport) == [.plain, .tls])
    let pinned = policy.endpoints(at: try address("203.0.113.7"), port: 3_333, bindings)
    #expect(pinned.map(\.endpoint.transport) == [.plain, .stratumV2])
    #expect(policy.endpoints(at: try address("192.0.2.77"), port: 1, bindings).isEmpty)
  }

  @Test(
    arguments: [
      ("198.51.100.1", 443, 6, "mirror"), ("198.51.100.1", 80, 6, nil), ("198.51.100.1", 443, 17, nil),
      ("198.51.100.1", 0, 1, "mirror"), ("198.51.100.1", 0, 58, "mirror"), ("192.0.2.200", 9, 17, "anything"),
      ("192.0.2.200", 0, 47, "anything"), ("192.0.2.201", 443, 6, nil),
    ] as [(String, UInt16, UInt8, String?)])
  func `knows allowances`(text: String, port: UInt16, ipProtocol: UInt8, expected: String?) throws {
    let allowance = try Self.policy().allowance(
      for: try address(text), port: port, ipProtocol: ipProtocol, Bindings())
    #expect(allowance == expected)
  }

  @Test(arguments: [
    ("a.pool.example", true), ("pool.example", false), ("x.a.pool.example", false), ("other.example", true),
    ("time.example.com", true), ("mirror.example.com", true), ("x.vendor.example", true), ("vendor.example", false),
    ("1.0.20.10.in-addr.arpa", false), ("wpad", false),
  ])
  func `explains names`(name: String, expected: Bool) throws {
    #expect(try Self.policy().explains(name: name) == expected)
  }

  @Test
  func `what the policy allows is no indicator`() throws {
    var policy = try Self.policy()
    let match = Indicators.Match(value: "x", note: "y")
    for name in ["vendor.example", "other.example", "bad.example"] {
      policy.detection.indicators.add(.name(name), match)
    }
    policy.detection.indicators.add(.prefix(try Prefix(parsing: "198.51.100.0/24")), match)
    var bindings = Bindings()
    bindings.bind("bad.example", to: try address("192.0.2.66"), at: Timestamp(seconds: 0))
    #expect(policy.indicator(name: "a.vendor.example") == nil)
    #expect(policy.indicator(name: "vendor.example") == match)
    #expect(policy.indicator(name: "other.example") == nil)
    #expect(policy.indicator(at: try address("198.51.100.1"), port: 443, ipProtocol: 6, bindings) == nil)
    #expect(policy.indicator(at: try address("198.51.100.1"), port: 80, ipProtocol: 6, bindings) == match)
    #expect(policy.indicator(at: try address("192.0.2.66"), port: 80, ipProtocol: 6, bindings) == match)
    #expect(policy.indicator(at: try address("192.0.2.9"), port: 25, ipProtocol: 6, bindings) == nil)
  }

  @Test
  func `without a file, private addresses are miners and no pool is allowed`() throws {
    let policy = Policy.withoutFile
    #expect(policy.miners.contains(try address("10.1.2.3")))
    #expect(policy.miners.contains(try address("fd00::1")))
    #expect(!policy.miners.contains(try address("203.0.113.1")))
    guard case .none = policy.pool(at: try address("203.0.113.1"), port: 3_333, Bindings()) else {
      Issue.record("a pool is allowed")
      return
    }
  }
}
