import Protocols

extension RuleCase {
  static let names: [RuleCase] = [
    .fires(
      "a name that nothing explains", [asks("telemetry.example.org")],
      #"medium dns.unlisted-name 10.20.0.5 -> 10.1.0.1:53 telemetry.example.org: asked for "telemetry.example.org""#),
    .fires(
      "the same name again and again",
      [asks("a.example.org"), asks("a.example.org", at: 95), asks("a.example.org", at: 99)],
      #"medium dns.unlisted-name 10.20.0.5 -> 10.1.0.1:53 a.example.org: asked for "a.example.org""#,
      #"medium dns.unlisted-name 10.20.0.5 -> 10.1.0.1:53 a.example.org: asked for "a.example.org" [x3]"#),
    .nearMiss(
      of: "dns.unlisted-name", when: "names that the policy explains",
      [asks("stratum.good.example"), asks("firmware.example.com"), asks("time.example.com")]),
    .nearMiss(
      of: "dns.unlisted-name", when: "the name of an address",
      [asks("9.113.0.203.in-addr.arpa"), asks("8.b.d.0.1.0.0.2.ip6.arpa")]),
    .nearMiss(
      of: "dns.unlisted-name", when: "the miner's own name, and an allowed one with the site's domain behind",
      [
        asks("localhost"), serves(.ack, by: resolver, 1, searching: "corp.lan", at: 85),
        asks("stratum.good.example.corp.lan"),
      ]),
    .nearMiss(
      of: "dns.unlisted-name", when: "the domain is the router's, in IPv6",
      [
        routes(1), advertises("fe80::1", 1, prefix: "2001:db8::", searching: "corp.lan", at: 85),
        asks("stratum.good.example.corp.lan"),
      ]),
    .fires(
      "a router's domain that nobody knows to route",
      [
        routes(1), advertises("fe80::66", 0x66, prefix: "2001:db8:66::", searching: "evil.lan", at: 2_000),
        asks("stratum.good.example.evil.lan", at: 2_005),
      ],
      #"medium dns.unlisted-name 10.20.0.5 -> 10.1.0.1:53 stratum.good.example.evil.lan: asked for "stratum.good.example.evil.lan""#
    ),
    .fires(
      "a domain that a stranger has them try, and another name in the site's",
      [
        serves(.ack, by: resolver, 1, searching: "corp.lan", at: 85), asks("stratum.good.example.evil.lan"),
        asks("data.corp.lan"), asks("stratum.good.examplecorp.lan"),
      ],
      #"medium dns.unlisted-name 10.20.0.5 -> 10.1.0.1:53 stratum.good.example.evil.lan: asked for "stratum.good.example.evil.lan""#,
      #"medium dns.unlisted-name 10.20.0.5 -> 10.1.0.1:53 data.corp.lan: asked for "data.corp.lan""#,
      #"medium dns.unlisted-name 10.20.0.5 -> 10.1.0.1:53 stratum.good.examplecorp.lan: asked for "stratum.good.examplecorp.lan""#
    ),
    .nearMiss(of: "dns.unlisted-name", when: "asked on the link", [asks("printer.local", of: "224.0.0.251")]),
    .nearMiss(of: "dns.unlisted-name", when: "a manager asks", [asks("a.example.org", by: manager)]),
    .nearMiss(of: "dns.unlisted-name", when: "an answer nobody asked for", [answers("a.example.org", stranger)]),

    .fires(
      "somebody else's resolver", [flow(to: "8.8.8.8", 53, ipProtocol: 17).carries(.dns)],
      "high dns.unlisted-resolver 10.20.0.5 -> 8.8.8.8:53: DNS to a resolver that is not the site's"),
    .nearMiss(of: "dns.unlisted-resolver", when: "the site's", [flow(to: resolver, 53, ipProtocol: 17).carries(.dns)]),
    .nearMiss(
      of: "dns.unlisted-resolver", when: "on the link", [flow(to: "224.0.0.251", 5353, ipProtocol: 17).carries(.dns)]),

    .fires(
      "a pool outside its ranges", [answers("pinned.example", "203.0.113.130", "192.0.2.99")],
      #"critical dns.pool-address 10.20.0.5 -> 10.1.0.1:53 pinned.example: "pinned.example" answered with 192.0.2.99, outside the pool's own ranges"#
    ),
    .fires(
      "a pool at a private address", [answers("stratum.good.example", "10.9.9.9")],
      #"critical dns.pool-address 10.20.0.5 -> 10.1.0.1:53 stratum.good.example: "stratum.good.example" answered with 10.9.9.9, where no pool on the Internet can be"#
    ),
    .fires(
      "two answers to one question",
      [
        answers("stratum.good.example", goodPool), answers("stratum.good.example", stranger, contradicts: true, at: 91),
      ],
      #"critical dns.pool-address 10.20.0.5 -> 10.1.0.1:53 stratum.good.example: "stratum.good.example" answered with 198.51.100.66, after another answer to the same question"#
    ),
    .fires(
      "an answer that nobody asked for",
      [answers("stratum.good.example", stranger, isUnasked: true)]
        + flow(to: stranger, 3333, at: 95).mines(as: "acme.1"),
      #"critical dns.pool-address 10.20.0.5 -> 10.1.0.1:53 stratum.good.example: "stratum.good.example" answered with 198.51.100.66, though nobody had asked"#,
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.66:3333: authorized as "acme.1""#),
    .nearMiss(
      of: "dns.pool-address", when: "the question comes by behind its answer",
      [
        answers("stratum.good.example", stranger, isUnasked: true), asks("stratum.good.example", at: 90.2),
      ] + flow(to: stranger, 3333, at: 95).mines(as: "acme.1")),
    .nearMiss(
      of: "dns.pool-address", when: "an address that is known is told again",
      [answers("stratum.good.example", goodPool), answers("stratum.good.example", goodPool, isUnasked: true, at: 91)]),
    .fires(  // What is not believed explains nothing.
      "mining where a false answer leads",
      [answers("pinned.example", stranger)] + flow(to: stranger, 3333).mines(as: "acme.1"),
      #"critical dns.pool-address 10.20.0.5 -> 10.1.0.1:53 pinned.example: "pinned.example" answered with 198.51.100.66, outside the pool's own ranges"#,
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.66:3333: authorized as "acme.1""#),
    .nearMiss(of: "dns.pool-address", when: "a pool where it should be", [answers("pinned.example", "203.0.113.130")]),
    .nearMiss(
      of: "dns.pool-address", when: "a translator's address for it",
      [answers("pinned.example", "64:ff9b::203.0.113.130")]),
    .fires(
      "a translator's address for a stranger", [answers("pinned.example", "64:ff9b::192.0.2.99")],
      #"critical dns.pool-address 10.20.0.5 -> 10.1.0.1:53 pinned.example: "pinned.example" answered with 64:ff9b::c000:263, outside the pool's own ranges"#
    ),
    .fires(
      "a pool at an address behind the provider", [answers("stratum.good.example", "100.64.1.1")],
      #"critical dns.pool-address 10.20.0.5 -> 10.1.0.1:53 stratum.good.example: "stratum.good.example" answered with 100.64.1.1, where no pool on the Internet can be"#
    ),
    .nearMiss(
      of: "dns.pool-address", when: "a private address that is listed", [answers("proxy.example", "10.1.0.20")]),
    .nearMiss(of: "dns.pool-address", when: "no pool's name", [answers("a.example.org", "10.9.9.9")]),
    .nearMiss(
      of: "dns.pool-address", when: "told to somebody else", [answers("pinned.example", stranger, to: manager)]),

    .fires(
      "somebody else's time", [flow(to: stranger, 123, ipProtocol: 17).carries(.ntp)],
      "low ntp.unlisted 10.20.0.5 -> 198.51.100.66:123: NTP to a server that is not the site's"),
    .nearMiss(
      of: "ntp.unlisted", when: "the site's, by name",
      morning + [flow(to: "192.0.2.123", 123, ipProtocol: 17).carries(.ntp)]),
  ]
}
