import Capture
import Decode
import Foundation
import Testing

import struct Simulator.SplitMix64

@testable import Policy

/// The whole reader on whole files.
struct PolicyReaderTests {
  /// The example that the product's description promises to load, every key in it.
  static let documented = """
    site: north-hall                        # stands in every event

    capture:
      interfaces: [span0]
      workers: auto                         # one per core; they share an interface by flow hash
      filter: ""                            # extra BPF, libpcap syntax
      snaplen: 262144                       # offload hands up super-frames
      buffer: 64MiB                         # kernel ring per worker

    miners:
      networks: [10.20.0.0/16]              # who is a miner
      managers: [10.1.0.0/28]               # who may open connections to miners
      inventory: miners.csv                 # optional: ip or mac, name, rack, model, watts

    pools:
      - name: braiins
        endpoints:                          # as typed into a miner; tls, ssl and tcps are one
          - stratum+tcp://stratum.example-pool.com:3333
          - stratum+ssl://stratum.example-pool.com:443
          - stratum2+tcp://v2.example-pool.com:3336/9auqWEzQDVyd2oe1JVGFLMLHZtCo2FFqZwtKA5gd9xbuEu7PH72
        addresses: [203.0.113.0/24]         # optional: the pool's own ranges; an answer outside them is an alert
        accounts: ["acme", "acme.*"]        # who may be paid: globs over the user name; omit to allow any

    services:
      dns: [10.1.0.1]
      ntp: [10.1.0.1, time.example.com]
      dhcp: [10.1.0.1]
      allow:                                # anything else that miners may reach
        - {name: firmware mirror, hosts: [firmware.example.com, 198.51.100.0/28], ports: [tcp/443]}

    detection:
      rules:                                # override by rule name
        fleet.coordinated-stop: {fraction: 0.05, window: 60s}
        stratum.show-message: off
        dns.unlisted-name: {level: low}
      planned:                              # curtailment and maintenance
        - {name: demand response, from: 2026-12-01T17:00Z, to: 2026-12-01T19:00Z, miners: [10.20.0.0/17]}
      suppress:
        - {rule: destination.unlisted, miner: 10.20.9.9, destination: 198.51.100.7, until: 2027-01-31, reason: "ticket 812"}
      indicators: [indicators.d]            # extra names, addresses, ranges, ports to flag; plain text, one a line

    alerts:
      repeat: 10m                           # the same finding again inside this time is counted, not repeated
      log:    {path: /var/log/minewatch/alerts.log}         # one readable line an alert: made for tail -f
      eve:    {path: /var/log/minewatch/eve.json, types: [alert, miner, fleet, stats]}   # also: flow
      syslog: {socket: /dev/log, format: rfc3164, facility: daemon}    # or rfc5424, or journal (native fields)
      evidence: {path: /var/lib/minewatch/evidence, packets: 64, keep: 1GiB}   # a capture file per alert

    store: {path: /var/lib/minewatch/minewatch.db, keep: 30d}
    """

  static func folder() throws -> TestFolder {
    try TestFolder(["miners.csv": "ip,name\n10.20.3.4,r3-u12\n", "indicators.d/site.txt": "bad.example\n"])
  }

