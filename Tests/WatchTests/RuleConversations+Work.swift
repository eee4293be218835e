import Simulator

extension NearMiss {
  static let work: [NearMiss] = [
    NearMiss(of: "stratum.difficulty") { $0.play($0.mining(extra: [.server(StratumLines.setDifficulty(7_000_000))])) },
    // A share that comes late, for a job that was offered many jobs ago.
    NearMiss(of: "stratum.unknown-job") { stage in
      let jobs = (0..<20).flatMap { number -> [Conversation.Turn] in
        [.wait(.seconds(20)), .server(StratumLines.notify(job: "a\(number)", branches: 0))]
      }
      return stage.play(stage.mining(extra: jobs))
    },
    // There is nobody to compare with.
    NearMiss(of: "stratum.other-chain") { stage in
      let job = StratumLines.notify(job: "6601", branches: 0, previous: StratumLines.previous(777))
      return stage.play(stage.working(for: .seconds(900), job: job))
    },
    NearMiss(of: "stratum.other-coin") { $0.play($0.mining()) },
    // Failover, and back.
    NearMiss(of: "stratum.split-hashrate") { stage in
      var second = stage.working(for: .seconds(600), to: .stranger)
      second.clientPort = 40_001
      var third = stage.working(for: .seconds(1_200))
      third.clientPort = 40_002
      var tape = stage.play(stage.working(for: .seconds(1_200)))
      tape.append(stage.play(second, after: .seconds(1_210)))
      tape.append(stage.play(third, after: .seconds(1_700)))
      return tape.sorted()
    },
    NearMiss(of: "stratum.rejects") { $0.play($0.answered(shares: 120) { $0 % 40 == 0 }) },
    NearMiss(of: "stratum.starved") { $0.play($0.working(for: .seconds(640), jobsFor: .seconds(400))) },
    NearMiss(of: "stratum.payout") { stage in
      stage.play(stage.working(for: .seconds(900)))
    },
  ]
}
