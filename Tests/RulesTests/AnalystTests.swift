import Capture
import Decode
import Flows
import Policy
import Protocols
import Testing

@testable import Rules

struct GraceTests {
  static let old = flow(to: goodPool, 3333, sawStart: false, at: 1)

  @Test func `waits for a name that explains a session older than the watch`() throws {
    let learned = answers("stratum.good.example", goodPool, at: 20)
    #expect(try told(Self.old.mines(as: "acme.1", at: 1) + [learned, asks("time.example.com", at: 40)]) == [])
  }

  @Test func `judges when the grace is over, with the time of the event`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    #expect(analyst.hears(Self.old.mines(as: "acme.1", at: 1)).isEmpty)
    analyst.tick(seconds(after: 29.9))
    #expect(analyst.takeFindings().isEmpty)
    analyst.tick(seconds(after: 30))
    let findings = analyst.takeFindings()
    #expect(findings.map(\.rule.name) == ["pool.unlisted"])
    #expect(findings.first?.time == seconds(after: 1))
  }

  @Test func `judges what is held when the watch ends`() throws {
    #expect(try told(Self.old.mines(as: "acme.1", at: 1)).count == 1)
  }

  @Test func `a wrong account is told once the pool is known`() throws {
    let learned = answers("stratum.good.example", goodPool, at: 20)
    #expect(
      try told(Self.old.mines(as: "mallory.x", at: 1) + [learned]) == [
        #"critical stratum.account-unlisted 10.20.0.5 -> 203.0.113.9:3333 stratum.good.example: authorized as "mallory.x""#
      ])
  }

  @Test func `a time server known by name is waited for`() throws {
    let ntp = flow(to: "192.0.2.123", 123, ipProtocol: 17, sawStart: false, at: 2).carries(.ntp)
    #expect(try told([ntp, answers("time.example.com", "192.0.2.123", at: 10)]) == [])
    #expect(
      try told([ntp]) == ["low ntp.unlisted 10.20.0.5 -> 192.0.2.123:123: NTP to a server that is not the site's"])
  }

  /// Each of these is judged at once: there is nothing to wait for.
  static let atOnce: [(name: String, story: [Observation])] = [
    ("seen from its start, not at the start of the watch", [flow(to: stranger, 443, at: 6).carries(.tls)]),
    (
      "a name that explains nothing",
      [answers("evil.example", stranger, at: 1), flow(to: stranger, 443, at: 2).carries(.tls)]
    ),
    ("older than the watch, but the grace is over", [flow(to: stranger, 443, sawStart: false, at: 31).carries(.tls)]),
    (
      "a pool's other port",
      [answers("stratum.good.example", goodPool, at: 1)] + flow(to: goodPool, 25, at: 2).mines(as: "a")
    ),
    ("somebody from outside", [flow(stranger, to: miner, 22, at: 1).carries(.ssh)]),
  ]

  @Test(arguments: atOnce)
  func `holds only what may predate the watch`(name: String, story: [Observation]) throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    #expect(analyst.hears(story).count == 1)
  }

  @Test func `the policy sets the grace`() throws {
    var analyst = Analyst(
      policy: try policy("detection: {rules: {destination.unlisted: {grace: 1m}, pool.unlisted: {grace: 0s}}}"),
      startTime: watchBegins)
    #expect(analyst.hears(Self.old.mines(as: "x", at: 1)).count == 1)
    #expect(analyst.hears([flow(to: stranger, 443, sawStart: false, at: 40).carries(.tls)]).isEmpty)
    analyst.tick(seconds(after: 60))
    #expect(analyst.takeFindings().count == 1)
  }

  @Test func `no room to wait means judged at once, and counted`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    for number in 0...UInt64(Limits.heldJudgements) {
      analyst.observe(flow(to: stranger, 443, id: number, sawStart: false, at: 1).carries(.tls))
    }
    #expect(analyst.takeFindings().count == 1)
    #expect(hits(of: analyst) == ["held judgements": 1])
  }
}

/// The bounds that were hit at all, and how often.
private func hits(of analyst: borrowing Analyst) -> [String: UInt64] {
  let hits = analyst.boundTotals.filter { $0.count > 0 }
  return Dictionary(uniqueKeysWithValues: hits.map { ($0.bound, $0.count) })
}

struct AnalystTests {
  @Test func `believes only allowed resolvers`() throws {
    let story = flow(to: stranger, 3333).mines(as: "acme.1")
    #expect(try told([answers("stratum.good.example", stranger)] + story) == [])
    #expect(try told([answers("stratum.good.example", stranger, from: "8.8.8.8")] + story).count == 1)
  }

