extension Scenario {
  /// Family 10xx: which pools a miner mines for.
  static let pools: [Scenario] = [
    Scenario(
      "pool-switch", raises: "pool.unlisted",
      "A miner logs in to a pool that the policy does not know, and works for it"
    ) { $0.play($0.mining(to: .stranger, user: "mallory.x")) },
    Scenario(
      "pool-in-the-clear", raises: "pool.plaintext",
      "A miner mines in clear text with a pool that is allowed only over TLS"
    ) { $0.play($0.mining(to: .closedPool, port: 443)) },
    Scenario(
      "shell-on-pool-port", raises: "pool.not-stratum",
      "What looks like mining, by its address and port, is a shell",
      // The banner is what tells; where it is lost there is no SSH.
      survives: [.bytewise, .middle]
    ) { stage in
      stage.play(
        Conversation(
          from: stage.miner, to: HealthySite.pool, port: HealthySite.port,
          turns: [
            .clientBytes(Array("SSH-2.0-dropbear_2022.83\r\n".utf8)),
            .serverBytes(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)),
          ]))
    },
  ]
}
