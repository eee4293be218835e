import Capture
import Testing

@testable import Policy

struct SettingTextTests {
  @Test(arguments: [
    ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("10m", .seconds(600)), ("24h", .seconds(86_400)),
    ("30d", .seconds(2_592_000)), ("0s", .zero),
  ])
  func `reads a duration`(text: String, duration: Duration) throws {
    #expect(try SettingText.duration(text) == duration)
    #expect(try SettingText.duration(PolicyReport.duration(duration)) == duration)
  }

  @Test(arguments: [
    ("60", #""60" has no unit (did you mean "60s"?)"#),
    ("10min", #""10min" has no unit of time (ms, s, m, h or d)"#),
    ("-5s", #""-5s" is not a time with its unit (write 500ms, 30s, 10m, 24h or 30d)"#),
    ("1.5h", #""1.5h" has no unit of time (ms, s, m, h or d)"#),
    ("", #""" is not a time with its unit (write 500ms, 30s, 10m, 24h or 30d)"#),
    ("4000d", #""4000d" is longer than ten years"#),
    ("9223372036854775807d", #""9223372036854775807d" is longer than ten years"#),
    (
      "99999999999999999999s",
      #""99999999999999999999s" is not a time with its unit (write 500ms, 30s, 10m, 24h or 30d)"#
    ),
  ])
  func `refuses what is no duration`(text: String, why: String) {
    #expect(throws: WrongValue(why)) { try SettingText.duration(text) }
  }

  @Test(arguments: [("64MiB", 64 << 20), ("1GiB", 1 << 30), ("512KiB", 512 << 10), ("4096", 4_096), ("7B", 7)])
  func `reads a size`(text: String, bytes: Int) throws {
    #expect(try SettingText.byteCount(text) == bytes)
    #expect(try SettingText.byteCount(PolicyReport.size(bytes)) == bytes)
  }

  @Test(arguments: [
    ("64MB", #""64MB" has no unit of size (did you mean "64MiB"?)"#),
    ("64m", #""64m" has no unit of size (did you mean "64MiB"?)"#),
    ("64 apples", #""64 apples" has no unit of size (B, KiB, MiB, GiB or TiB)"#),
    ("-1", #""-1" is not a size (write 65536, 512KiB, 64MiB or 1GiB)"#),
    ("9223372036854775807TiB", #""9223372036854775807TiB" is larger than any memory"#),
  ])
  func `refuses what is no size`(text: String, why: String) {
    #expect(throws: WrongValue(why)) { try SettingText.byteCount(text) }
  }

  @Test(arguments: [("0.05", 0.05), ("5%", 0.05), ("1", 1), ("0", 0), ("100%", 1)])
  func `reads a share`(text: String, fraction: Double) throws {
    #expect(try SettingText.fraction(text) == fraction)
  }

  @Test(arguments: [
    ("5", #""5" is more than all (did you mean "5%"?)"#), ("120%", #""120%" is more than all"#),
    ("1e-3", #""1e-3" is no share (write 0.05 or 5%)"#), ("nan", #""nan" is no share (write 0.05 or 5%)"#),
    ("-0.1", #""-0.1" is no share (write 0.05 or 5%)"#), ("%", #""%" is no share (write 0.05 or 5%)"#),
  ])
  func `refuses what is no share`(text: String, why: String) {
    #expect(throws: WrongValue(why)) { try SettingText.fraction(text) }
  }

  @Test(arguments: [
    ("2026-12-01T17:00Z", 1_796_144_400), ("2026-12-01T17:00:05Z", 1_796_144_405),
    ("2026-12-01T19:00+02:00", 1_796_144_400), ("2026-12-01 11:30-0530", 1_796_144_400),
    ("2000-02-29T00:00Z", 951_782_400), ("2024-12-31T23:59:59Z", 1_735_689_599),
  ])
  func `reads a time`(text: String, seconds: Int64) throws {
    let time = try SettingText.time(text, dateMeans: .start)
    #expect(time == Timestamp(seconds: seconds))
    #expect(try SettingText.time(time.utcText, dateMeans: .start) == time)
  }

  @Test
  func `a date alone is its start or its end`() throws {
    #expect(try SettingText.time("2027-01-31", dateMeans: .start).utcText == "2027-01-31T00:00:00Z")
    #expect(try SettingText.time("2027-01-31", dateMeans: .end).utcText == "2027-02-01T00:00:00Z")
  }

  @Test
  func `every day of four centuries comes back`() throws {
    for day in 0..<84_000 {
      let text = Timestamp(seconds: Int64(10_957 + day) * 86_400).utcText
      guard text < "2200" else { break }
      #expect(try SettingText.time(text, dateMeans: .start).seconds == Int64(10_957 + day) * 86_400)
    }
    #expect(Timestamp(seconds: -1).utcText == "1969-12-31T23:59:59Z")
  }

  @Test(arguments: [
    ("tomorrow", #""tomorrow" is no time (write 2026-12-01T17:00Z or 2026-12-01)"#),
    ("2026-02-30T00:00Z", #""2026-02-30T00:00Z": there is no such day between the years 2000 and 2199"#),
    ("1999-01-01", #""1999-01-01": there is no such day between the years 2000 and 2199"#),
    ("2026-12-01T17:00", #""2026-12-01T17:00" does not say its zone (write Z for UTC, or +02:00)"#),
    ("2026-12-01T24:00Z", #""2026-12-01T24:00Z": there is no such time of day"#),
    ("2026-12-01T17:00Zx", #""2026-12-01T17:00Zx" does not say its zone (write Z for UTC, or +02:00)"#),
    ("2026-12-01T17Z", #""2026-12-01T17Z" has no time of day after its date (write 2026-12-01T17:00Z)"#),
  ])
  func `refuses what is no time`(text: String, why: String) {
    #expect(throws: WrongValue(why)) { try SettingText.time(text, dateMeans: .start) }
  }

  @Test(arguments: ["tcp/443", "udp/6000-6100", "icmp", "tcp", "tcp/1", "udp/65535"])
  func `reads ports`(text: String) throws {
    #expect(try SettingText.portMatch(text).description == text)
  }

  @Test(arguments: [
    ("443", #""443" is no port (write tcp/443, udp/6000-6100 or icmp)"#),
    ("tcp/0", #""0" is no port from 1 to 65535"#),
    ("tcp/65536", #""65536" is no port from 1 to 65535"#),
    ("tcp/", #""" is no port from 1 to 65535"#),
    ("udp/9-8", #""udp/9-8" ends before it begins (did you mean "udp/8-9"?)"#),
    ("icmp/8", #""icmp/8": ICMP has no ports (did you mean "icmp"?)"#),
  ])
  func `refuses what is no port`(text: String, why: String) {
    #expect(throws: WrongValue(why)) { try SettingText.portMatch(text) }
  }

  @Test(arguments: ["", "a b", "[ab]", "{a,b}", "a\u{1}", String(repeating: "a", count: 257)])
  func `refuses what is no account`(text: String) {
    #expect(throws: WrongValue.self) { try SettingText.account(text) }
  }

  @Test(arguments: ["", "a/b", "much-too-long-name", "a b", ".."])
  func `refuses what is no interface`(text: String) {
    #expect(throws: WrongValue.self) { try SettingText.interface(text) }
  }

  @Test
  func `quotes without control characters and within a line`() {
    #expect("a\u{1b}[31m\n\u{202e}".quoted == #""a\u{1b}[31m\u{a}\u{202e}""#)
    #expect(String(repeating: "x", count: 1_000).quoted.count == 73)
  }
}