  @Test func `does not bind the aliases of a name`() throws {
    var observation = answers("evil.example", stranger)
    guard case .dns(var message) = observation.content else { return }
    message.aliases = ["stratum.good.example"]
    observation.content = .dns(message)
    #expect(try told([observation] + flow(to: stranger, 3333).mines(as: "acme.1")).count == 1)
  }

  @Test func `names the miner`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    var seen = flow(to: stranger, 3333)
    seen.client.mac = MACAddress(rawValue: 0x0200_0000_0005)
    let findings = analyst.hears(seen.mines(as: "m"))
    #expect(
      findings.first?.miner
        == Finding.Miner(address: address(miner), mac: MACAddress(rawValue: 0x0200_0000_0005), agent: "cgminer/4.12.0"))
    #expect(findings.first?.advice == Rule.poolUnlisted.advice)
  }

  @Test func `a reload changes the verdicts and keeps what was learned and counted`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    let odd = [answers("odd.example", stranger), flow(to: stranger, 443).carries(.tls)]
    #expect(
      analyst.hears(odd).map(line) == ["high destination.unlisted 10.20.0.5 -> 198.51.100.66:443 odd.example: TCP, TLS"]
    )
    #expect(analyst.hears([flow(to: stranger, 443, id: 2, at: 101).carries(.tls)]).isEmpty)

    var wider = try policy()
    wider.services.allow.append(
      Policy.Allowance(name: "odd", hosts: HostSet(names: ["odd.example"], prefixes: PrefixSet()), ports: []))
    analyst.reload(wider)
    #expect(analyst.hears([flow(to: stranger, 443, id: 3, at: 102).carries(.tls)]).isEmpty)
    analyst.finish()
    #expect(analyst.takeFindings().map(\.count) == [2])
    #expect(analyst.summary.exemptions.map(\.summary) == ["services.allow: odd"])
  }

  @Test func `counts what exemptions hide`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    _ = analyst.hears([
      flow(to: "224.0.0.251", 5353, ipProtocol: 17).carries(.dns), asks("1.0.1.10.in-addr.arpa"),
      flow(to: "198.51.100.3", 443).carries(.tls), flow(to: "198.51.100.4", 443).carries(.tls),
    ])
    #expect(
      analyst.summary.exemptions.map { "\($0.summary): \($0.count)" } == [
        "link-local traffic: 1", "reverse lookups: 1", "services.allow: firmware mirror: 2",
      ])
  }

  @Test func `sums up work by pool`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    var totals = ShareTotals(seconds: 60)
    (totals.submitted, totals.accepted, totals.rejected, totals.acceptedDifficulty) = (7, 5, 1, 5_000)
    let good = flow(to: goodPool, 3333)
    let bad = flow("10.20.0.6", to: stranger, 3333, id: 2)
    var story = morning + good.mines(as: "acme.1") + bad.mines(as: "m")
    for _ in 0..<2 { story.append(good.stratum(.shares(totals), user: "acme.1", at: 200)) }
    story += [bad.stratum(.shares(totals), user: "m", at: 200), good.ended(.stratum, at: 300)]
    _ = analyst.hears(story)

    let summary = analyst.summary
    #expect(summary.pools.map(\.pool) == ["good", nil])
    #expect(summary.pools.map(\.work.accepted) == [10, 5])
    #expect(summary.pools.map(\.work.sessions) == [1, 1])
    #expect(summary.pools.map(\.miners) == [1, 1])
    #expect(summary.pools.last?.address == address(stranger))
    #expect(summary.miners == 2 && summary.sessions == 2 && summary.openSessions == 1)
    #expect(summary.findings == [.init(rule: "pool.unlisted", level: .critical, count: 1)])
  }

  @Test func `an address that answers no probe is no miner`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    let probe = { (host: String, id: UInt64, ipProtocol: UInt8) in
      flow(manager, to: host, 4028, id: id, ipProtocol: ipProtocol)
    }
    _ = analyst.hears([
      probe("10.20.0.7", 1, 6).ended(answered: false), probe("10.20.0.8", 2, 6).carries(.silent),
      probe("10.20.0.9", 3, 17).carries(.unknown), probe("10.20.0.9", 3, 17).ended(.unknown, answered: false),
    ])
    #expect(analyst.summary.miners == 0)
    _ = analyst.hears([
      probe("10.20.0.7", 4, 6).ended(), probe("10.20.0.8", 5, 6).carries(.minerAPI),
      probe("10.20.0.9", 6, 17).ended(.unknown),
    ])
    #expect(analyst.summary.miners == 3)
  }

  @Test func `begins with the first observation where no start is given`() throws {
    var analyst = Analyst(policy: try policy())
    let early = flow(to: stranger, 443, sawStart: false, at: 1_000).carries(.tls)
    #expect(analyst.hears([early]).isEmpty)
    analyst.tick(seconds(after: 1_030))
    #expect(analyst.takeFindings().count == 1)
  }

  @Test func `a clock set back closes what is open and goes on`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    let reach = { (time: Double) in flow(to: stranger, 443, at: time).carries(.tls) }
    // So that the miner is no news.
    #expect(analyst.hears([says(miner, is: 5, at: 1)]).isEmpty)
    #expect(analyst.hears([reach(10_000), reach(10_001)]).map(\.count) == [1])
    // Packets out of order are no such thing.
    #expect(analyst.hears([reach(9_990)]).isEmpty)
    #expect(analyst.hears([reach(100)]).map(\.count) == [3, 1])
  }

  @Test func `no miner, no policy, no name: nothing is told and nothing breaks`() {
    var analyst = Analyst(policy: Policy())
    for story in RuleCase.all where !story.story.contains(where: { $0.flow == nil }) {
      for observation in story.story { analyst.observe(observation) }
    }
    analyst.finish()
    #expect(analyst.takeFindings().isEmpty)
    #expect(analyst.summary.miners == 0)
  }

  @Test func `tells the same whatever ticks come between`() throws {
    for story in RuleCase.all where story.minutes.isEmpty {
      var analyst = Analyst(policy: try policy(), startTime: watchBegins)
      var findings: [Finding] = []
      var now = 0.0
      for observation in story.story {
        while seconds(after: now) < observation.time {
          analyst.tick(seconds(after: now))
          now += 7.3
        }
        analyst.observe(observation)
        findings += analyst.takeFindings()
      }
      analyst.work(story.shifts)
      analyst.finish()
      findings += analyst.takeFindings()
      #expect(findings.map(line) == story.told, "\(story.name)")
    }
  }
}