  @Test
  func `reads every key of the documented policy`() throws {
    let folder = try Self.folder()
    let policy = try read(Self.documented, file: "\(folder.path)/p.yaml", now: Timestamp(seconds: 1_795_000_000))
    #expect(policy.site == "north-hall")
    #expect(policy.capture.interfaces == ["span0"])
    #expect(policy.capture.workers == nil)
    #expect(policy.capture.filter == "")
    #expect(policy.capture.snaplen == 262_144)
    #expect(policy.capture.buffer == 64 << 20)
    #expect(policy.miners.networks.description == "10.20.0.0/16")
    #expect(policy.miners.managers.description == "10.1.0.0/28")
    #expect(policy.miners.inventory.entry(for: try address("10.20.3.4"), mac: .none)?.name == "r3-u12")
    let pool = try #require(policy.pools.first)
    #expect(pool.name == "braiins")
    #expect(pool.endpoints.map(\.transport) == [.plain, .tls, .stratumV2])
    #expect(pool.endpoints[2].authorityKey == "9auqWEzQDVyd2oe1JVGFLMLHZtCo2FFqZwtKA5gd9xbuEu7PH72")
    #expect(pool.addresses?.description == "203.0.113.0/24")
    #expect(pool.accounts?.map(\.pattern) == ["acme", "acme.*"])
    #expect(policy.services.dns?.description == "10.1.0.1")
    #expect(policy.services.ntp?.description == "time.example.com, 10.1.0.1")
    #expect(policy.services.dhcp?.description == "10.1.0.1")
    #expect(policy.services.allow.first?.name == "firmware mirror")
    #expect(policy.services.allow.first?.hosts.description == "firmware.example.com, 198.51.100.0/28")
    #expect(policy.services.allow.first?.ports == [Policy.PortMatch(ipProtocol: 6, ports: 443...443)])
    #expect(
      policy.detection.overrides["fleet.coordinated-stop"]?.parameters
        == ["fraction": .fraction(0.05), "window": .duration(.seconds(60))])
    #expect(policy.detection.overrides["stratum.show-message"]?.isOff == true)
    #expect(policy.detection.overrides["dns.unlisted-name"]?.level == "low")
    let window = try #require(policy.detection.planned.first)
    #expect(window.name == "demand response")
    #expect(window.from == Timestamp(seconds: 1_796_144_400) && window.to == Timestamp(seconds: 1_796_151_600))
    #expect(window.miners.description == "10.20.0.0/17")
    let suppression = try #require(policy.detection.suppressions.first)
    #expect(suppression.rule == "destination.unlisted")
    #expect(suppression.miner?.description == "10.20.9.9")
    #expect(suppression.destination?.description == "198.51.100.7")
    #expect(suppression.until == Timestamp(seconds: 1_801_440_000))
    #expect(suppression.reason == "ticket 812")
    #expect(policy.detection.indicators.match(name: "bad.example") != nil)
    #expect(policy.alerts.fold == .seconds(600))
    #expect(policy.alerts.log == Policy.FileSink(path: "/var/log/minewatch/alerts.log"))
    #expect(
      policy.alerts.eve
        == Policy.EVESink(path: "/var/log/minewatch/eve.json", types: [.alert, .miner, .fleet, .stats]))
    #expect(
      policy.alerts.syslog == Policy.SyslogSink(socket: "/dev/log", format: .rfc3164, facility: .daemon))
    #expect(
      policy.alerts.evidence
        == Policy.EvidenceSink(path: "/var/lib/minewatch/evidence", packets: 64, keep: 1 << 30))
    #expect(policy.store.path == "/var/lib/minewatch/minewatch.db")
    #expect(policy.store.keep == .seconds(30 * 86_400))
    #expect(policy.warnings.map(\.description) == [])
  }

  @Test
  func `the smallest policy has defaults and warnings for the rest`() throws {
    let policy = try read(
      """
      miners: {networks: [10.20.0.0/16]}
      pools:
        - name: p
          endpoints: [stratum+tcp://p.example:3333]
      """)
    #expect(policy.site == "site")
    #expect(policy.alerts.log?.path == "/var/log/minewatch/alerts.log")
    #expect(policy.alerts.eve == nil && policy.alerts.syslog == nil)
    #expect(policy.pools.first?.accounts == nil)
    #expect(
      policy.warnings.map(\.description) == [
        #"p.yaml:1:1: services: "dns" is missing: every private address counts as the site's own server"#,
        #"p.yaml:1:1: services: "ntp" is missing: every private address counts as the site's own server"#,
        #"p.yaml:1:1: services: "dhcp" is missing: every private address counts as the site's own server"#,
        #"p.yaml:3:5: pools: "p" has no accounts: mining for any account there passes unseen"#,
      ])
  }

  @Test
  func `warns of expired exemptions`() throws {
    let text = """
      capture: {workers: 4}
      miners: {networks: [10.20.0.0/16]}
      pools: [{name: p, endpoints: ["stratum+tcp://p.example:3333"], accounts: [a]}]
      services: {dns: [], ntp: [], dhcp: []}
      detection:
        suppress: [{rule: dns.unlisted-name, until: 2026-01-31, reason: x}]
      """
    let policy = try read(text, now: Timestamp(seconds: 1_795_000_000))
    #expect(policy.capture.workers == 4)
    #expect(
      policy.warnings.map(\.description) == [
        "p.yaml:6:47: detection.suppress.until: has expired"
      ])
    #expect(!policy.isResolver(try address("10.1.0.1"), Bindings()))
    #expect(try read(text).warnings.isEmpty)
  }

  @Test
  func `the sample file loads and has every key`() throws {
    let path = "\(configs)/minewatch.yaml"
    let policy = try PolicyReader.read(
      path: path, rules: .sample, builtIn: BuiltInData(indicators: "\(configs)/indicators.d"))
    #expect(policy.miners.inventory.count == 3)
    let document = try Document(parsing: String(contentsOfFile: path, encoding: .utf8))
    for (group, keys) in PolicyKey.groups {
      var node: Document.Node? = document.root
      for key in group.split(separator: ".") { node = node?.child(String(key)) }
      for key in keys { #expect(node?.child(key) != nil, "\(group).\(key) is not in the sample") }
    }
  }

  @Test
  func `the manual tells of every key`() throws {
    let manual = try String(contentsOfFile: "\(configs)/../man/minewatch.yaml.5", encoding: .utf8)
    for (group, keys) in PolicyKey.groups where !group.isEmpty {
      let title = group.split(separator: ".")[0]
      let start = try #require(manual.range(of: "\n.Ss \(title)\n"), "no section \(title)")
      let rest = manual[start.upperBound...]
      let section = rest[..<(rest.firstRange(of: #/\n\.S[hs] /#)?.lowerBound ?? rest.endIndex)]
      let words = section.split { !($0.isLetter || $0.isNumber) }.map(String.init)
      for key in keys { #expect(words.contains(key), "\(group).\(key)") }
    }
  }

  @Test
  func `the digest tells contents apart`() throws {
    let folder = try Self.folder()
    let read = { try PolicyTests.read(Self.documented, file: "\(folder.path)/p.yaml").digest }
    let before = try read()
    #expect(before.count == 16)
    #expect(try read() == before)
    try folder.write("bad.example another note\n", to: "indicators.d/site.txt")
    #expect(try read() != before)
  }

  @Test
  func `a file that cannot be read is one plain error`() throws {
    let folder = try TestFolder()
    let missing = #expect(throws: PolicyErrors.self) {
      try PolicyReader.read(path: "/nowhere/p.yaml", rules: .sample, builtIn: .none)
    }
    #expect(missing?.description == "/nowhere/p.yaml: cannot be read: no such file")
    let directory = #expect(throws: PolicyErrors.self) {
      try PolicyReader.read(path: folder.path, rules: .sample, builtIn: .none)
    }
    #expect(directory?.description == "\(folder.path): cannot be read: not a regular file")
    try folder.write(String(repeating: "#", count: Limits.policyFile + 1), to: "long.yaml")
    let long = #expect(throws: PolicyErrors.self) {
      try PolicyReader.read(path: "\(folder.path)/long.yaml", rules: .sample, builtIn: .none)
    }
    #expect(long?.description == "\(folder.path)/long.yaml: is longer than 1 MiB")
    try Data("site: a\nx: \u{e9}".utf8 + [0xff]).write(to: URL(filePath: "\(folder.path)/latin.yaml"))
    let latin = #expect(throws: PolicyErrors.self) {
      try PolicyReader.read(path: "\(folder.path)/latin.yaml", rules: .sample, builtIn: .none)
    }
    #expect(latin?.description == "\(folder.path)/latin.yaml:2:5: a byte that is not UTF-8 stands here")
  }

  @Test
  func `a mark of byte order in front of a file is none of its text`() throws {
    let folder = try TestFolder([
      "p.yaml": "\u{feff}stie: a\ndetection: {indicators: [bad.txt]}\n", "bad.txt": "\u{feff}198.51.100.0/33 a range\n",
    ])
    let errors = #expect(throws: PolicyErrors.self) {
      try PolicyReader.read(path: "\(folder.path)/p.yaml", rules: .sample, builtIn: .none)
    }
    let told = (errors?.description ?? "").replacing(folder.path + "/", with: "")
    #expect(told.hasPrefix("p.yaml:1:1: "))
    #expect(told.contains("bad.txt:1:1: "))
  }

  /// Single bytes changed, lines dropped, doubled and swapped, pieces moved: an answer or an error, never a trap.
  @Test
  func `no change to a policy stops the program`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("PolicyReaderTests seed \(seed)")
    var random = SplitMix64(seed: seed)
    let folder = try Self.folder()
    let lines = Self.documented.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var accepted = 0
    for _ in 0..<400 {
      var text = lines
      for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&text, &random) }
      let mutated = text.joined(separator: "\n")
      do {
        _ = PolicyReport(try read(mutated, file: "\(folder.path)/p.yaml")).description
        accepted += 1
      } catch let errors as PolicyErrors {
        #expect(!errors.problems.isEmpty, "seed \(seed)")
        #expect(errors.problems.count <= Limits.policyProblems + 1, "seed \(seed)")
      }
    }
    #expect(accepted > 0 && accepted < 400, "seed \(seed)")
  }

  private static func mutate(_ lines: inout [String], _ random: inout SplitMix64) {
    let index = Int.random(in: 0..<lines.count, using: &random)
    let noise: [Unicode.Scalar] = [
      ":", "-", "[", "]", "{", "}", "*", "&", "!", "\"", "'", "#", "\t", " ", "0", "9", "%", "|", ">", "?", ",", "~",
      "é",
      "\u{0}", "\u{feff}", "\u{1f4a9}", "@", "/", ".",
    ]
    var scalars = Array(lines[index].unicodeScalars)
    let place = Int.random(in: 0...scalars.count, using: &random)
    let letter = noise.randomElement(using: &random) ?? " "
    let kind = Int.random(in: 0..<7, using: &random)
    switch kind {
    case 0: lines.remove(at: index)
    case 1: lines.insert(lines[index], at: Int.random(in: 0...lines.count, using: &random))
    case 2: lines.swapAt(index, Int.random(in: 0..<lines.count, using: &random))
    case 3: scalars.removeSubrange(place..<min(place + 1, scalars.count))
    case 4: scalars.replaceSubrange(place..<min(place + 1, scalars.count), with: [letter])
    case 5: scalars.insert(letter, at: place)
    default: scalars.removeSubrange(place...)
    }
    if kind > 2 { lines[index] = String(String.UnicodeScalarView(scalars)) }
    if lines.isEmpty { lines = [""] }
  }
}

extension Document.Node {
  /// What stands under a key, of the first entry if this is a list.
  fileprivate func child(_ name: String) -> Document.Node? {
    switch content {
    case .text: nil
    case .list(let nodes): nodes.first?.child(name)
    case .group(let pairs):
      pairs.first { if case .text(name, _) = $0.key.content { true } else { false } }?.value
    }
  }
}
