extension Scenario {
  /// Family 20xx: what is said in a session with an allowed pool.
  static let stratum: [Scenario] = [
    Scenario(
      "strangers-account-by-getwork", raises: "stratum.account-unlisted",
      "A miner asks an allowed pool for work over HTTP, for an account that nobody knows",
      survives: [.bytewise, .middle]
    ) { stage in
      let body = #"{"method":"getwork","params":[],"id":0}"#
      let answer = #"{"result":{"data":"00"},"error":null,"id":0}"#
      // mallory.x:x
      return stage.play(
        Conversation(
          from: stage.miner, to: HealthySite.pool, port: HealthySite.port,
          turns: [
            .clientBytes(
              Array(
                "POST / HTTP/1.1\r\nAuthorization: Basic bWFsbG9yeS54Ong=\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                  .utf8)),
            .serverBytes(Array("HTTP/1.1 200 OK\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)".utf8)),
          ]))
    },
    Scenario(
      "strangers-account", raises: "stratum.account-unlisted",
      "A miner mines with the right pool, but somebody else is paid"
    ) { $0.play($0.mining(user: "mallory.r7")) },
    Scenario(
      "redirect", raises: "stratum.redirect",
      "The pool's session tells a miner to go to a place that is not allowed"
    ) {
      $0.play($0.mining(extra: [.notification("client.reconnect", #"["198.51.100.77","3333",0]"#)]))
    },
    Scenario(
      "redirect-that-is-followed", raises: "stratum.redirect", also: ["pool.unlisted"],
      "The pool's session tells a miner to go elsewhere, and the miner goes"
    ) { stage in
      var first = stage.mining(extra: [.notification("client.reconnect", #"["198.51.100.77",3333,0]"#)])
      first.finish = .finish
      var second = stage.mining(to: .secondStranger)
      second.clientPort = 40_001
      var tape = stage.play(first)
      tape.append(stage.play(second, after: .seconds(2)))
      return tape
    },
    Scenario(
      "misspelt-method", raises: "stratum.unexpected-method",
      "The pool's session sends a method that does not exist"
    ) { $0.play($0.mining(extra: [.notification("mining.notfy")])) },
    Scenario(
      "sloppy-method", raises: "stratum.unexpected-method",
      "The pool's session sends a method that only a reader obeys who ignores case and what follows, and cgminer is one"
    ) {
      // cgminer compares 16 characters of it, and ignores case (cgminer util.c).
      $0.play($0.mining(extra: [.notification("CLIENT.RECONNECTx", #"["stratum.example-pool.com",3333]"#)]))
    },
    Scenario(
      "work-before-login", raises: "stratum.out-of-order",
      "Work is submitted in a session in which nobody has logged in",
      // Order is only judged where the beginning was seen.
      survives: [.bytewise]
    ) { stage in
      stage.play(
        Conversation(
          from: stage.miner, to: HealthySite.pool, port: HealthySite.port,
          turns: [
            .client(StratumLines.submit(id: 4, user: "acme.r1", job: "6601", nonce: 77)),
            .server(StratumLines.rejected(id: 4, code: 25, "Not subscribed")),
          ]))
    },
    Scenario(
      "broken-json", raises: "stratum.malformed",
      "The pool's session sends a line that is nearly JSON"
    ) { $0.play($0.mining(extra: [.server(#"{"id":null,"method":"mining.notify","params":[}"#)])) },
    Scenario(
      "pool-message", raises: "stratum.show-message",
      "The pool shows a miner's owner a message"
    ) { $0.play($0.mining(extra: [.notification("client.show_message", #"["maintenance at noon"]"#)])) },
    Scenario(
      "injected-job", raises: "stratum.injected",
      "Somebody on the path answers in the pool's name: two different jobs for the same bytes"
    ) { stage in
      stage.play(
        stage.mining(extra: [
          .server(StratumLines.notify(job: "77aa", branches: 0)),
          .serverRepeats(instead: StratumLines.notify(job: "88bb", branches: 0)),
        ]))
    },
  ]
}
