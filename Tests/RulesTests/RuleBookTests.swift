import Policy
import Testing

@testable import Rules

/// Walks the book: a rule that lacks anything a reader needs, or a story on either side, fails here.
struct RuleBookTests {
  /// Id, name and level: the rule catalogue. An id never changes its meaning.
  static let catalogue: [(id: Int, name: String, level: Level)] = [
    (1001, "pool.unlisted", .critical), (1002, "destination.unlisted", .high),
    (1003, "destination.indicator", .critical), (1004, "pool.plaintext", .high), (1005, "pool.tunnelled", .high),
    (1006, "pool.not-stratum", .high), (1007, "destination.inbound", .critical), (1008, "destination.tunnel", .high),
    (1009, "destination.identifiers", .high),
    (1101, "dns.unlisted-name", .medium), (1102, "dns.unlisted-resolver", .high), (1103, "dns.encrypted", .high),
    (1104, "dns.tunnel", .high), (1105, "dns.pool-address", .critical), (1106, "ntp.unlisted", .low),
    (1107, "ntp.abuse", .high),
    (2001, "stratum.account-unlisted", .critical), (2002, "stratum.redirect", .critical),
    (2003, "stratum.unexpected-method", .medium), (2004, "stratum.out-of-order", .medium),
    (2005, "stratum.malformed", .medium), (2006, "stratum.difficulty", .medium), (2007, "stratum.unknown-job", .high),
    (2008, "stratum.other-chain", .critical), (2009, "stratum.other-coin", .high),
    (2010, "stratum.split-hashrate", .high), (2011, "stratum.rejects", .medium), (2012, "stratum.show-message", .info),
    (2013, "stratum.injected", .critical), (2014, "stratum.starved", .medium), (2015, "stratum.payout", .high),
    (3001, "control.command", .critical), (3002, "control.access", .high), (3003, "control.firmware", .critical),
    (3004, "control.credentials", .high), (3005, "control.scan", .high), (3006, "miner.lateral", .high),
    (3007, "control.miner-as-server", .medium), (3008, "control.firmware-pull", .high),
    (3009, "miner.identity", .medium),
    (4001, "behaviour.beacon", .high), (4002, "behaviour.exfiltration", .high),
    (4003, "behaviour.new-destination-wave", .critical), (4008, "fleet.coordinated-switch", .critical),
    (4004, "miner.silent", .medium), (4005, "miner.hashrate-drop", .medium),
    (4006, "fleet.coordinated-stop", .critical), (4007, "fleet.coordinated-start", .high),
    (4009, "fleet.hashrate-drop", .high), (4010, "fleet.oscillation", .critical),
    (5001, "lan.new-device", .medium), (5002, "lan.arp-spoof", .critical), (5003, "lan.rogue-dhcp", .critical),
    (5004, "lan.rogue-router", .critical),
    (9001, "monitor.capture-loss", .high), (9002, "monitor.interface", .high), (9003, "monitor.blind", .high),
    (9004, "monitor.overload", .high),
    (9005, "monitor.config-rejected", .high), (9006, "monitor.lifecycle", .info), (9007, "monitor.unreadable", .info),
  ]

  @Test func `ids, names and levels are those of the catalogue`() {
    let known = Dictionary(uniqueKeysWithValues: Self.catalogue.map { ($0.id, $0) })
    for rule in RuleBook.rules {
      #expect(known[rule.reference.id]?.name == rule.name)
      #expect(known[rule.reference.id]?.level == rule.level)
    }
    #expect(Set(RuleBook.rules.map(\.reference.id)).count == RuleBook.rules.count)
    #expect(Set(RuleBook.rules.map(\.name)).count == RuleBook.rules.count)
    #expect(RuleBook.rules.map(\.reference.id) == RuleBook.rules.map(\.reference.id).sorted())
  }

