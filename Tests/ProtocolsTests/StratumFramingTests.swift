import Glibc
import Testing

import struct Simulator.SplitMix64

@testable import Protocols

@Suite struct StratumFramingTests {
  /// A subscription, shares, and a job, in one direction each.
  static let conversation = StratumOddityTests.session

  /// Losing any one turn must not make us accuse anybody.
  @Test(arguments: conversation.indices, [1, 5, .max])
  func `accuses nobody because a whole segment was lost`(lost: Int, segment: Int) {
    var player = StratumPlayer()
    player.play(Array(Self.conversation[..<lost]), segment: segment)
    player.lose(from: Self.conversation[lost].sender)
    player.play(Array(Self.conversation[(lost + 1)...]), segment: segment)
    player.finish()
    #expect(player.story.filter(\.isAccusation) == [])
    #expect(player.story.last?.hasSuffix("final") == true)
  }

  /// Losing bytes from any place on, up to any later place in the same direction.
  @Test(arguments: [Role.client, .server], [1, 3, 17, 100])
  func `accuses nobody wherever bytes are lost`(sender: Role, missing: Int) {
    let stream = Self.conversation.filter { $0.sender == sender }.flatMap(\.bytes)
    for start in 0..<stream.count {
      var player = StratumPlayer()
      player.receive(Array(stream[..<start]), from: sender)
      player.lose(from: sender)
      player.receive(Array(stream.dropFirst(start + missing)), from: sender)
      player.finish()
      #expect(player.story.filter(\.isAccusation) == [], "from \(start)")
    }
  }

  @Test func `accuses nobody wherever it joins`() {
    for sender in [Role.client, .server] {
      let stream = Self.conversation.filter { $0.sender == sender }.flatMap(\.bytes)
      for start in 0..<stream.count {
        var player = StratumPlayer(midstream: true, rolesAreCertain: false)
        player.receive(Array(stream[start...]), from: sender)
        player.finish()
        #expect(player.story.filter(\.isAccusation) == [], "from \(start)")
        #expect(player.isReversed == false, "from \(start)")
      }
    }
  }

  @Test func `finds its way back at the next line`() {
    var player = StratumPlayer()
    player.play(StratumOddityTests.login)
    player.lose(from: .server)
    player.receive(Array(#"01","02",[],"20000000"],"id":null}"#.utf8), from: .server)
    player.receive(Array("\n".utf8), from: .server)
    player.play([StratumOddityTests.notify("j1"), .server("what?")])
    player.finish()
    #expect(player.story == StratumOddityTests.said + ["anomaly not JSON server", StratumOddityTests.final(jobs: 1)])
  }

  @Test func `takes a whole message right behind a gap`() {
    var player = StratumPlayer()
    player.lose(from: .client)
    player.play([StratumOddityTests.login[2]])
    #expect(player.story == StratumOddityTests.said)
  }

  @Test(arguments: [1, 7, .max])
  func `lets what is said decide who says it`(segment: Int) {
    let reversed = StratumOddityTests.session.map { Turn(sender: $0.sender.other, bytes: $0.bytes) }
    #expect(
      story(reversed, segment: segment, rolesAreCertain: false)
        == StratumOddityTests.said + [StratumOddityTests.final(2, 1, 1, worth: 512, jobs: 1)])
  }

  @Test func `reports the wrong side where roles are certain`() {
    let turns =
      StratumOddityTests.login + [
        .server(#"{"id":9,"method":"mining.get_transactions","params":[]}"#),
        .client(#"{"id":9,"method":"mining.notify","params":["j"]}"#),
      ]
    let said = [
      "method mining.get_transactions server from the wrong side", "method mining.notify client from the wrong side",
    ]
    #expect(story(turns) == StratumOddityTests.said + said + [StratumOddityTests.final(jobs: 1)])
  }

  @Test(arguments: ["mining.passthrough", "mining.node", "mining.remote"])
  func `reports trunk modes`(method: String) {
    let turns = [Turn.client(#"{"id":1,"method":"\#(method)","params":[]}"#)]
    #expect(story(turns).first == "method \(method) client not for miners")
  }

  @Test(arguments: ["client.add_peers", "mining.get_hashrate", "mining.get_temperature"])
  func `reports early questions`(method: String) {
    let turns = [Turn.server(#"{"id":1,"method":"\#(method)","params":[]}"#)]
    #expect(story(turns).first == "method \(method) server not for miners")
  }

  // MARK: Random bytes

  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func `survives random changes, cuts and gaps`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let pieces = Array(#"{}[]",:\u0 tf1-."#.utf8) + [0, 10, 13, 0x7f, 0x01, 0x05, 0x80, 0xff]
    for _ in 0..<150 {
      var player = StratumPlayer(
        midstream: Bool.random(using: &random), rolesAreCertain: Bool.random(using: &random), users: 2, requests: 2,
        seed: seed)
      for turn in Self.conversation + StratumAgentTests.conversation {
        var bytes = turn.bytes
        for _ in 0..<Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
          let place = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: bytes[place] = pieces.randomElement(using: &random) ?? 0
          case 1: bytes.insert(pieces.randomElement(using: &random) ?? 0, at: place)
          default: bytes.remove(at: place)
          }
        }
        if Int.random(in: 0..<12, using: &random) == 0 { player.lose(from: turn.sender) }
        player.play([Turn(sender: turn.sender, bytes: bytes)], segment: Int.random(in: 1...200, using: &random))
      }
      player.finish()
      #expect(player.story.last?.hasSuffix("final") == true, "seed \(seed)")
      #expect(player.userCount == 0)
    }
  }

  /// Eight times the bytes may take about eight times the work, not sixty-four times, also for the worst kinds of bytes.
  @Test(arguments: [
    "{", "{}", "}{", #"{"a":1}"#, "\u{7f}\u{1}", "\u{7f}", " ", "\n", #"{"method":""#, "\\u0000",
    "{\"id\":4,\"result\":true}\n",
  ])
  func `takes time in proportion to the bytes`(piece: String) {
    // Of this thread alone: other tests run beside this one.
    func processorTime() -> Duration {
      var time = timespec()
      unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
    func cost(_ count: Int) -> Duration {
      let bytes = Array(String(repeating: piece, count: count / piece.utf8.count).utf8)
      var best = Duration.seconds(1_000)
      for _ in 0..<10 {
        var player = StratumPlayer()
        let start = processorTime()
        player.receive(bytes, from: .server)
        best = min(best, processorTime() - start)
      }
      return best
    }
    _ = cost(8 << 10)
    let ratio = cost(64 << 10) / cost(8 << 10)
    #expect(ratio < 48, "eight times the bytes took \(ratio) times as long")
  }
}

extension String {
  /// The line says that something is wrong with what somebody sent.
  var isAccusation: Bool { hasPrefix("anomaly") || hasPrefix("order") || hasPrefix("method") }
}
