import Protocols

@testable import Rules

private let session = flow(to: goodPool, 3333)
private let at = "10.20.0.5 -> 203.0.113.9:3333 stratum.good.example"
/// Time passes.
private func later(_ time: Double) -> Observation { asks("time.example.com", at: time) }

/// Sessions of other miners at the pool "good", by their flow's number.
private func peer(_ number: Int, to server: String = goodPool, at time: Double = 100) -> FlowFacts {
  flow("10.20.1.\(number)", to: server, 3333, id: UInt64(1_000 + number), at: time)
}

extension RuleCase {
  static let work: [RuleCase] = [
    .fires(
      "a share for a job of nobody",
      morning + session.mines(as: "acme.1") + [session.stratum(.unknownJob("77"), at: 300)],
      #"high stratum.unknown-job \#(at): share for job "77", which was never offered"#),
    .nearMiss(
      of: "stratum.unknown-job", when: "no miner's session",
      [flow(manager, to: goodPool, 3333).stratum(.unknownJob("77"))]),

    .fires(
      "a session on another chain",
      morning + (1...3).flatMap { [peer($0).works(on: 1, at: 100), peer($0).worked(at: 390)] } + [
        session.works(on: 2, at: 100), session.worked(at: 400), later(420),
      ],
      "critical stratum.other-chain \(at): works on block ...000000000002, 3 of 4 sessions on ...000000000001, for 300 s"
    ),
    .fires(
      "a pool that fell behind",
      morning + (1...3).map { peer($0).works(on: 1, at: 100) } + [session.works(on: 1, at: 100)]
        + (1...3).map { peer($0).works(on: 2, height: 8, at: 200) } + [session.worked(at: 400), later(420)],
      "critical stratum.other-chain \(at): works on block ...000000000001, 3 of 4 sessions on ...000000000002, for 200 s"
    ),
    .nearMiss(
      of: "stratum.other-chain", when: "a new block comes at different times",
      morning + (1...3).map { peer($0).works(on: 1, at: 100) } + [session.works(on: 1, at: 100)]
        + (1...3).map { peer($0).works(on: 2, height: 8, at: 200) } + [
          later(250), session.works(on: 2, height: 8, at: 300),
        ]
        + [session.worked(at: 600), later(620)]),
    .nearMiss(
      of: "stratum.other-chain", when: "a session died on an old block",
      morning + (1...3).map { peer($0).works(on: 1, at: 100) } + [session.works(on: 1, at: 100)]
        + (1...3).flatMap { [peer($0).works(on: 2, height: 8, at: 200), peer($0).worked(at: 900)] } + [later(920)]),
    .nearMiss(
      of: "stratum.other-chain", when: "two blocks of one number",
      morning + (1...3).flatMap { [peer($0).works(on: 1, at: 100), peer($0).worked(at: 390)] } + [
        session.works(on: 2, height: 6, at: 100), session.worked(at: 400), later(420),
      ]),
    .nearMiss(
      of: "stratum.other-chain", when: "nobody is in the majority",
      morning + [peer(1).works(on: 1, at: 100), peer(1).worked(at: 390)] + [
        session.works(on: 2, at: 100), session.worked(at: 400), later(420),
      ]),

    .fires(
      "another coin", morning + [session.stratum(.dialect, user: "48ed", dialect: .cryptoNote)],
      #"high stratum.other-coin \#(at): speaks cryptonote, as "48ed""#),
    .fires(
      "a block that is no work of Bitcoin's",
      morning + [session.builds(onHash: 0x9f3c_6b1d_5a5a_5a5a, bits: 0x1a01_cd2d)],
      "high stratum.other-coin \(at): works on block ...000000000001, whose hash is no work of Bitcoin's"),
    .nearMiss(
      of: "stratum.other-coin", when: "a chain for tests, at its least difficulty and behind it",
      morning + [
        session.builds(onHash: 0x7f3c_6b1d_5a5a_5a5a, bits: 0x207f_ffff),
        session.builds(onHash: 0x0000_0000_ffff_0000, bits: 0x1a01_cd2d),
        session.builds(onHash: 0x0000_00ff_5a5a_5a5a, bits: 0x1e03_77ae),
      ]),
    .nearMiss(of: "stratum.other-coin", when: "Stratum V2", morning + [session.stratum(.dialect, dialect: .stratumV2)]),

    .fires(
      "no new work",
      morning + [session.shares(submitted: 30, jobs: 10, at: 400), session.shares(submitted: 30, since: 480, at: 900)],
      "medium stratum.starved \(at): no new work for 480 s, and 30 shares on the old"),
    .nearMiss(
      of: "stratum.starved", when: "a pool whose habit it is",
      morning + [session.shares(submitted: 30, jobs: 3, at: 400), session.shares(submitted: 30, since: 390, at: 900)]),
    .nearMiss(
      of: "stratum.starved", when: "a miner that rests, and a session that ends",
      morning + [
        session.shares(since: 900, at: 400), session.shares(submitted: 9, since: 900, isFinal: true, at: 900),
      ]),

    .fires(
      "one miner's work pays somebody else",
      morning + (1...3).map { peer($0).pays("aa", at: 100) } + [session.pays("aa", at: 110)]
        + (1...3).map { peer($0).worked(at: 900) } + [session.pays("bb", at: 950), later(1_100)],
      "high stratum.payout \(at): payout changed for 1 session of 4 at this pool: pays bb"),
    .fires(
      "all work of a pool pays somebody else, at a new block",
      morning + (1...3).map { peer($0).pays("aa", at: 100) } + [session.pays("aa", at: 110)]
        + [session.pays("bb", on: 2, at: 950)] + (1...3).map { peer($0).pays("bb", on: 2, at: 960) } + [later(1_100)],
      "low stratum.payout \(at): payout changed for all 4 sessions at this pool: pays bb"),
    .nearMiss(
      of: "stratum.payout", when: "the pool is new, and then pays back and forth",
      morning + [
        session.pays("aa", at: 100), session.pays("bb", at: 400), session.pays("aa", at: 900),
        session.pays("bb", at: 990),
        later(1_200),
      ]),
    .nearMiss(
      of: "stratum.payout", when: "who mines alone is paid himself",
      morning + (1...3).map { peer($0).pays("aa", at: 100) } + [
        session.pays(
          "0014751e76e8199196d454941c45d1b3a323f1433bd6", user: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4.r1", at: 950
        ),
        later(1_100),
      ]),
  ]

  static let shares: [RuleCase] = [
    .fires(
      "a difficulty for ages",
      morning + [session.stratum(.difficulty(from: 1_000, to: 1e12), difficulty: 1e12)],
      "medium stratum.difficulty \(at): difficulty 1000000000000: one share in 50 days"),
    .fires(  // 100 TH/s, measured.
      "a difficulty that is too much for this miner",
      morning + [
        session.shares(submitted: 30, accepted: 30, work: 6_984_919, at: 400),
        session.stratum(.difficulty(from: 1_000, to: 1e8), difficulty: 1e8, at: 401),
      ], "medium stratum.difficulty \(at): difficulty 100000000: one share in 72 minutes"),
    .fires(
      "a flood of shares", morning + [session.shares(submitted: 30_000, at: 400)],
      "medium stratum.difficulty \(at): 100 shares a second: the difficulty is too low"),
    .nearMiss(
      of: "stratum.difficulty", when: "the pool adjusts it",
      morning + [session.stratum(.difficulty(from: 512, to: 1e6), difficulty: 1e6)]),

    .fires(
      "two pools at once",
      morning
        + (1...4).flatMap { count in
          let time = 100 + 300 * Double(count)
          return [
            session.shares(submitted: 30, accepted: 30, work: 9e6, at: time),
            flow(to: "198.51.100.20", 3333, id: 2).shares(submitted: 9, accepted: 9, work: 1e6, at: time + 1),
          ]
        },
      "low stratum.split-hashrate \(at): works for 2 places at once: "
        + "92.31 % for several or unknown accounts at good, 7.69 % for several or unknown accounts at literal"),
    .fires(
      "a stranger in turns",
      morning
        + (0..<4).flatMap { count in
          let time = 1_000 * Double(count)
          return [
            session.shares(submitted: 30, accepted: 30, work: 9e6, at: 500 + time),
            flow(to: stranger, 3333, id: 2).shares(
              submitted: 9, accepted: 9, work: 1e6, seconds: 60, at: 700 + time),
          ]
        },
      #"high stratum.split-hashrate 10.20.0.5 -> 198.51.100.66:3333: works for 2 places in turns: "#
        + "90 % for several or unknown accounts at good, 10 % for several or unknown accounts at 198.51.100.66"),
    .nearMiss(
      of: "stratum.split-hashrate", when: "a failover, and back",
      morning + [
        session.shares(submitted: 30, accepted: 30, at: 400),
        flow(to: "198.51.100.20", 3333, id: 2).shares(submitted: 30, accepted: 30, at: 800),
        session.shares(submitted: 30, accepted: 30, at: 900), session.shares(submitted: 30, accepted: 30, at: 1_200),
      ]),

    .fires(
      "much is refused",
      morning + [
        session.shares(submitted: 60, accepted: 54, rejected: 6, at: 400),
        session.shares(submitted: 60, accepted: 54, rejected: 6, at: 700),
      ], "medium stratum.rejects \(at): 10 % of 120 shares refused"),
    .nearMiss(
      of: "stratum.rejects", when: "few are refused, or few are answered",
      morning + [
        session.shares(submitted: 120, accepted: 116, rejected: 4, at: 400),
        session.shares(submitted: 60, accepted: 0, rejected: 60, at: 700),
      ]),
  ]
}

extension FlowFacts {
  /// Work on the block of a number, said for the first time or anew.
  fileprivate func works(on block: UInt64, height: UInt32? = nil, at time: Double) -> Observation {
    stratum(
      .work(
        MiningWork(
          previousBlock: BlockHash(0, 0, 0, block), bits: 0x1703_4219, height: height ?? UInt32(6 + block / 2))),
      at: time)
  }

  /// Work on a block with a hash that begins so.
  fileprivate func builds(onHash first: UInt64, bits: UInt32) -> Observation {
    stratum(.work(MiningWork(previousBlock: BlockHash(first, 0, 0, 1), bits: bits)))
  }

  /// Sums of five minutes with jobs in them, the last one just now.
  fileprivate func worked(at time: Double) -> Observation { shares(jobs: 10, since: 0, at: time) }

  fileprivate func pays(_ script: String, on block: UInt64 = 1, user: String? = nil, at time: Double) -> Observation {
    var work = MiningWork(previousBlock: BlockHash(0, 0, 0, block), bits: 0x1703_4219, height: UInt32(6 + block))
    work.payees = UInt64(script.utf8.reduce(1) { $0 &* 31 &+ UInt64($1) })
    work.payout = MiningPayout(outputs: [.init(script: script, amount: 312_500_000)], count: 1)
    return stratum(.work(work), user: user, at: time)
  }

  fileprivate func shares(
    submitted: UInt64 = 0, accepted: UInt64 = 0, rejected: UInt64 = 0, work: Double = 0, seconds: Double = 300,
    jobs: UInt64 = 0, since: Double? = nil, isFinal: Bool = false, at time: Double
  ) -> Observation {
    var totals = ShareTotals(seconds: seconds)
    (totals.submitted, totals.accepted, totals.rejected, totals.jobs) = (submitted, accepted, rejected, jobs)
    totals.acceptedDifficulty = work
    if work == 0 { totals.acceptedOfUnknownDifficulty = accepted }
    totals.sinceLastJob = since
    totals.isFinal = isFinal
    return stratum(.shares(totals), at: time)
  }
}
