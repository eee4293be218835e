extension Scenario {
  /// Family 11xx: names and time. Datagrams, so there is nothing to cut or to join.
  static let names: [Scenario] = [
    Scenario(
      "unknown-name", raises: "dns.unlisted-name",
      "A miner asks for a name that nothing in the policy explains", survives: []
    ) { $0.play($0.lookup("pool.evil.example", gives: .stranger)) },
    Scenario(
      "foreign-resolver", raises: "dns.unlisted-resolver",
      "A miner asks a public resolver instead of the site's", survives: []
    ) { $0.play($0.lookup("stratum.example-pool.com", at: Host("9.9.9.9"), gives: HealthySite.pool)) },
    Scenario(
      "poisoned-answer", raises: "dns.pool-address",
      "The site's own resolver is made to say that the pool is elsewhere", survives: []
    ) { $0.play($0.lookup("stratum.example-pool.com", gives: .stranger)) },
    Scenario(
      "foreign-time-server", raises: "ntp.unlisted",
      "A miner takes its time from a server outside the site", survives: []
    ) { stage in
      let server = Host("192.0.2.123")
      return stage.play([
        FrameBytes.udp(from: stage.miner, port: 123, to: server, port: 123, payload: NTPBytes.packet(mode: 3)),
        FrameBytes.udp(from: server, port: 123, to: stage.miner, port: 123, payload: NTPBytes.packet(mode: 4)),
      ])
    },
  ]
}
