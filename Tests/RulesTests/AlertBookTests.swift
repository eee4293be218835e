import Capture
import Decode
import Policy
import Protocols
import Testing

@testable import Rules

/// A finding of one rule, told at a time by a miner.
private func finding(
  _ subject: String = "x", miner: Int? = 1, rule: Rule = .destinationUnlisted, at time: Double = 0
) -> Finding {
  var finding = Finding(
    rule: rule.reference, level: rule.level, time: seconds(after: time), message: "It did \(subject).", brief: subject,
    advice: rule.advice, subject: subject)
  finding.miner = miner.map { Finding.Miner(address: address("10.20.\($0 / 256).\($0 % 256)")) }
  return finding
}

extension AlertBook {
  /// Enters findings, each at its own time, and tells what is written until then.
  fileprivate mutating func hears(_ findings: [Finding]) -> [String] {
    for finding in findings {
      tick(finding.time)
      enter(finding, now: finding.time)
    }
    return takeWritten().map(line)
  }

  fileprivate mutating func closes(at time: Double? = nil) -> [String] {
    if let time { tick(seconds(after: time)) } else { flush() }
    return takeWritten().map(line)
  }
}

struct AlertBookTests {
  @Test func `writes the first at once and the count when the window closes`() {
    var book = AlertBook(policy: Policy())
    #expect(
      book.hears([finding(at: 0), finding(at: 1), finding(at: 599)]) == ["high destination.unlisted 10.20.0.1: x"])
    #expect(book.closes(at: 599.9) == [])
    #expect(book.closes(at: 600) == ["high destination.unlisted 10.20.0.1: x [x3]"])
    // The next one is a first one again, and a single one is not repeated.
    #expect(book.hears([finding(at: 600)]) == ["high destination.unlisted 10.20.0.1: x"])
    #expect(book.closes() == [])
    #expect(book.counters.raised == 4 && book.counters.written == 3 && book.counters.folded == 2)
  }

  @Test func `tells again what was undone, so that the last line says how it is`() {
    func link(_ isUp: Bool, at time: Double) -> Finding {
      var change = finding(isUp ? "v0 up" : "v0 down", miner: nil, rule: .monitorInterface, at: time)
      change.undoes = isUp ? "v0 down" : "v0 up"
      return change
    }
    var book = AlertBook(policy: Policy())
    #expect(
      book.hears([link(false, at: 0), link(true, at: 3), link(false, at: 7)]) == [
        "high monitor.interface: v0 down", "high monitor.interface: v0 up", "high monitor.interface: v0 down [x2]",
      ])
    // A link that flaps is told some times, then counted.
    let flapping = (8..<108).map { link($0 % 2 == 0, at: Double($0)) }
    #expect(book.hears(flapping).count == 19)
    #expect(book.closes() == ["high monitor.interface: v0 down [x52]", "high monitor.interface: v0 up [x51]"])
  }

  @Test func `a count says from when to when`() throws {
    var book = AlertBook(policy: Policy())
    _ = book.hears([finding(at: 5), finding(at: 7), finding(at: 6)])
    book.flush()
    let last = try #require(book.takeWritten().last)
    #expect(last.count == 3)
    #expect(last.firstSeen == seconds(after: 5) && last.lastSeen == seconds(after: 7) && last.time == last.lastSeen)
  }

  @Test func `keeps rule, miner and subject apart`() {
    var book = AlertBook(policy: Policy())
    let different = [
      finding("x"), finding("y"), finding("x", miner: 2), finding("x", rule: .poolUnlisted), finding("x", miner: nil),
    ]
    #expect(book.hears(different).count == 5)
    #expect(book.closes() == [])
  }

  @Test func `tells ten miners one by one and the rest as a crowd`() throws {
    var book = AlertBook(policy: Policy())
    let first = book.hears((1...10).map { finding(miner: $0) })
    #expect(first.count == 10)
    #expect(
      book.hears([finding(miner: 11)]) == [
        "high destination.unlisted 11 miners: x (11 miners, the first 10 told one by one)"
      ])
    // Repeats of the same miners are no more miners.
    #expect(book.hears((12...500).map { finding(miner: $0) } + (400...500).map { finding(miner: $0) }) == [])
    book.flush()
    let crowd = try #require(book.takeWritten().first { $0.miners != nil })
    #expect(crowd.miners?.count == 500)
    #expect(crowd.miners?.some == (11...20).map { address("10.20.0.\($0)") })
    #expect(crowd.count == 591 && crowd.miner == nil)
    #expect(crowd.message == "500 miners did the same; the first 10 were told one by one. One more: It did x.")
  }

  @Test func `tells a crowd once when nobody joins it`() {
    var book = AlertBook(policy: Policy())
    #expect(book.hears((1...11).map { finding(miner: $0) }).count == 11)
    #expect(book.closes() == [])
  }

  @Test func `tells a hundred subjects of a miner one by one and the rest as a spread`() {
    var book = AlertBook(policy: Policy())
    #expect(book.hears((1...100).map { finding("\($0)") }).count == 100)
    #expect(
      book.hears([finding("101")]) == [
        "high destination.unlisted 10.20.0.1: 101 (1 more of this kind, the first 100 told one by one)"
      ])
    #expect(book.hears((102...1_000).map { finding("\($0)") }) == [])
    // Another rule, or another miner, is another story.
    #expect(book.hears([finding("a", rule: .poolUnlisted), finding("a", miner: 2)]).count == 2)
    #expect(
      book.closes() == [
        "high destination.unlisted 10.20.0.1: 101 (900 more of this kind, the first 100 told one by one) [x900]"
      ])
  }

  @Test func `tells a thousand findings of a rule one by one and the rest as a storm`() throws {
    var book = AlertBook(policy: Policy())
    // Distinct subjects by distinct miners: neither a crowd nor a spread.
    #expect(book.hears((1...1_000).map { (number: Int) in finding("\(number)", miner: number) }).count == 1_000)
    #expect(
      book.hears([finding("1001", miner: 1_001)]) == [
        "high destination.unlisted 1 miners: 1001 (1 more by 1 miner, the first 1000 told one by one)"
      ])
    #expect(book.hears((1_002...3_000).map { (number: Int) in finding("\(number)", miner: number) }) == [])
    // Another rule is another story.
    #expect(book.hears([finding("a", rule: .poolUnlisted)]).count == 1)
    book.flush()
    let storm = try #require(book.takeWritten().first)
    #expect(storm.count == 2_000 && storm.miner == nil && storm.miners?.count == 2_000)
    #expect(
      storm.message == "2000 more of this rule by 2000 miners, of many kinds; the first 1000 were told one by one. "
        + "One more: It did 1001.")
  }

  @Test func `what nobody did makes a storm as well`() {
    var book = AlertBook(policy: Policy())
    #expect(book.hears((1...1_000).map { finding("\($0)", miner: nil) }).count == 1_000)
    #expect(
      book.hears((1_001...1_100).map { finding("\($0)", miner: nil) }) == [
        "high destination.unlisted: 1001 (1 more, the first 1000 told one by one)"
      ])
  }

  @Test func `what is graver than what was said is told at once`() {
    var book = AlertBook(policy: Policy())
    var (mild, grave) = (finding(), finding())
    (mild.level, grave.brief) = (.info, "x again")
    #expect(book.hears([mild, mild]) == ["info destination.unlisted 10.20.0.1: x"])
    #expect(book.hears([grave, grave, mild]) == ["high destination.unlisted 10.20.0.1: x again [x3]"])
    #expect(book.closes() == ["high destination.unlisted 10.20.0.1: x again [x5]"])
  }

  @Test func `a flood of distinct findings stays inside the bound and none is lost`() {
    var book = AlertBook(policy: Policy(), limit: 1_000)
    var told: UInt64 = 0
    var flood = finding()
    func count(_ findings: [Finding]) {
      // What a storm's window told when it began stands in what it tells when it closes.
      for finding in findings {
        told += finding.miners == nil || finding.count == 1 ? finding.count : finding.count - 1
      }
    }
    for number in 0..<250_000 {
      flood.subject = String(number)
      flood.miner?.address = IPAddress(v4: 0x0a14_0000 | UInt32(number & 0xffff))
      book.enter(flood, now: watchBegins)
      #expect(book.openCount <= 1_000)
      count(book.takeWritten())
    }
    book.flush()
    count(book.takeWritten())
    #expect(told == 250_000)
    #expect(book.counters.closedEarly > 1_000)
  }

  @Test func `crowds stay inside the bound and none of their findings is lost`() {
    var book = AlertBook(policy: Policy(), limit: 1_000)
    for number in 0..<20_000 {
      book.enter(finding("\(number % 3)", miner: number / 3), now: watchBegins)
      #expect(book.openCount <= 1_000)
    }
    book.flush()
    #expect(book.openCount == 0)
    // The last word on a crowd includes the first, which was said when it began.
    var alone: UInt64 = 0
    var crowds: [String: [UInt64]] = [:]
    for finding in book.takeWritten() {
      if finding.miners == nil {
        alone += finding.count
      } else {
        crowds[finding.subject, default: []].append(finding.count)
      }
    }
    #expect(crowds.values.allSatisfy { $0.count == 2 })
    #expect(alone + crowds.values.reduce(0) { $0 + ($1.last ?? 0) } == 20_000)
  }

  @Test func `a rule that is off is counted, not told`() throws {
    var book = AlertBook(policy: try policy("detection: {rules: {destination.unlisted: off}}"))
    #expect(book.hears([finding(), finding("y")]) == [])
    #expect(book.counters.off == ["destination.unlisted": 2] && book.counters.byRule.isEmpty)
  }

  @Test func `an override sets the level, but not of a case that has its own`() throws {
    var book = AlertBook(policy: try policy("detection: {rules: {destination.unlisted: {level: low}}}"))
    book.enter(finding("x"), now: watchBegins)
    var mild = finding("y")
    mild.level = .info
    book.enter(mild, now: watchBegins, hasOwnLevel: true)
    #expect(book.takeWritten().map(\.level) == [.low, .info])
  }

  @Test func `the policy sets the window`() throws {
    var book = AlertBook(policy: try policy("alerts: {repeat: 30s}"))
    _ = book.hears([finding(at: 0), finding(at: 1)])
    #expect(book.closes(at: 30) == ["high destination.unlisted 10.20.0.1: x [x2]"])
  }
}

