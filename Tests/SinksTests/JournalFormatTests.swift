import Capture
import Foundation
import Policy
import Rules
import Testing

@testable import Sinks

struct JournalFormatTests {
  private let format = JournalFormat(origin: Fixtures.origin, facility: .daemon)

  @Test func `gives every fact a field`() {
    let fields = text(format.message(Fixtures.login())).split(separator: "\n").map(String.init)
    let summary = """
      critical pool.unlisted 10.20.3.4 (r3-u12) -> 203.0.113.9:3333 evil.example: authorized as "mallory.x" [x1 #1870246]
      """
    #expect(
      fields == [
        "MESSAGE=\(summary)", "PRIORITY=2", "MESSAGE_ID=\(JournalFormat.messageID(Fixtures.unlisted))",
        "SYSLOG_IDENTIFIER=minewatch", "SYSLOG_FACILITY=3", "MINEWATCH_TIME=2026-11-22T14:25:01.123456Z",
        "MINEWATCH_SITE=north-hall", "MINEWATCH_RULE=pool.unlisted", "MINEWATCH_RULE_ID=1001",
        "MINEWATCH_LEVEL=critical", "MINEWATCH_COUNT=1", "MINEWATCH_ADVICE=Find out who changed the pool.",
        "MINEWATCH_MINER=10.20.3.4", "MINEWATCH_MINER_NAME=r3-u12", "MINEWATCH_MINER_AGENT=bmminer/2.0.0",
        "MINEWATCH_DESTINATION_NAME=evil.example", "MINEWATCH_SOURCE=10.20.3.4",
        "MINEWATCH_DESTINATION=203.0.113.9", "MINEWATCH_FLOW=1870246",
        "MINEWATCH_COMMUNITY_ID=\(CommunityID.v1(Fixtures.flow()) ?? "")",
      ])
  }

  @Test func `names the capture with its packets`() {
    var finding = Fixtures.login()
    finding.evidence = Fixtures.evidence
    let fields = text(format.message(finding)).split(separator: "\n").suffix(3)
    #expect(
      fields == [
        "MINEWATCH_EVIDENCE=\(Fixtures.evidence.file)", "MINEWATCH_EVIDENCE_SHA256=\(Fixtures.evidence.sha256)",
        "MINEWATCH_EVIDENCE_BYTES=1200",
      ])
  }

  @Test func `a value with a line feed says its length, so that it cannot make a field`() {
    var entry: [UInt8] = []
    JournalFormat.append("KEY", "a\nPRIORITY=0", to: &entry)
    #expect(entry == Array("KEY\n".utf8) + [12, 0, 0, 0, 0, 0, 0, 0] + Array("a\nPRIORITY=0\n".utf8))
    entry = []
    JournalFormat.append("KEY", "plain", to: &entry)
    #expect(text(entry) == "KEY=plain\n")
  }

  @Test func `numbers a kind of message by its rule, for ever`() {
    // Computed once with sha256sum; it stands in other people's filters.
    #expect(JournalFormat.messageID(Fixtures.unlisted) == "787be3b8dde1e35419e3294dbcb3142d")
    #expect(JournalFormat.messageID(Fixtures.captureLoss) != JournalFormat.messageID(Fixtures.unlisted))
  }

  /// Reads an entry as journald does.
  private func parse(_ entry: [UInt8]) -> [String: [UInt8]]? {
    var fields: [String: [UInt8]] = [:]
    var rest = entry[...]
    while let end = rest.firstIndex(of: 10) {
      let line = rest[..<end]
      rest = rest[(end + 1)...]
      if let sign = line.firstIndex(of: UInt8(ascii: "=")) {
        fields[text(Array(line[..<sign]))] = Array(line[(sign + 1)...])
      } else {
        let count = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard rest.count >= 8 + count + 1 else { return nil }
        fields[text(Array(line))] = Array(rest.dropFirst(8).prefix(count))
        rest = rest.dropFirst(8 + count)
        guard rest.popFirst() == 10 else { return nil }
      }
    }
    return rest.isEmpty ? fields : nil
  }

  @Test(arguments: Fixtures.hostileTexts)
  func `keeps its fields whatever the wire says`(hostile: String) throws {
    let finding = Fixtures.hostile(hostile)
    let fields = try #require(parse(format.message(finding)))
    #expect(fields["PRIORITY"] == Array("2".utf8))
    #expect(fields["MINEWATCH_RULE"] == Array("pool.unlisted".utf8))
    // `journalctl -o cat` writes fields to a terminal as they are.
    let escaped = WireEscape.escaped(hostile, as: .sentence, limit: Limits.readableLine)
    #expect(fields["MINEWATCH_MINER_NAME"].map(text) == escaped)
    #expect(fields.count == 20)
  }
}
