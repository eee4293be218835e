import Capture
import Decode
import Protocols
import Rules
import Testing

@testable import Sinks

struct TextFormatTests {
  private let format = TextFormat(origin: Fixtures.origin)

  private func line(_ finding: Finding) -> String { text(format.line(finding)) }

  @Test func `writes the line that the handbook shows`() {
    #expect(
      line(Fixtures.login()) == """
        2026-11-22T14:25:01.123Z critical pool.unlisted 10.20.3.4 (r3-u12) -> 203.0.113.9:3333 evil.example: \
        authorized as "mallory.x" [x1 #1870246]

        """)
  }

  @Test func `names the capture with its packets`() {
    var finding = Fixtures.login()
    finding.evidence = Fixtures.evidence
    #expect(line(finding).hasSuffix(" [x1 #1870246] evidence \(Fixtures.evidence.file)\n"))
    finding.evidence?.file = "/tmp/two words\n/x.pcap"
    #expect(isOnePrintableLine(format.line(finding)))
  }

  /// What stands between the rule's name and the colon.
  private func who(_ finding: Finding) -> String? {
    line(finding).firstMatch(of: /pool\.unlisted (.*): authorized/).map { String($0.1) }
  }

  @Test func `tells who did it to whom, in the direction that matters`() {
    var finding = Fixtures.login()
    finding.fromServer = true
    #expect(who(finding) == "203.0.113.9:3333 evil.example -> 10.20.3.4 (r3-u12)")

    // Somebody opens a connection to a miner: the miner is the server, and its name goes with it.
    finding = Fixtures.login()
    finding.flow = Fixtures.flow("198.51.100.7", 50_000, "10.20.3.4", 4_028)
    #expect(who(finding) == "198.51.100.7 evil.example -> 10.20.3.4:4028 (r3-u12)")

    finding = Fixtures.finding()
    finding.destinationName = "evil.example"
    #expect(who(finding) == "10.20.3.4 -> 203.0.113.9:3333 evil.example")

    finding = Fixtures.finding(flow: Fixtures.flow("2001:db8::1", 1_024, "2001:db8::2", 3_333))
    #expect(who(finding) == "2001:db8::1 -> [2001:db8::2]:3333")

    finding = Fixtures.finding(flow: Fixtures.flow(ipProtocol: 47))
    #expect(who(finding) == "10.20.3.4 -> 203.0.113.9")
  }

  @Test func `makes sense without a flow`() {
    var finding = Fixtures.finding(Fixtures.captureLoss, .high, brief: "3 of 1000 packets lost", flow: nil)
    #expect(
      line(finding) == "2026-11-22T14:25:01.123Z high monitor.capture-loss gw-north: 3 of 1000 packets lost [x1]\n")
    finding = Fixtures.login()
    finding.flow = nil
    #expect(who(finding) == "10.20.3.4 (r3-u12) -> evil.example")
    finding.destinationName = nil
    #expect(who(finding) == "10.20.3.4 (r3-u12)")
  }

  @Test func `names some of a crowd and counts the rest`() {
    var finding = Fixtures.finding()
    let some = (1...5).map { Fixtures.address("10.20.3.\($0)") }
    finding.miners = Finding.Crowd(count: 37, some: some)
    #expect(who(finding) == "37 miners (10.20.3.1, 10.20.3.2, 10.20.3.3 and 34 more) -> 203.0.113.9:3333")
    finding.flow = nil
    finding.miners = Finding.Crowd(count: 2, some: Array(some.prefix(2)))
    #expect(who(finding) == "2 miners (10.20.3.1, 10.20.3.2)")
    finding.miners = Finding.Crowd(count: 9, some: [])
    #expect(who(finding) == "9 miners")
  }

  @Test func `tells how often`() {
    var finding = Fixtures.login()
    finding.count = 412
    #expect(line(finding).hasSuffix(" [x412 #1870246]\n"))
  }

  @Test(arguments: Level.allCases)
  func `colours the level and nothing else`(level: Level) {
    let finding = Fixtures.finding(Fixtures.unlisted, level)
    let colored = text(TextFormat(origin: Fixtures.origin, color: .ansi).line(finding))
    #expect(colored.split(separator: "\u{1b}").count == 3)
    #expect(colored.replacing(/\x{1b}\[[0-9;]*m/, with: "") == line(finding))
    #expect(colored.contains("m\(level.rawValue)\u{1b}[0m "))
  }

  @Test(arguments: Fixtures.hostileTexts)
  func `stays one harmless line whatever the wire says`(hostile: String) {
    let bytes = format.line(Fixtures.hostile(hostile))
    #expect(bytes.count <= Limits.readableLine)
    #expect(bytes.last == UInt8(ascii: "\n"))
    #expect(isOnePrintableLine(bytes))
  }

  @Test func `a name stays one word, so it cannot pretend to be the message`() {
    var finding = Fixtures.login()
    finding.destinationName = "pool.example: all is well [x1]"
    #expect(line(finding).contains(#" pool.example:\u{20}all\u{20}is\u{20}well\u{20}\u{5b}x1\u{5d}: authorized"#))
  }
}
