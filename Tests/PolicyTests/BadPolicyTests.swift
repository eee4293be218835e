import Capture
import Foundation
import Testing

@testable import Policy

/// Bad files with all that is said of them, word by word.
struct BadPolicyTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    let text: String
    let complaints: String

    init(_ name: String, _ text: String, _ complaints: String) {
      self.name = name
      self.text = text
      self.complaints = complaints
    }

    var testDescription: String { name }
  }

  @Test(arguments: cases)
  func `tells all that is wrong, where, and what was meant`(bad: Case) {
    #expect(complaints(bad.text) == bad.complaints)
  }

  @Test
  func `tells a bounded number of errors`() {
    let networks = String(repeating: "x, ", count: 5_000)
    let lines = complaints("miners: {networks: [\(networks)]}" + Self.good).split(separator: "\n")
    #expect(lines.count == Limits.policyProblems + 1)
    #expect(lines.last?.hasSuffix(" more errors are not shown") == true)
  }

  /// Ten levels of nine aliases each would be 3.5 billion values, all hashed where they stand in a key.
  @Test
  func `refuses a file that grows when read`() {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...10 {
      let alias = "*a\(level - 1)"
      text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 9).joined(separator: ", "))]\n"
    }
    #expect(complaints(text + "? *a10\n: x\n").hasSuffix(Document.aliasMessage))
  }

  @Test
  func `refuses one file for two purposes, by whatever name`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "minewatch-policy-\(UUID())")
    try FileManager.default.createDirectory(at: folder.appending(path: "real"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createSymbolicLink(
      at: folder.appending(path: "link"), withDestinationURL: folder.appending(path: "real"))
    let text =
      Self.good + """

        alerts:
          log: {path: \(folder.path)/real/x}
          eve: {path: \(folder.path)/link/x}
        store: {path: \(folder.path)/real/../real/x}
        """
    #expect(
      complaints(text) == """
        p.yaml:6:15: alerts.eve.path: the same file as alerts.log.path; give each a file of its own
        p.yaml:7:15: store.path: the same file as alerts.log.path; give each a file of its own
        """)
    #expect(complaints(Self.good + "\nalerts: {log: {path: /dev/null}, eve: {path: /dev/null}}").isEmpty)
  }

  /// What a policy needs at least, to follow a group that is wrong.
  static let good = """

    miners: {networks: [10.20.0.0/16]}
    pools: [{name: p, endpoints: ["stratum+tcp://p.example:3333"], accounts: [a]}]
    """

  static let cases: [Case] = [
    Case(
      "empty",
      "",
      #"""
      p.yaml:1:1: miners: "networks" is missing: say which addresses the miners have (networks: [10.20.0.0/16])
      p.yaml:1:1: pools: none is listed: say where miners may mine
      """#),
    Case(
      "comment only",
      "# nothing\n",
      #"""
      p.yaml:1:1: miners: "networks" is missing: say which addresses the miners have (networks: [10.20.0.0/16])
      p.yaml:1:1: pools: none is listed: say where miners may mine
      """#),
    Case(
      "one word",
      "site",
      #"""
      p.yaml:1:1: expected a group of keys (site, capture, miners, pools, services, detection, alerts, store), found the text "site"
      """#),
    Case(
      "a list",
      "- a\n- b",
      #"""
      p.yaml:1:1: expected a group of keys (site, capture, miners, pools, services, detection, alerts, store), found a list
      """#),
    Case(
      "misspelt groups",
      "minners: {}\npolls: []\nsite:\n  - a",
      #"""
      p.yaml:1:1: unknown key "minners" (did you mean "miners"?)
      p.yaml:1:1: miners: "networks" is missing: say which addresses the miners have (networks: [10.20.0.0/16])
      p.yaml:1:1: pools: none is listed: say where miners may mine
      p.yaml:2:1: unknown key "polls" (did you mean "pools"?)
      p.yaml:4:3: site: expected text, found a list
      """#),
    Case(
      "empty groups",
      "site: \"\"\ncapture: [a]\nminers:\npools:",
      #"""
      p.yaml:1:7: site: is empty
      p.yaml:2:10: capture: expected a group of keys (interfaces, workers, filter, snaplen, buffer), found a list
      p.yaml:3:8: miners: "networks" is missing: say which addresses the miners have (networks: [10.20.0.0/16])
      p.yaml:4:7: pools: none is listed: say where miners may mine
      """#),
    Case(
      "filters that no capture takes, or that would ask DNS",
      """
      capture: {filter: "hots 1"}
      miners: {networks: [10.20.0.0/16]}
      pools: [{name: a, endpoints: ["stratum+tcp://a.example:3333"], accounts: [a]}]
      """,
      #"""
      p.yaml:1:19: capture.filter: "hots 1" is no filter: can't parse filter expression: syntax error (correct it as pcap-filter(7) describes)
      """#),
    Case(
      "capture, miners and pools",
      #"""
      site: a
      capture:
        interface: [span0]
        interfaces: span0
        workers: 0
        filter: [a]
        snaplen: 100
        buffer: 64MB
      miners:
        networks: [10.20.3.4/16, 10.20.0.0/16, nonsense, [a]]
        managers: 10.1.0.0/28
      pools:
        - name: p
          endpoints: [ssl://p.example:443, "stratum+tcp://p.example:3333", "stratum+tcp://p.example:3333"]
          accounts: []
        - name: p
          endpoints: ["stratum+ssl://p.example:3333", "stratum+tcp://192.0.2.7:3333"]
          addresses: [203.0.113.0/24]
          acounts: ["a"]
        - name: q
          endpoints: ["stratum+ssl://p.example:3333"]
          accounts: ["a b", "[ab]"]
        - endpoints: []
        - x
      """#,
      #"""
      p.yaml:3:3: capture: unknown key "interface" (did you mean "interfaces"?)
      p.yaml:4:15: capture.interfaces: expected a list, found the text "span0" (write [span0])
      p.yaml:5:12: capture.workers: 0 is not from 1 to 32
      p.yaml:6:11: capture.filter: expected text, found a list
      p.yaml:7:12: capture.snaplen: 100 is not from 256 to 262144
      p.yaml:8:11: capture.buffer: "64MB" has no unit of size (did you mean "64MiB"?)
      p.yaml:10:14: miners.networks: "10.20.3.4/16" has bits set after its first 16 (did you mean "10.20.0.0/16"?)
      p.yaml:10:42: miners.networks: "nonsense" is no address or range (write 10.20.0.0/16, 10.20.3.4 or fd00::/8)
      p.yaml:10:52: miners.networks: expected text, found a list
      p.yaml:11:13: miners.managers: expected a list, found the text "10.1.0.0/28" (write [10.1.0.0/28])
      p.yaml:14:17: pools.endpoints: unknown scheme "ssl" (did you mean "stratum+ssl"?)
      p.yaml:14:70: pools.endpoints: "stratum+tcp://p.example:3333" stands twice
      p.yaml:15:15: pools.accounts: the list is empty: nobody could be paid (leave the key out to allow any account)
      p.yaml:16:11: pools.name: the pool "p" stands in line 13 already
      p.yaml:18:16: pools.addresses: the endpoint "stratum+tcp://192.0.2.7:3333" is outside of these addresses
      p.yaml:19:5: pools: unknown key "acounts" (did you mean "accounts"?)
      p.yaml:21:17: pools.endpoints: the pool "p" has this host and port in line 14 already
      p.yaml:22:16: pools.accounts: "a b" has a space or control character in it; user names have none
      p.yaml:22:23: pools.accounts: "[ab]" has more than * and ? for a pattern; there is nothing else
      p.yaml:23:5: pools: "name" is missing: alerts call the pool by it
      p.yaml:23:16: pools.endpoints: none is listed: write URLs as typed into a miner
      p.yaml:24:5: pools: expected a group of keys (name, endpoints, addresses, accounts), found the text "x"
      """#),
    Case(
      "services",
      #"""
      services:
        dns: 10.1.0.1
        ntp: [time.example.com:123, "*example.com"]
        dhcp: [10.1.0.300]
        allow:
          - {hosts: [a.example], ports: [443]}
          - {name: x, ports: []}
          - {name: x, hosts: a.example}
      """# + good,
      #"""
      p.yaml:2:8: services.dns: expected a list, found the text "10.1.0.1" (write [10.1.0.1])
      p.yaml:3:9: services.ntp: "time.example.com:123" has a port or is no address: only names, addresses and ranges stand here
      p.yaml:3:31: services.ntp: "*example.com": a * can only stand for all that is below a name (write *.example.com)
      p.yaml:4:10: services.dhcp: "10.1.0.300" is no IPv4 address: four numbers from 0 to 255 without leading zeros
      p.yaml:6:7: services.allow: "name" is missing: say what is allowed there
      p.yaml:6:36: services.allow.ports: "443" is no port (write tcp/443, udp/6000-6100 or icmp)
      p.yaml:7:7: services.allow: "hosts" is missing: say where to
      p.yaml:7:24: services.allow.ports: the list is empty (leave the key out to allow any port)
      p.yaml:8:14: services.allow.name: "x" stands in line 7 already
      """#),
    Case(
      "detection",
      #"""
      detection:
        rules:
          dns.unlisted-nam: off
          nonsense: off
          dns.unlisted-name: of
          fleet.coordinated-stop: {fraction: 5, window: 60, level: hihg, windows: 1s}
          control.scan: {miners: -1, level: off}
          stratum.show-message: false
        planned:
          - {name: x, from: 2026-12-01T19:00Z, to: 2026-12-01T17:00Z}
          - {name: y, from: 2026-12-01T19:00, to: then, miners: []}
          - {from: 2026-12-01}
        suppress:
          - {reason: everything}
          - {rule: dns.unlisted, until: soon}
        indicators: indicators.d
      """# + good,
      #"""
      p.yaml:3:5: detection.rules: unknown rule "dns.unlisted-nam" (did you mean "dns.unlisted-name"?)
      p.yaml:4:5: detection.rules: unknown rule "nonsense" (`minewatch rules` lists them)
      p.yaml:5:24: detection.rules.dns.unlisted-name: expected off or a group of keys, found the text "of" (did you mean "off"?)
      p.yaml:6:40: detection.rules.fleet.coordinated-stop.fraction: "5" is more than all (did you mean "5%"?)
      p.yaml:6:51: detection.rules.fleet.coordinated-stop.window: "60" has no unit (did you mean "60s"?)
      p.yaml:6:62: detection.rules.fleet.coordinated-stop.level: unknown level "hihg" (did you mean "high"?)
      p.yaml:6:68: detection.rules.fleet.coordinated-stop: unknown key "windows" (did you mean "window"?)
      p.yaml:7:28: detection.rules.control.scan.miners: "-1" is no whole number from 0
      p.yaml:7:39: detection.rules.control.scan.level: unknown level "off" (write the rule's name with : off)
      p.yaml:10:46: detection.planned.to: ends before it begins
      p.yaml:11:23: detection.planned.from: "2026-12-01T19:00" does not say its zone (write Z for UTC, or +02:00)
      p.yaml:11:45: detection.planned.to: "then" is no time (write 2026-12-01T17:00Z or 2026-12-01)
      p.yaml:11:59: detection.planned.miners: the list is empty
      p.yaml:12:7: detection.planned: "name" is missing: say what is planned
      p.yaml:12:7: detection.planned: "to" is missing: say when it ends
      p.yaml:14:7: detection.suppress: has no rule, miner or destination: it would hide everything
      p.yaml:15:7: detection.suppress: "reason" is missing: say why, for whoever reads this in a year
      p.yaml:15:14: detection.suppress.rule: unknown rule "dns.unlisted" (did you mean "dns.unlisted-name"?)
      p.yaml:15:35: detection.suppress.until: "soon" is no time (write 2026-12-01T17:00Z or 2026-12-01)
      p.yaml:16:15: detection.indicators: expected a list, found the text "indicators.d" (write [indicators.d])
      """#),
    Case(
      "alerts and store",
      #"""
      alerts:
        repeat: 2d
        log: {path: alerts.log}
        eve: {types: [alert, flows]}
        syslog: {format: rfc3146, facility: deamon, socket: dev/log}
        evidence: {path: /x, packets: 0, keep: lots}
      store: {keep: 30}
      """# + good,
      #"""
      p.yaml:2:11: alerts.repeat: "2d" is longer than a day
      p.yaml:3:15: alerts.log.path: "alerts.log" is no path from the root (write /var/log/minewatch/name)
      p.yaml:4:8: alerts.eve: "path" is missing: say which file
      p.yaml:4:24: alerts.eve.types: unknown value "flows" (did you mean "flow"?)
      p.yaml:5:20: alerts.syslog.format: unknown value "rfc3146" (did you mean "rfc3164"?)
      p.yaml:5:39: alerts.syslog.facility: unknown value "deamon" (did you mean "daemon"?)
      p.yaml:5:55: alerts.syslog.socket: "dev/log" is no path from the root (write /var/log/minewatch/name)
      p.yaml:6:33: alerts.evidence.packets: 0 is not from 1 to 65536
      p.yaml:6:42: alerts.evidence.keep: "lots" is not a size (write 65536, 512KiB, 64MiB or 1GiB)
      p.yaml:7:15: store.keep: "30" has no unit (did you mean "30s"?)
      """#),
    Case(
      "repeated keys",
      #"""
      alerts:
        log: {path: /a}
        log: {path: /b}
        eve: {pth: /a, path: /b, path: /c}
      site: a
      site: b
      """# + good,
      #"""
      p.yaml:3:3: "log" stands twice in one group
      p.yaml:4:9: alerts.eve: unknown key "pth" (did you mean "path"?)
      p.yaml:4:28: "path" stands twice in one group
      p.yaml:6:1: "site" stands twice in one group
      """#),
    Case(
      "tab",
      "site: a\n\tcapture: b",
      #"""
      p.yaml:2:1: a tab cannot indent: use spaces
      """#),
    Case(
      "reserved character",
      "site: @a",
      #"""
      p.yaml:1:7: a value cannot begin with "@": put it in quotes
      """#),
    Case(
      "two colons",
      "site: a: b",
      #"""
      p.yaml:1:8: a second ":" in one line, or an indentation that fits no group: put text with ": " in quotes
      """#),
    Case(
      "open list",
      "site: [a",
      #"""
      p.yaml:2:1: the list that begins at line 1, column 7 lacks "," or "]" here
      """#),
    Case(
      "open group",
      "site: {a",
      #"""
      p.yaml:2:1: the group that begins at line 1, column 7 lacks "," or "}" here
      """#),
    Case(
      "open quotes",
      "site: \"a",
      #"""
      p.yaml:1:9: the quotes that open at line 1, column 7 are never closed
      """#),
    Case(
      "escape",
      "site: \"\\q\"",
      #"""
      p.yaml:1:8: no such escape in double quotes: write \\ for a backslash
      """#),
    Case(
      "no colon",
      "site a\nb: c",
      #"""
      p.yaml:2:2: a second ":" in one line, or an indentation that fits no group: put text with ": " in quotes
      """#),
    Case(
      "indentation",
      "a:\n   b: c\n  d: e",
      #"""
      p.yaml:3:3: this does not fit the group that begins at line 1, column 1: look at the indentation and the quotes
      """#),
    Case(
      "list then key",
      "- a\nb: c",
      #"""
      p.yaml:2:1: this does not fit the list that begins at line 1, column 1: look at the indentation and the dashes
      """#),
    Case(
      "dash in a line",
      "a: - b",
      #"""
      p.yaml:1:4: a list with dashes cannot begin here: put it on lines of its own
      """#),
    Case(
      "glob without quotes",
      "pools: [{accounts: [*.x]}]",
      #"""
      p.yaml:1:22: a value that begins with * or & is an alias or anchor, which policy files do not have (put text in quotes)
      """#),
    Case(
      "alias-like account",
      "pools: [{accounts: [*acme]}]",
      #"""
      p.yaml:1:21: a value that begins with * or & is an alias or anchor, which policy files do not have (put text in quotes)
      """#),
    Case(
      "anchor",
      "site: &a x\nstore: *a",
      #"""
      p.yaml:1:7: a value that begins with * or & is an alias or anchor, which policy files do not have (put text in quotes)
      """#),
    Case(
      "many aliases",
      "a: &a [x]\nb: [*a, *a]\nc: [*a, *a, *a]",
      #"""
      p.yaml:3:13: a value that begins with * or & is an alias or anchor, which policy files do not have (put text in quotes)
      """#),
    Case(
      "two documents",
      "a: b\n---\nc: d",
      #"""
      p.yaml:2:1: a second document begins here: a policy is one
      """#),
    Case(
      "control character",
      "site: a\u{1}",
      #"""
      p.yaml:1:8: a control character stands here
      """#),
    Case(
      "deep flow, unclosed",
      String(repeating: "[", count: 2_000),
      #"""
      p.yaml:1:1: is nested deeper than 16 levels
      """#),
    Case(
      "deep flow",
      String(repeating: "[", count: 20) + String(repeating: "]", count: 20),
      #"""
      p.yaml:1:17: is nested deeper than 16 levels
      """#),
    Case(
      "key that is a list",
      "? [a, b]\n: c\n" + good,
      #"""
      p.yaml:1:3: a key must be a word
      """#),
    Case(
      "directive",
      "%FOO\n---\na: b",
      #"""
      p.yaml:1:5: is not valid YAML: found unknown directive name
      """#),
  ]
}