  @Test(arguments: RuleBook.rules.map(\.name))
  func `says all that a person needs`(name: String) throws {
    let rule = try #require(RuleBook[name])
    for text in [rule.rationale, rule.advice] + rule.falsePositives {
      #expect(text.hasSuffix("."), "a sentence ends with a full stop: \(text)")
      #expect(!text.contains("  ") && !text.contains("\n"), "a paragraph is one line: \(text)")
    }
    #expect(rule.rationale.count > 100)
    #expect(!rule.falsePositives.isEmpty)
    #expect(!rule.reference.title.hasSuffix(".") && !rule.reference.category.isEmpty)
    #expect(!rule.hears.isEmpty || rule.settle != nil)
    #expect(name.hasPrefix("monitor.") || !rule.reference.techniques.isEmpty)
    #expect(Set(rule.parameters.map(\.name)).count == rule.parameters.count)
    for parameter in rule.parameters {
      #expect(!parameter.summary.isEmpty && !parameter.summary.hasSuffix("."))
      #expect(parameter.name.allSatisfy { $0.isLowercase || $0 == "-" })
    }
  }

  @Test(arguments: RuleBook.rules.map(\.name))
  func `has a story that it fires in and one in which it nearly does`(name: String) {
    #expect(RuleCase.all.contains { $0.nearMissOf.isEmpty && $0.rules.contains(name) }, "no story fires \(name)")
    #expect(RuleCase.all.contains { $0.nearMissOf.contains(name) }, "no near miss of \(name)")
  }

  @Test(arguments: RuleCase.all)
  func `tells this story and no more`(story: RuleCase) throws {
    let lines = try told(story.story, minutes: story.minutes, shifts: story.shifts)
    #expect(lines == story.told, "\(lines.joined(separator: "\n"))")
    for rule in story.nearMissOf {
      #expect(!story.rules.contains(rule), "a near miss does not tell of the rule that it misses")
    }
  }

  @Test func `a page has every part of a rule in lines that fit`() {
    for rule in RuleBook.rules {
      let page = RuleBook.page(rule)
      #expect(page.split(separator: "\n").allSatisfy { $0.count <= 80 })
      #expect(
        page.hasPrefix("\(rule.name)  \(rule.level.rawValue)  3333:\(rule.reference.id)\n\(rule.reference.title)\n"))
      for technique in rule.reference.techniques { #expect(page.contains(technique.identifier)) }
      for parameter in rule.parameters { #expect(page.contains("\(parameter.name): \(parameter.value.text)")) }
      let words = { (text: String) in text.split(whereSeparator: \.isWhitespace) }
      #expect(words(page).count >= words(rule.rationale + rule.advice).count)
    }
  }

  @Test func `the page of a rule reads like this`() throws {
    let page = RuleBook.page(try #require(RuleBook["dns.unlisted-resolver"]))
    #expect(
      page == """
        dns.unlisted-resolver  high  3333:1102
        A miner asks a resolver that is not the site's

        What it sees and why it matters
          Whoever answers a miner's questions decides where it mines. A resolver outside
          the site's control can send it anywhere, and a miner that brings its own
          resolver goes round every filter on names.

        What to do now
          Check the miner's network settings and what DHCP hands out. Block port 53 to
          the outside at the gateway, so that only the site's resolvers answer.

        What else can cause it
          - Firmware with a public resolver as fallback (HiveOS uses 8.8.8.8 and
            1.1.1.1).
          - A resolver of the site that `services.dns` does not list.

        MITRE ATT&CK v18.1
          - T1071.004 Application Layer Protocol: DNS
          - T1572 Protocol Tunneling

        """)
  }

  @Test func `the table has a row for each rule`() {
    let rows = RuleBook.markdownTable().split(separator: "\n")
    #expect(rows.count == RuleBook.rules.count + 2)
    #expect(
      rows.dropFirst(2).first == "| 1001 | `pool.unlisted` | critical | Mining session to a pool that is not allowed |")
  }

  @Test func `the catalogue for policies has every rule and parameter`() {
    let catalogue = RuleBook.catalogue
    #expect(catalogue.entries.map(\.name) == RuleBook.rules.map(\.name))
    #expect(catalogue.entries.map { $0.parameters.map(\.name) } == RuleBook.rules.map { $0.parameters.map(\.name) })
    #expect(catalogue.levels == ["critical", "high", "medium", "low", "info"])
  }
}
