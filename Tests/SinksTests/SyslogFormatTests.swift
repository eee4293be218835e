import Capture
import Foundation
import Policy
import Rules
import Testing

@testable import Sinks

struct SyslogFormatTests {
  private func message(
    _ finding: Finding, _ version: SyslogFormat.Version, _ facility: Policy.SyslogFacility = .daemon,
    sequence: UInt32 = 1
  ) -> String {
    text(
      SyslogFormat(origin: Fixtures.origin, version: version, facility: facility).message(finding, sequence: sequence))
  }

  private let summary = """
    critical pool.unlisted 10.20.3.4 (r3-u12) -> 203.0.113.9:3333 evil.example: authorized as "mallory.x" [x1 #1870246]
    """

  @Test func `writes RFC 3164 with the event's local time`() {
    let local = CivilTime.rfc3164(Fixtures.time)
    #expect(message(Fixtures.login(), .rfc3164) == "<26>\(local) minewatch[4711]: \(summary)")
  }

  @Test func `writes RFC 5424 with the event's time and the rule as MSGID`() {
    #expect(
      message(Fixtures.login(), .rfc5424, sequence: 7) == """
        <26>1 2026-11-22T14:25:01.123456Z gw-north minewatch 4711 pool.unlisted [meta sequenceId="7"] \(summary)
        """)
  }

  @Test(arguments: [
    (Level.critical, Policy.SyslogFacility.daemon, 26), (.high, .daemon, 27), (.medium, .daemon, 28),
    (.low, .daemon, 29),
    (.info, .daemon, 30), (.critical, .kern, 2), (.info, .local7, 190), (.high, .local5, 171),
  ])
  func `counts the priority from facility and level`(level: Level, facility: Policy.SyslogFacility, priority: Int) {
    for version in [SyslogFormat.Version.rfc3164, .rfc5424] {
      #expect(message(Fixtures.finding(Fixtures.unlisted, level), version, facility).hasPrefix("<\(priority)>"))
    }
  }

  @Test func `marks UTF-8 in RFC 5424, and only it`() {
    let finding = Fixtures.finding(brief: "矿工")
    #expect(message(finding, .rfc5424).contains("] \u{feff}critical"))
    #expect(!message(finding, .rfc3164).contains("\u{feff}"))
    #expect(!message(Fixtures.login(), .rfc5424).contains("\u{feff}"))
  }

  @Test(arguments: [
    (UInt32(1), "1"), (0x7fff_ffff, "2147483647"), (0x8000_0000, "1"), (.max, "1"), (0, "2"),
  ])
  func `numbers messages from 1 to the highest that RFC 5424 has`(sequence: UInt32, number: String) {
    #expect(message(Fixtures.login(), .rfc5424, sequence: sequence).contains("sequenceId=\"\(number)\""))
  }

  @Test(arguments: [("", "-"), ("gw north\n", "gw?north?"), ("gö", "g??"), ("name", "name")])
  func `header fields are visible ASCII`(raw: String, expected: String) {
    #expect(SyslogFormat.header(raw, limit: 255) == expected)
    #expect(SyslogFormat.header(String(repeating: "n", count: 300), limit: 255).utf8.count == 255)
  }

  @Test(arguments: Fixtures.hostileTexts)
  func `stays one message whatever the wire says`(hostile: String) {
    for version in [SyslogFormat.Version.rfc3164, .rfc5424] {
      let message = message(Fixtures.hostile(hostile), version)
      #expect(message.utf8.count <= 8_192)
      #expect(message.replacing("\u{feff}", with: "").unicodeScalars.allSatisfy { $0.isPrintable })
    }
  }
}
