import Capture
import Decode
import Flows
import Foundation
import Protocols

import struct Simulator.SplitMix64

@testable import Rules
@testable import Sinks

/// Findings and flows to write, and what a test needs around files and programs.
enum Fixtures {
  /// 2026-11-22T14:25:01.123456789Z
  static let time = Timestamp(seconds: 1_795_357_501, nanoseconds: 123_456_789)
  static let origin = Origin(host: "gw-north", site: "north-hall", interfaces: ["span0"], processID: 4711)

  static let unlisted = Rule.Reference(
    id: 1001, name: "pool.unlisted", title: "Mining session to a pool that is not allowed", category: "Pool switch",
    techniques: [Technique("T1496.001", "Compute Hijacking")], revision: 1)
  static let captureLoss = Rule.Reference(
    id: 9001, name: "monitor.capture-loss", title: "Packets were lost before they could be read",
    category: "Monitor", techniques: [], revision: 1)

  static func address(_ text: String) -> IPAddress {
    guard let address = IPAddress(text) else { fatalError("no address: \(text)") }
    return address
  }

  static func flow(
    _ client: String = "10.20.3.4", _ clientPort: UInt16 = 40_112, _ server: String = "203.0.113.9",
    _ serverPort: UInt16 = 3_333, ipProtocol: UInt8 = 6, icmpType: UInt8 = 0, vlans: [UInt16] = [20]
  ) -> FlowFacts {
    FlowFacts(
      id: 1_870_246, client: Endpoint(address: address(client), port: clientPort),
      server: Endpoint(address: address(server), port: serverPort), ipProtocol: ipProtocol, icmpType: icmpType,
      vlans: vlans, firstSeen: time.advanced(by: .seconds(-90)))
  }

  static func finding(
    _ rule: Rule.Reference = unlisted, _ level: Level = .critical, brief: String = #"authorized as "mallory.x""#,
    flow: FlowFacts? = flow()
  ) -> Finding {
    var finding = Finding(
      rule: rule, level: level, time: time, message: "A miner mines where it may not.", brief: brief,
      advice: "Find out who changed the pool.", subject: "")
    finding.flow = flow
    return finding
  }

  /// The contract's example of an alert.
  static func login() -> Finding {
    var finding = finding()
    finding.application = .stratum
    finding.miner = Finding.Miner(
      address: address("10.20.3.4"), mac: MACAddress(rawValue: 0x0200_0a14_0304), name: "r3-u12",
      agent: "bmminer/2.0.0")
    finding.destinationName = "evil.example"
    finding.section = "stratum"
    finding.facts = [
      ("dialect", .text("stratum-v1")), ("method", .text("mining.authorize")), ("user", .text("mallory.x")),
      ("pool_host", .text("evil.example")), ("difficulty", .number(65_536.5)), ("shares", .count(3)),
      ("followed", .flag(true)), ("names", .list(["a", "b"])),
    ]
    return finding
  }

  static let evidence = Finding.Evidence(
    file: "/var/lib/minewatch/evidence/20261122T142501.123456Z-pool.unlisted-1870246-9f2c01ab.pcap",
    sha256: String(repeating: "0a", count: 32), bytes: 1_200, packets: 7)

  /// A finding that has `text` wherever bytes from the wire or from a policy can stand.
  static func hostile(_ text: String) -> Finding {
    var finding = login()
    finding.message = text
    finding.brief = text
    finding.advice = text
    finding.miner?.name = text
    finding.miner?.agent = text
    finding.destinationName = text
    finding.facts = [("user", .text(text)), ("names", .list([text, text]))]
    return finding
  }

  static func totals(_ reason: FlowEnd = .finished, answered: Bool = true) -> FlowTotals {
    var toServer = FlowCounters()
    (toServer.packets, toServer.bytes) = (12, 1_500)
    var toClient = FlowCounters()
    (toClient.packets, toClient.bytes) = (11, 9_000)
    return FlowTotals(reason: reason, lastSeen: time, toServer: toServer, toClient: toClient, answered: answered)
  }

  static let stats = StatsRecord(
    time: time, uptime: 3_600,
    groups: [
      .init(
        "capture", .group([.init("kernel_packets", 1_000_000), .init("kernel_drops", 3), .init("kernel_ifdrops", 0)])),
      .init("decoder", .group([.init("pkts", 1_000_000), .init("ipv4", 999_000)])),
      .init("flow", .group([.init("active", 5_000)])),
    ],
    own: [.init("packet_rate", .number(278.5)), .init("policy", .text("abc123")), .init("findings", 7)])

  /// What wire and policy could hold to break a line, a terminal or a document.
  static let hostileTexts = [
    "two\nlines", "carriage\rreturn", "tab\tand\u{0}zero", "\u{1b}[2J\u{1b}]0;owned\u{7}", "\u{9b}31mC1",
    #"quote " and backslash \ and \" both"#, "\u{2028}separators\u{2029}", "\u{202e}gnihton\u{2066}isolate\u{2069}",
    "\u{fffd}\u{fffd}", "\u{feff}bom\u{200b}zero width", "emoji 😀 and é and 矿工", "\u{7f}delete", "\u{e0041}tag",
    #"x" [x1 #5]"# + "\n2026-11-22T14:25:01.123Z critical forged", String(repeating: "A", count: 10_000),
    String(repeating: "\u{1b}", count: 10_000), String(repeating: "😀", count: 10_000), "",
  ]
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Printable text that ends with its only line feed.
func isOnePrintableLine(_ bytes: [UInt8]) -> Bool {
  bytes.last == UInt8(ascii: "\n") && text(bytes).unicodeScalars.dropLast().allSatisfy { $0.isPrintable }
}

extension Fixtures {
  /// Minutes with rates that are known, unknown and none, and texts that want escaping.
  static var minutes: [MinuteAccount] {
    let estimates = [
      HashrateEstimate(minutes: 1),
      HashrateEstimate(minutes: 5, seconds: 300, shares: 30, difficulty: 30 * 233_000, squares: 30 * 233_000 * 233_000),
      HashrateEstimate(minutes: 15, seconds: 900, unknownShares: 4),
      HashrateEstimate(minutes: 60, seconds: 3_600),
      HashrateEstimate(
        minutes: 60, seconds: 3_600, shares: 1, difficulty: .greatestFiniteMagnitude, squares: .infinity),
    ]
    let line = { (name: String) in
      MinuteAccount.GroupLine(name: name, workers: 2, unreadable: 1, work: ShareWork(), estimates: estimates)
    }
    let workers = ([nil, "acme.x"] + hostileTexts.map(Optional.some)).map { user in
      MinuteAccount.WorkerLine(
        miner: Finding.Miner(address: address("10.20.3.4"), name: user, agent: user), model: user, user: user,
        pool: user, server: Endpoint(address: address("203.0.113.9"), port: 3_333), work: ShareWork(), seconds: 60,
        estimates: estimates)
    }
    return [
      MinuteAccount(
        time: time, seconds: 60, workers: workers, site: line("north-hall"), pools: hostileTexts.map(line),
        accounts: [line("acme")], minersSeen: 3)
    ]
  }
}

extension SplitMix64 {
  /// Text in which every kind of scalar turns up, control characters more often than they would by chance.
  mutating func text(upTo length: Int) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...length, using: &self) {
      let highest: UInt32 = [0x20, 0x7f, 0xa0, 0x2100, 0x10_ffff][Int.random(in: 0..<5, using: &self)]
      text.append(Unicode.Scalar(UInt32.random(in: 0...highest, using: &self)) ?? "\u{fffd}")
    }
    return String(text)
  }
}
