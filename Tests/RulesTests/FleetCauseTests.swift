import Capture
import Decode
import Flows
import Protocols
import Testing

@testable import Rules

/// Eight of 24 miners stop, each time for another reason; what came with it tells which.
struct FleetCauseTests {
  /// The crew works until then; not a round time.
  static let stop = 1_847.0
  /// The last shares come on the full five minutes.
  static let round = 1_801.0

  /// What is told of a crew that stops, and of what happens to it besides.
  ///
  /// - Parameter quiet: what sessions without shares show; nothing where nobody sees any.
  private static func findings(
    stopping: Range<Int> = 0..<8, at stop: Double = Self.stop, news: [Observation] = [], quiet: [Quiet] = [],
    until end: Double = 2_150, policy more: String = ""
  ) throws -> [Finding] {
    var shifts = [Shift(miners: 0..<24, from: 110, to: stop)]
    if stopping.upperBound < 24 { shifts.append(Shift(miners: stopping.upperBound..<24, from: stop, to: end)) }
    shifts.append(Shift(miners: 0..<0, from: stop, to: end))
    var analyst = Analyst(policy: try policy(more), startTime: watchBegins)
    for observation in crew(0..<24) { analyst.observe(observation) }
    analyst.work(shifts, news: news, quiet: quiet)
    analyst.finish()
    return analyst.takeFindings()
  }

  private static func causes(_ findings: [Finding]) -> [String] {
    findings.filter { $0.rule.name == "fleet.coordinated-stop" && $0.count == 1 }.compactMap { finding in
      guard case .text(let cause) = finding.facts.first(where: { $0.name == "cause" })?.value else { return nil }
      return cause
    }
  }

  private static func host(_ miner: Int) -> String { "10.20.2.\(miner)" }

  /// Miners show by ARP that they live.
  private static func life(_ miners: Range<Int>, at times: [Double]) -> [Observation] {
    times.flatMap { time in miners.map { says(host($0), is: UInt64($0 + 1), at: time) } }
  }

  @Test func `a power cut: nothing after, and the pool talks to the dead`() throws {
    let findings = try Self.findings(quiet: [Quiet(miners: 0..<8, from: Self.stop, acknowledges: false, jobs: true)])
    #expect(Self.causes(findings) == ["power cut"])
  }

  @Test func `a remote stop: a command before, and they live`() throws {
    let commands = (0..<8).flatMap { miner -> [Observation] in
      let call = flow(manager, to: Self.host(miner), 4028, id: UInt64(5_000 + miner), at: 1_840)
      return [
        call.observed(.request(APIRequest(.cgminer, number: 0, command: "quit"))),
        call.observed(.requestAnswered(APIAnswer(number: 0, outcome: .accepted, text: "so"))),
      ]
    }
    let findings = try Self.findings(
      news: commands + Self.life(0..<8, at: [1_900]),
      quiet: [Quiet(miners: 0..<8, from: Self.stop, acknowledges: true, jobs: true)])
    #expect(Self.causes(findings) == ["remote stop"])
    let stop = try #require(findings.first { $0.rule.name == "fleet.coordinated-stop" })
    #expect(stop.level == .critical)
    #expect(stop.message.contains(#"control.command: "quit" (MINE), accepted, at 8 of them and 0 others"#))
    #expect(stop.facts.contains { $0.name == "before_affected" && $0.value == .count(8) })
  }

  @Test func `a reboot: they come up anew`() throws {
    let boots = (0..<8).map { serves(.offer, by: resolver, 1, gives: Self.host($0), at: 1_880) }
    #expect(Self.causes(try Self.findings(news: boots + Self.life(0..<8, at: [1_885]))) == ["reboot"])
  }

  /// Eight at one pool, the others at another; their sessions are broken off, and nobody answers.
  @Test func `a pool outage: broken off and looking, and no more jobs`() throws {
    var news: [Observation] = []
    for miner in 0..<24 {
      var totals = FlowTotals(reason: .reset, lastSeen: seconds(after: Self.stop))
      totals.answered = true
      news.append(crewSession(of: miner).observed(.flowEnded(totals, identified: .stratum), at: Self.stop))
      for attempt in [1_860.0, 1_890, 1_920, 1_960] {
        let call = flow(Self.host(miner), to: goodPool, 3333, id: UInt64(6_000 + miner), at: attempt)
        news.append(call.observed(.flowIdentified(.silent), at: attempt + 10))
      }
    }
    let findings = try Self.findings(stopping: 0..<24, news: news)
    #expect(Self.causes(findings) == ["pool outage"])
    #expect(findings.first { $0.rule.name == "fleet.coordinated-stop" }?.level == .high)
  }