struct PendingRedirectTests {
  static let session = flow(to: goodPool, 3333)

  private func redirect(to host: String, at time: Double = 100) -> Observation {
    Self.session.stratum(.redirect(host: host, port: 3333, wait: nil), at: time)
  }

  @Test func `waits for so many of one miner and counts the rest`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    let story = (0...Limits.redirectsPerMiner).map { redirect(to: "192.0.2.\($0)") }
    #expect(analyst.hears(morning + story).count == story.count)
    #expect(hits(of: analyst) == ["held judgements": 1])
    analyst.tick(seconds(after: 1_000))
    #expect(analyst.summary.redirectsIgnored == UInt64(Limits.redirectsPerMiner))
    #expect(analyst.takeFindings().filter { $0.brief.hasPrefix("did not follow") }.count == Limits.redirectsPerMiner)
  }

  @Test func `the same target again is waited for anew, once`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    _ = analyst.hears(morning + [redirect(to: stranger, at: 100), redirect(to: stranger, at: 200)])
    // 120 s after the first, but not after the second.
    #expect(analyst.hears([flow(to: stranger, 3333, id: 2, at: 300).carries(.stratum)]).count == 1)
    analyst.tick(seconds(after: 1_000))
    #expect(analyst.summary.redirectsFollowed == 1 && analyst.summary.redirectsIgnored == 0)
  }

  @Test func `somebody else who goes there does not follow`() throws {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    _ = analyst.hears(morning + [redirect(to: stranger)])
    let others = [flow("10.20.0.6", to: stranger, 3333, id: 2, at: 101), flow(to: stranger, 3334, id: 3, at: 101)]
    _ = analyst.hears(others.map { $0.carries(.stratum) })
    #expect(analyst.summary.redirectsFollowed == 0)
  }

  @Test func `time that does not follow tells of the moment when the window closed`() throws {
    var analyst = Analyst(
      policy: try policy("detection: {rules: {stratum.redirect: {follow: 10s}}}"), startTime: watchBegins)
    _ = analyst.hears(morning + [redirect(to: stranger)])
    analyst.tick(seconds(after: 5_000))
    #expect(analyst.takeFindings().map(\.time) == [seconds(after: 110)])
  }

  @Test(arguments: [
    ("EVIL.example.", 1, "evil.example:1"), ("192.0.2.1", 2, "192.0.2.1:2"), ("[2001:DB8::1]", 3, "[2001:db8::1]:3"),
    ("2001:db8::1", 3, "[2001:db8::1]:3"), ("", 4, ":4"), ("[", 5, "[:5"),
  ])
  func `reads a target as a resolver would`(host: String, port: UInt16, text: String) {
    #expect(RedirectTarget(host: host, port: port).text == text)
  }
}
