import Capture
import Decode
import Foundation
import Testing

@testable import Policy

/// Public pools: YAML files that ship with the program, and those beside the policy.
struct KnownPoolTests {
  private static func list(_ pools: String) -> String { "pools:\n" + pools }

  private static let river = """
    - name: River
      endpoints: [stratum+tcp://btc.river.example:3333, "stratum+ssl://[2001:db8::1]:443"]
      users: address.worker
      confidence: low
      seen: 2026-08
      source: nowhere

    """

  private func read(builtIn: [String: String], own: [String: String] = [:]) throws -> Policy {
    let files = Dictionary(
      uniqueKeysWithValues: builtIn.map { ("builtin/\($0.key)", $0.value) }
        + own.map { ("pools.d/\($0.key)", $0.value) })
    return try readWithData(files) { BuiltInData(pools: "\($0)/builtin") }
  }

  @Test
  func `finds a pool by host, by what is below it, and by address`() throws {
    var policy = try read(builtIn: ["a.yaml": Self.list(Self.river)])
    #expect(policy.knownPools.count == 1 && policy.knownPools.dates.description == "of 2026-08")
    let pool = try #require(policy.knownPool(named: "btc.river.example"))
    #expect(pool.name == "River" && pool.users == .addressWorker && pool.confidence == .low)
    #expect(policy.knownPool(named: "eu.btc.river.example") == pool)
    #expect(policy.knownPool(named: "river.example") == nil && policy.knownPool(named: "xbtc.river.example") == nil)
    var bindings = Bindings()
    #expect(policy.knownPool(at: try address("2001:db8::1"), bindings) == pool)
    #expect(policy.knownPool(at: try address("198.51.100.7"), bindings) == nil)
    bindings.bind("btc.river.example", to: try address("198.51.100.7"), at: Timestamp(seconds: 1))
    #expect(policy.knownPool(at: try address("198.51.100.7"), bindings) == pool)
    // To know a pool is not to allow it.
    policy.knownPools = KnownPools()
    #expect(policy.pool(named: "btc.river.example") == nil)
  }

  @Test
  func `a pool of the site's own takes the place of one that ships`() throws {
    let own = Self.river.replacingOccurrences(of: "btc.river", with: "new.river")
    let policy = try read(builtIn: ["a.yaml": Self.list(Self.river)], own: ["b.yaml": Self.list(own)])
    #expect(policy.knownPools.count == 1)
    #expect(policy.knownPool(named: "new.river.example") != nil && policy.knownPool(named: "btc.river.example") == nil)
  }

  @Test
  func `tells every mistake with its place`() {
    let bad = """
      - name: River
        endpoints: [stratum+tcp://btc.river.example]
        users: account.workers
        confidence: hihg
        seen: 2026-13
        sorce: nowhere
      - endpoints: []

      """
    let error = #expect(throws: PolicyErrors.self) {
      try read(builtIn: [
        "a.yaml": Self.list(Self.river + bad), "b.yaml": Self.list(Self.river), "c.yaml": "pool: []\n",
      ])
    }
    #expect(
      error?.description == #"""
        builtin/a.yaml:8:3: pools: "source" is missing: say where this is written
        builtin/a.yaml:9:15: pools.endpoints: "stratum+tcp://btc.river.example" has no port (write host:3333)
        builtin/a.yaml:10:10: pools.users: unknown value "account.workers" (did you mean "account.worker"?)
        builtin/a.yaml:11:15: pools.confidence: unknown value "hihg" (did you mean "high"?)
        builtin/a.yaml:12:9: pools.seen: "2026-13" is no month or day (write 2026-08 or 2026-08-31)
        builtin/a.yaml:13:3: pools: unknown key "sorce" (did you mean "source"?)
        builtin/a.yaml:14:3: pools: "name" is missing: alerts call the pool by it
        builtin/a.yaml:14:3: pools: "users" is missing: say what user names look like
        builtin/a.yaml:14:3: pools: "confidence" is missing: say how sure this is
        builtin/a.yaml:14:3: pools: "seen" is missing: say when this was so
        builtin/a.yaml:14:3: pools: "source" is missing: say where this is written
        builtin/a.yaml:14:14: pools.endpoints: none is listed
        builtin/b.yaml:2:9: pools.name: "River" is listed before
        builtin/c.yaml:1:1: unknown key "pool" (did you mean "pools"?)
        builtin/c.yaml:1:1: "pools" is missing: list them
        """#)
  }

  @Test
  func `ships the pools that people mine for`() throws {
    let policy = try PolicyReader.read(
      text: smallPolicy, file: "p.yaml", rules: .sample, builtIn: BuiltInData(pools: "\(configs)/pools.d"))
    for (host, name) in [
      ("btc.f2pool.com", "F2Pool"), ("ss.antpool.com", "AntPool"), ("eu.stratum.braiins.com", "Braiins Pool"),
      ("solo.stratum.braiins.com", "Braiins Solo"), ("public-pool.io", "public-pool"), ("mine.ocean.xyz", "OCEAN"),
    ] {
      #expect(policy.knownPool(named: host)?.name == name)
    }
    #expect(policy.knownPool(named: "pool.ntp.org") == nil && policy.knownPool(named: "www.f2pool.com") == nil)
    // A pool's host is no indicator: mining for the wrong pool is another rule's business.
    let indicators = try PolicyReader.read(
      text: smallPolicy, file: "p.yaml", rules: .sample, builtIn: BuiltInData(indicators: "\(configs)/indicators.d")
    ).detection.indicators
    for endpoint in policy.knownPools.pools.flatMap(\.endpoints) {
      guard case .name(let host) = endpoint.host else { continue }
      #expect(indicators.match(name: host, port: endpoint.port) == nil, "\(host) is an indicator")
    }
  }
}

struct DataDateTests {
  @Test(arguments: ["2009-01", "2026-12-31", "2024-02-29", "2000-02-29"])
  func `takes months and days`(text: String) throws {
    if text.hasPrefix("2000") {
      #expect(throws: WrongValue.self) { try DataDate(parsing: text) }
    } else {
      #expect(try DataDate(parsing: text).description == text)
    }
  }

  @Test(arguments: [
    "", "2026", "2026-00", "2026-13", "2026-02-29", "2026-04-31", "2026-1", "26-01", "2026-01-01-01", "2026-0١",
  ])
  func `refuses what is none`(text: String) {
    #expect(throws: WrongValue.self) { try DataDate(parsing: text) }
  }

  @Test
  func `a month comes before its days`() throws {
    #expect(try DataDate(parsing: "2026-08") < DataDate(parsing: "2026-08-01"))
    #expect(try DataDate(parsing: "2026-08-31") < DataDate(parsing: "2026-09"))
  }
}