  @Test func `an Internet outage: alive inside, and nothing from outside`() throws {
    var news = Self.life(0..<24, at: [1_880, 1_910])
    for miner in 0..<24 { news.append(asks("stratum.good.example", by: Self.host(miner), at: 1_890)) }
    let findings = try Self.findings(
      stopping: 0..<24, news: news,
      quiet: [Quiet(miners: 0..<24, from: Self.stop, acknowledges: true, jobs: false)])
    #expect(Self.causes(findings) == ["Internet outage"])
    #expect(findings.first { $0.rule.name == "fleet.coordinated-stop" }?.level == .high)
  }

  @Test func `a clock: to the second at a round time, and nobody told them`() throws {
    let findings = try Self.findings(
      at: Self.round, news: Self.life(0..<8, at: [1_850, 1_880]),
      quiet: [Quiet(miners: 0..<8, from: Self.round, acknowledges: true, jobs: true)])
    #expect(Self.causes(findings) == ["clock trigger"])
  }

  @Test func `a blind monitor cries no attack`() throws {
    // Every miner is gone, and nothing goes to them either, while others talk on.
    let findings = try Self.findings(stopping: 0..<24)
    #expect(findings.map(\.rule.name).filter { $0.hasPrefix("fleet.coordinated") } == [])
    #expect(findings.contains { $0.rule.name == "monitor.blind" && $0.message.contains("while other traffic goes on") })
  }

  // MARK: What else an alarm says

  /// - Parameter miners: who is curtailed; the whole site where it says nothing.
  private static func plan(_ miners: String = "") -> String {
    """
    detection:
      planned: [{name: "demand response", from: 2026-11-22T14:55Z, to: 2026-11-22T16:00Z\(miners)}]
    """
  }

  @Test func `a plan makes it info, with its name`() throws {
    #expect(watchBegins == Timestamp(seconds: 1_795_357_500))
    let findings = try Self.findings(policy: Self.plan())
    let stop = try #require(findings.first { $0.rule.name == "fleet.coordinated-stop" })
    #expect(stop.level == .info)
    #expect(stop.brief.hasSuffix(#"as planned: "demand response""#))
  }

  @Test(arguments: [("", Level.info), (", miners: [10.20.2.0/28]", .high)])
  func `where all stop by plan nothing need be heard`(miners: String, level: Level) throws {
    let findings = try Self.findings(stopping: 0..<24, policy: Self.plan(miners))
    let blind = try #require(findings.first { $0.rule.name == "monitor.blind" })
    #expect(blind.level == level)
    #expect(blind.brief.hasSuffix(#"as planned: "demand response""#) == (level == .info))
  }

  @Test func `packets that were lost lower the level`() throws {
    let loss = SensorEvent.CaptureLoss(
      interface: "span0", seconds: 10, received: 900, kernelDropped: 100, interfaceDropped: 0, missedStreamBytes: 0,
      seenBytes: 0)
    let findings = try Self.findings(news: [sensor(.captureLoss(loss), at: 1_860)])
    let stop = try #require(findings.first { $0.rule.name == "fleet.coordinated-stop" })
    #expect(stop.level == .low)
    #expect(stop.brief.contains("while 10 % of packets were lost"))
  }

  @Test func `what they have in common beyond chance`() {
    // Ten of a hundred run old firmware, and all ten stop. Half of the site is in one subnet.
    let traits = CommonTraits.find(Set(0..<10), of: Array(0..<100)) { row in
      [
        .init(kind: .firmware, value: row < 10 ? "old" : "new"), .init(kind: .subnet, value: row < 50 ? "a" : "b"),
        .init(kind: .pool, value: "one"),
      ]
    }
    #expect(traits.map(\.key.value) == ["old", "a"] || traits.map(\.key.value) == ["old"])
    #expect(traits.first?.affected == 10 && traits.first?.all == 10)
    // Three who happen to share a subnet with half of the site prove nothing.
    let chance = CommonTraits.find([0, 1, 2], of: Array(0..<100)) { [.init(kind: .subnet, value: $0 < 50 ? "a" : "b")] }
    #expect(chance.isEmpty)
  }

  @Test func `what reached everybody is no lead`() {
    var exchanges = Exchanges()
    let miners = (0..<40).map { IPAddress(v4: 0x0a14_0200 + $0) }
    for miner in miners {
      exchanges.note(rule: "control.command", subject: "all", text: "all", miner: miner, at: 100)
    }
    for miner in miners.prefix(8) {
      exchanges.note(rule: "destination.unlisted", subject: "some", text: "some", miner: miner, at: 500)
    }
    let lead = exchanges.lead(to: Set(miners.prefix(10)), of: 40, at: 600)
    #expect(lead?.text == "destination.unlisted: some")
    #expect(lead?.affected == 8 && lead?.others == 0)
    #expect(exchanges.lead(to: Set(miners.prefix(10)), of: 40, at: 1_200)?.text == nil)
  }
}