struct SuppressionTests {
  static let table: [(settings: String, isHidden: Bool, why: String)] = [
    ("rule: destination.unlisted", true, "the rule"),
    ("rule: pool.unlisted", false, "another rule"),
    ("miner: 10.20.0.0/24", true, "the miner's range"),
    ("miner: 10.20.1.0/24", false, "another range"),
    ("destination: 198.51.100.66", true, "the address"),
    ("destination: 198.51.100.67", false, "another address"),
    ("destination: odd.example", true, "a name bound to the address"),
    ("destination: other.example", false, "another name"),
    ("rule: destination.unlisted, miner: 10.20.0.5, destination: 198.51.100.0/24", true, "all three"),
    ("rule: destination.unlisted, miner: 10.20.0.6, destination: 198.51.100.0/24", false, "one of three differs"),
    ("rule: destination.unlisted, until: 2026-11-23", true, "not over yet"),
    ("rule: destination.unlisted, until: 2026-11-21", false, "over"),
  ]

  @Test(arguments: table)
  func `hides what matches in every field`(settings: String, isHidden: Bool, why: String) throws {
    let policy = try policy("detection: {suppress: [{\(settings), reason: ticket 812}]}")
    var analyst = Analyst(policy: policy, startTime: watchBegins)
    let told = analyst.hears([answers("odd.example", stranger), flow(to: stranger, 443).carries(.tls)])
    #expect(told.isEmpty == isHidden, "\(why)")
    // What is hidden is counted; what hides nothing is shown too.
    let line = try #require(analyst.summary.suppressions.first)
    #expect(line.label.hasSuffix("ticket 812") && line.count == (isHidden ? 1 : 0))
  }
}
