import Capture
import Testing

@testable import Policy

struct PolicyReportTests {
  @Test
  func `tells the documented policy in full`() throws {
    let folder = try PolicyReaderTests.folder()
    var policy = try read(PolicyReaderTests.documented, file: "\(folder.path)/p.yaml")
    policy.capture.filter = "not port 22"
    policy.miners.except = try #require(PrefixSet(["10.20.0.1"]))
    #expect(
      PolicyReport(policy).description == """
        site        north-hall
        capture     span0; workers auto; snaplen 262144 B; buffer 64MiB
                    filter "not port 22"
        miners      10.20.0.0/16
                    but not 10.20.0.1
        managers    10.1.0.0/28
        inventory   1 miner
        pool        braiins
                    stratum+tcp://stratum.example-pool.com:3333
                    stratum+ssl://stratum.example-pool.com:443
                    stratum2+tcp://v2.example-pool.com:3336/9auqWEzQDVyd2oe1JVGFLMLHZtCo2FFqZwtKA5gd9xbuEu7PH72
                    only at 203.0.113.0/24
                    accounts acme, acme.*
        dns         10.1.0.1
        ntp         time.example.com, 10.1.0.1
        dhcp        10.1.0.1
        allow       firmware mirror: firmware.example.com, 198.51.100.0/28 at tcp/443
        rule        dns.unlisted-name: level low
        rule        fleet.coordinated-stop: fraction 0.05, window 1m
        rule        stratum.show-message: off
        planned     demand response: 2026-12-01T17:00:00Z to 2026-12-01T19:00:00Z, 10.20.0.0/17
        suppress    destination.unlisted for 10.20.9.9 to 198.51.100.7 until 2027-02-01T00:00:00Z: ticket 812
        indicators  1
        commands    0 known
        known pools 0
        models      0
        resolvers   0
        repeat      10m
        log         /var/log/minewatch/alerts.log
        eve         /var/log/minewatch/eve.json (alert, miner, fleet, stats)
        syslog      /dev/log (rfc3164, daemon)
        evidence    /var/lib/minewatch/evidence (64 packets, 1GiB)
        store       /var/lib/minewatch/minewatch.db (30d)

        """)
  }

  @Test
  func `spells out defaults`() throws {
    let policy = try read(
      """
      miners: {networks: [10.20.0.0/16, "fd00:20::/32"]}
      pools: [{name: p, endpoints: ["stratum+tcp://p.example:3333"]}]
      services: {ntp: [], allow: [{name: x, hosts: x.example}]}
      detection: {suppress: [{miner: [10.20.0.1, 10.20.0.2], reason: y}]}
      alerts: {repeat: 0s, syslog: {format: journal}}
      """)
    #expect(
      PolicyReport(policy).description == """
        site        site
        capture     no interface; workers auto; snaplen 262144 B; buffer 64MiB
        miners      10.20.0.0/16, fd00:20::/32
        managers    none
        inventory   none
        pool        p
                    stratum+tcp://p.example:3333
                    at the addresses that its names stand for
                    accounts any
        dns         any private address (the policy says nothing)
        ntp         none
        dhcp        any private address (the policy says nothing)
        allow       x: x.example at any port
        suppress    any rule for 10.20.0.1, 10.20.0.2 for ever: y
        indicators  0
        commands    0 known
        known pools 0
        models      0
        resolvers   0
        repeat      0s
        syslog      /run/systemd/journal/socket (journal, daemon)
        store       /var/lib/minewatch/minewatch.db (30d)

        """)
  }
}
