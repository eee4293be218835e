import Capture
import Decode

extension Scenario {
  /// Family 20xx: what miners are given to work on, and what comes of it.
  static let work: [Scenario] = [
    Scenario(
      "difficulty-out-of-reach", raises: "stratum.difficulty",
      "The pool sets a difficulty at which the miner will not find a share in weeks"
    ) { $0.play($0.mining(extra: [.server(StratumLines.setDifficulty(2_000_000_000_000))])) },
    Scenario(
      "share-for-a-foreign-job", raises: "stratum.unknown-job",
      "A miner hands in work on a job that the pool never gave it",
      // Only a session that was seen whole can tell.
      survives: [.bytewise]
    ) { stage in
      stage.play(
        stage.mining(extra: [
          // No share of the session before can come any more.
          .wait(.seconds(200)), .client(StratumLines.submit(id: 9, user: "acme.r1", job: "77aa", nonce: 79)),
          .server(StratumLines.rejected(id: 9)),
        ]))
    },
    Scenario(
      "another-chain", raises: "stratum.other-chain",
      "A miner's session works on another block than all others, for minutes",
      // Alone, no session is on another chain.
      survives: []
    ) { stage in
      stage.play(
        stage.working(
          for: .seconds(420),
          job: StratumLines.notify(job: "6601", branches: 4, previous: StratumLines.previous(777), block: 61_000)))
    },
    Scenario(
      "another-coin", raises: "stratum.other-coin", "Something on a miner mines Monero"
    ) { stage in
      stage.play(
        Conversation(
          from: stage.miner, to: HealthySite.pool, port: HealthySite.port,
          turns: [
            .client(
              #"{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"acme.r1","pass":"x","agent":"XMRig/6.26.0"}}"#
            ),
            .server(
              #"{"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"9","job":{"blob":"10","job_id":"6b"},"status":"OK"}}"#
            ),
            .client(
              #"{"id":2,"jsonrpc":"2.0","method":"submit","params":{"id":"9","job_id":"6b","nonce":"0c","result":"00"}}"#
            ),
            .server(#"{"id":2,"jsonrpc":"2.0","error":null,"result":{"status":"OK"}}"#),
            .server(#"{"jsonrpc":"2.0","method":"job","params":{"blob":"10","job_id":"6c","target":"b88d0600"}}"#),
          ]))
    },
    Scenario(
      "redirect-in-stratum-v2", raises: "stratum.redirect", also: ["pool.not-stratum"],
      "A session in Stratum V2, where plain Stratum belongs, tells a miner to go elsewhere",
      // Only the first message of the client tells what it is.
      survives: [.bytewise, .middle]
    ) { stage in
      stage.play(
        Conversation(
          from: stage.miner, to: HealthySite.pool, port: HealthySite.port,
          turns: [
            .clientBytes(StratumV2Bytes.setupConnection()), .serverBytes(StratumV2Bytes.setupConnectionSuccess()),
            .clientBytes(StratumV2Bytes.openStandardChannel("acme.r1")),
            .serverBytes(StratumV2Bytes.openStandardChannelSuccess()),
            .serverBytes(StratumV2Bytes.reconnect(host: "198.51.100.77", port: 3_336)),
          ]))
    },
    Scenario(
      "hidden-second-pool", raises: "stratum.split-hashrate", also: ["pool.unlisted"],
      "A miner works for its pool, and for somebody else beside it",
      survives: [.middle, .lossy]
    ) { stage in
      var second = stage.working(for: .seconds(1_500), to: .stranger, user: "mallory.x")
      second.clientPort = 40_001
      var tape = stage.play(stage.working(for: .seconds(1_500)))
      tape.append(stage.play(second))
      return tape.sorted()
    },
    Scenario(
      "refused-work", raises: "stratum.rejects", "The pool refuses one share in five"
    ) { $0.play($0.answered(shares: 120) { $0 % 5 == 0 }) },
    Scenario(
      "no-new-work", raises: "stratum.starved",
      "The pool leaves a miner with an old job, and goes on taking its shares", survives: [.bytewise, .middle]
    ) { stage in
      stage.play(stage.working(for: .seconds(640), jobsFor: .zero))
    },
    Scenario(
      "somebody-else-is-paid", raises: "stratum.payout",
      "One miner's jobs pay somebody else than those of all others at the same pool",
      lead: .seconds(660), tail: .seconds(150),
      // Alone, no session pays otherwise than its peers.
      survives: []
    ) { stage in
      let payee = String(repeating: "ee", count: 20)
      return stage.play(
        stage.working(for: .seconds(30), job: StratumLines.notify(job: "6601", branches: 4, payee: payee)))
    },
  ]
}

extension Stage {
  /// A session that gets a job every 30 seconds and hands in a share every 10, each accepted.
  ///
  /// - Parameter jobsFor: for how long it gets jobs; one it always gets.
  package func working(
    for time: Duration, to pool: Host = HealthySite.pool, user: String = "acme.r1", jobsFor: Duration? = nil,
    job: String = StratumLines.notify(job: "6601", branches: 4)
  ) -> Conversation {
    var session = mining(to: pool, user: user)
    session.turns.removeLast(5)
    session.turns.append(.server(job))
    for second in stride(from: 10, through: Int(time.components.seconds), by: 10) {
      session.turns.append(.wait(.seconds(10)))
      if second % 30 == 0, .seconds(second) <= jobsFor ?? time { session.turns.append(.server(job)) }
      session.turns += share(second / 10 + 10, user: user, isRefused: false)
    }
    session.finish = .finish
    return session
  }

  /// A session with so many shares, one a second.
  package func answered(shares: Int, isRefused: (Int) -> Bool) -> Conversation {
    var session = mining()
    for number in 1...shares {
      session.turns.append(.wait(.seconds(1)))
      session.turns += share(number + 10, user: "acme.r1", isRefused: isRefused(number))
    }
    session.finish = .finish
    return session
  }

  private func share(_ id: Int, user: String, isRefused: Bool) -> [Conversation.Turn] {
    [
      .client(StratumLines.submit(id: id, user: user, job: "6601", nonce: UInt32(id))),
      .server(
        isRefused ? StratumLines.rejected(id: id, code: 23, "Low difficulty share") : StratumLines.result(id: id)),
    ]
  }
}
