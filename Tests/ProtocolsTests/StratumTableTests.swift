import Capture
import Decode
import Flows
import Testing

import struct Simulator.SplitMix64

@testable import Protocols

@Suite struct StratumTableTests {
  // MARK: Dialects

  @Test(
    arguments: [
      ([.client(#"{"id":1,"method":"mining.subscribe","params":["m/1","EthereumStratum/1.0.0"]}"#)], .ethereumStratum1),
      (
        [.client(#"{"id":1,"method":"mining.hello","params":{"agent":"ethminer","proto":"EthereumStratum/2.0.0"}}"#)],
        .ethereumStratum2
      ),
      ([.client(#"{"id":1,"method":"eth_submitLogin","params":["0xabc"]}"#)], .ethProxy),
      ([.client(#"{"id":1,"method":"eth_getWork","params":[]}"#)], .ethProxy),
      ([.client(#"{"id":1,"method":"login","params":{"login":"48ed","pass":"x","agent":"XMRig/6"}}"#)], .cryptoNote),
      ([.server(#"{"method":"job","params":{"job_id":"1"}}"#)], .cryptoNote),
      ([.server(#"{"id":null,"method":"mining.set_target","params":["00"]}"#)], .equihash),
      ([.server(#"{"method":"set_extranonce","params":["00",4]}"#)], .kaspa),
      ([.client(#"{"id":1,"method":"mining.subscribe","params":["cgminer/4"]}"#)], .bitcoin),
      (
        [
          .client(#"{"id":1,"method":"mining.hello","params":{}}"#),
          .server(#"{"method":"mining.set_target","params":["00"]}"#),
        ],
        .ethereumStratum2
      ),
    ] as [([Turn], StratumDialect)])
  func `tells dialects`(turns: [Turn], dialect: StratumDialect) {
    var player = StratumPlayer()
    player.play(turns)
    player.finish()
    #expect(player.events.last?.session.dialect == dialect)
    #expect(player.story.filter(\.isAccusation) == [])
  }

  @Test func `follows a CryptoNote session`() {
    let turns: [Turn] = [
      .client(
        #"{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"48ed","pass":"rigA","agent":"XMRig/6.26.0"}}"#),
      .server(
        #"{"jsonrpc":"2.0","id":1,"error":null,"result":{"id":"97","job":{"blob":"10","job_id":"6b"},"status":"OK"}}"#),
      .client(#"{"id":2,"method":"submit","params":{"id":"97","job_id":"6b","nonce":"0c"}}"#),
      .server(#"{"id":2,"error":null,"result":{"status":"OK"}}"#),
      .client(#"{"id":3,"method":"submit","params":{"id":"97","job_id":"6b","nonce":"0d"}}"#),
      .server(#"{"id":3,"error":{"code":-1,"message":"Low difficulty share"}}"#),
      .client(#"{"id":4,"method":"keepalived","params":{"id":"97"}}"#),
      .server(#"{"id":4,"error":null,"result":{"status":"KEEPALIVED"}}"#),
    ]
    #expect(
      story(turns) == [
        "introduced", "user 48ed by login", "dialect cryptonote",
        "shares 2 1 1 worth 0.0 unknown 1 jobs 1 final",
      ])
  }

  @Test func `follows an eth-proxy session`() {
    let turns: [Turn] = [
      .client(#"{"worker":"eth1.0","params":["0x9c.rig","x"],"id":2,"method":"eth_submitLogin"}"#),
      .server(#"{"id":2,"result":true}"#),
      .client(#"{"params":[],"id":3,"method":"eth_getWork"}"#), .server(#"{"id":0,"result":["0x1","0x2","0x3"]}"#),
      .client(#"{"id":5,"method":"eth_submitWork","params":["0x1","0x2","0x3"]}"#), .server(#"{"id":5,"result":true}"#),
    ]
    #expect(
      story(turns) == [
        "introduced", "user 0x9c.rig by eth_submitLogin", "dialect eth-proxy",
        "shares 1 1 0 worth 0.0 unknown 1 jobs 1 final",
      ])
  }

  @Test func `refuses a CryptoNote user`() {
    let turns: [Turn] = [
      .client(#"{"id":1,"method":"login","params":{"login":"bad","pass":"x"}}"#),
      .server(#"{"id":1,"error":{"code":-1,"message":"no"},"result":null}"#),
    ]
    #expect(story(turns).contains("refused bad"))
  }

  // MARK: What an event knows

  @Test func `knows the session when it speaks of it`() throws {
    var player = StratumPlayer()
    player.play(
      StratumOddityTests.login + [
        StratumOddityTests.difficulty("512"), .server(#"{"method":"client.show_message","params":["hello"]}"#),
      ])
    let session = try #require(player.events.last?.session)
    #expect(player.story.last == "message hello")
    #expect(session.agent == "cgminer/4.12.0")
    #expect(session.user == "acme.rig1")
    #expect(session.authorized)
    #expect(session.method == "client.show_message")
    #expect(session.difficulty == 512)
    #expect(player.events[0].session.user == "acme.rig1")
    #expect(!player.events[0].session.authorized)
  }

  // MARK: Time

  @Test func `introduces a silent session after ten seconds`() {
    var player = StratumPlayer()
    player.play([StratumOddityTests.login[0]])
    player.table.tick(player.session, at: player.now.advanced(by: .seconds(9)), into: &player.events)
    #expect(player.story == [])
    player.table.tick(player.session, at: player.now.advanced(by: .seconds(10)), into: &player.events)
    #expect(player.story == ["introduced"])
  }

  @Test func `introduces a session without user at the eighth message`() {
    var player = StratumPlayer()
    for count in 1...9 {
      player.play([StratumOddityTests.notify("j\(count)")])
      #expect(player.story == (count < 8 ? [] : ["introduced"]))
    }
  }

  @Test func `sums nothing in intervals without shares, answers and jobs`() {
    var player = StratumPlayer()
    player.play(StratumOddityTests.login + [StratumOddityTests.notify("j1")])
    for interval in 1...10 {
      player.play([.server(#"{"id":null,"method":"mining.ping","params":[]}"#, after: 310)])
      #expect(player.story.filter { $0.hasPrefix("shares") }.count == 1, "in interval \(interval)")
    }
    player.play([StratumOddityTests.submit("9")])
    #expect(
      player.story.filter { $0.hasPrefix("shares") } == [
        "shares 0 0 0 worth 0.0 unknown 0 jobs 1", "shares 1 0 0 worth 0.0 unknown 0 jobs 0",
      ])
  }

  @Test(arguments: [
    ("redirect", #"{"id":null,"method":"client.reconnect","params":["pool.example",3333,1]}"#),
    ("message", #"{"id":null,"method":"client.show_message","params":["hello"]}"#),
  ])
  func `tells of a flood at the start and then once in ten seconds`(word: String, line: String) {
    var player = StratumPlayer()
    player.play(StratumOddityTests.login)
    let said = { (player: borrowing StratumPlayer) in player.story.filter { $0.hasPrefix(word) }.count }
    // 1,000 at once.
    player.play(Array(repeating: .server(line), count: 1_000))
    #expect(said(player) == 32)
    // 1,000 in 100 s.
    player.play(Array(repeating: .server(line, after: 0.1), count: 1_000))
    #expect(said(player) == 42)
    // The clock steps back, which must not be a way to say more.
    for _ in 0..<100 { player.play([.server(line, after: -1)]) }
    #expect(said(player) == 42)
    player.play([.server(line, after: 10)])
    #expect(said(player) == 43)
    let withheld = word == "redirect" ? player.counters.redirectsWithheld : player.counters.messagesWithheld
    #expect(withheld == 2_101 - 43)
    // What the flood was made of hides nothing else.
    player.play([
      .server(#"{"id":null,"method":"client.reconnect","params":["evil.example",3333,1]}"#),
      .server(#"{"id":null,"method":"client.show_message","params":["bye"]}"#),
    ])
    #expect(player.story.contains(word == "redirect" ? "message bye" : "redirect evil.example 3333 1.0"))
  }

  @Test func `sums shares by five minutes of packet time`() {
    var player = StratumPlayer()
    player.play(StratumOddityTests.login + [StratumOddityTests.difficulty("4")])
    for count in 0..<13 {
      var job = StratumOddityTests.notify("j1")
      job.seconds = 50
      player.play([job, StratumOddityTests.submit("\(count)"), StratumOddityTests.answer("\(count)")])
    }
    player.finish()
    let shares = player.story.filter { $0.hasPrefix("shares") }
    // The report comes with the first bytes behind the five minutes: the sixth job's.
    #expect(
      shares == [
        "shares 5 5 0 worth 20.0 unknown 0 jobs 6", "shares 6 6 0 worth 24.0 unknown 0 jobs 6",
        "shares 2 2 0 worth 8.0 unknown 0 jobs 1 final",
      ])
  }

  @Test func `does not mind a clock that steps back`() {
    var player = StratumPlayer()
    player.play(StratumOddityTests.login)
    player.now = Timestamp(seconds: 5)
    player.play([StratumOddityTests.submit(), StratumOddityTests.answer()])
    player.now = Timestamp(nanoseconds: .max)
    player.play([StratumOddityTests.submit(), StratumOddityTests.answer()])
    player.now = Timestamp(nanoseconds: .min)
    player.play([StratumOddityTests.submit()])
    player.finish()
    #expect(player.story.last?.hasSuffix("final") == true)
  }

  @Test func `says one anomaly of a kind and counts all`() {
    var player = StratumPlayer()
    for _ in 0..<5 { player.play([.client("x"), .server("y")]) }
    #expect(player.story == ["anomaly not JSON client"])
    #expect(player.counters.anomalies[.notJSON] == 10)
    for anomaly in StratumAnomaly.allCases where anomaly != .notJSON {
      #expect(player.counters.anomalies[anomaly] == 0)
    }
  }

  @Test func `says no more than a few dozen odd methods`() {
    var player = StratumPlayer()
    for count in 0..<500 { player.play([.client(#"{"id":1,"method":"m\#(count)"}"#)]) }
    #expect(player.story.filter { $0.hasPrefix("method") }.count == Int(StratumSessionState.oddMethodLimit))
    #expect(player.counters.unexpectedMethods == 500)
  }

  // MARK: Bounds

  @Test func `refuses sessions over the bound and takes places back`() throws {
    var table = StratumTable(sessions: 2, users: 4, requests: 4, seed: 7)
    let now = Timestamp(seconds: 1)
    let first = table.open(midstream: false, at: now)
    let second = table.open(midstream: false, at: now)
    let third = table.open(midstream: false, at: now)
    let refused = table.counters.sessionsRefused
    #expect(third == nil)
    #expect(refused == 1)
    var events: [StratumEvent] = []
    let ended = try #require(first)
    table.end(ended, at: now, into: &events)
    table.end(ended, at: now, into: &events)
    #expect(events.map(\.story) == ["introduced", "shares 0 0 0 worth 0.0 unknown 0 jobs 0 final"])
    let again = table.open(midstream: false, at: now)
    #expect(again == first)
    #expect(again != second)
    let count = table.count
    #expect(count == 2)
  }

  @Test func `still reports users that it cannot remember`() {
    var player = StratumPlayer(users: 2)
    for name in ["a", "b", "c", "c", "d", "a"] {
      player.play([.client(#"{"id":4,"method":"mining.submit","params":["\#(name)","j"]}"#)])
    }
    #expect(player.story.filter { $0.hasPrefix("user") } == ["a", "b", "c", "d"].map { "user \($0) by mining.submit" })
    #expect(player.counters.usersRefused == 2)
  }

  @Test func `forgets the oldest open requests`() {
    var player = StratumPlayer()
    let count = Limits.stratumRequestsPerSession + 10
    for id in 0..<count { player.play([StratumOddityTests.submit("\(id)")]) }
    for id in 0..<count { player.play([StratumOddityTests.answer("\(id)")]) }
    player.finish()
    #expect(player.counters.requestsDropped == 10)
    #expect(player.counters.sharesAccepted == UInt64(count - 10))
  }

  @Test func `does not wait for replies for ever`() {
    var player = StratumPlayer()
    player.play([StratumOddityTests.submit("1")])
    var late = StratumOddityTests.submit("1")
    late.seconds = 121
    player.play([late, StratumOddityTests.answer("1"), StratumOddityTests.answer("1")])
    #expect(player.counters.sharesAccepted == 1)
  }

  @Test func `counts bytes and messages once`() {
    var player = StratumPlayer()
    player.play(StratumOddityTests.session, segment: 3)
    #expect(player.counters.bytes == UInt64(StratumOddityTests.session.map(\.bytes.count).reduce(0, +)))
    #expect(player.counters.messages == UInt64(StratumOddityTests.session.count))
  }

  /// Adding and removing in any order leaves a table that finds what is in it and nothing else.
  @Test(arguments: [31, 32, 33] as [UInt64])
  func `keeps its users apart`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var users = StratumUsers(limit: 64)
    var heads = [UInt32](repeating: 0, count: 8)
    var model = [[UInt64: UInt32]](repeating: [:], count: 8)
    for _ in 0..<3_000 {
      let session = Int.random(in: 0..<8, using: &random)
      // Few values in few low bits, so that chains form.
      let hash = UInt64.random(in: 0..<40, using: &random) << UInt64.random(in: 0...1, using: &random)
      if Int.random(in: 0..<30, using: &random) == 0 {
        users.removeAll(&heads[session])
        model[session] = [:]
      } else if users.find(hash, session: UInt32(session)) == nil, users.count < 64 {
        model[session][hash] = users.add("\(hash)", hash: hash, session: UInt32(session), to: &heads[session])
      }
      for (session, known) in model.enumerated() {
        for hash in 0..<UInt64(80) {
          let found = users.find(hash, session: UInt32(session))
          #expect(found == known[hash], "seed \(seed)")
        }
      }
    }
    let count = users.count
    #expect(count == model.map(\.count).reduce(0, +))
  }
}
