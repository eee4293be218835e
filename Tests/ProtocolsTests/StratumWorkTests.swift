import Capture
import Decode
import Flows
import Testing

import struct Simulator.SplitMix64

@testable import Protocols

/// What jobs tell: the block they build on, who is paid, and which were never offered.
@Suite struct StratumWorkTests {
  /// The worked example of the protocol's first description (slush0, "Stratum mining protocol").
  static let previous = "4d16b6f85af6e2198f44ae2a6de67f78487ae5611b77c6c0440b921e00000000"
  static let head =
    "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff20020862062f503253482f04b8864e5008"
  static let tail =
    "072f736c7573682f000000000100f2052a010000001976a914d23fcdf86f7e756a64a7a9688ef9903327048ed988ac00000000"
  static let script = "76a914d23fcdf86f7e756a64a7a9688ef9903327048ed988ac"
  static let pays = " pays 1: 5000000000 to \(script) for /slush/"

  static let login: [Turn] = [
    .client(#"{"id":1,"method":"mining.subscribe","params":["cgminer/4.12.0"]}"#),
    .server(#"{"id":1,"result":[[["mining.notify","ae68"]],"08000002",4],"error":null}"#),
    .client(#"{"id":2,"method":"mining.authorize","params":["acme.rig1","x"]}"#),
    .server(#"{"id":2,"result":true,"error":null}"#),
  ]

  static func notify(
    _ job: String, previous: String = previous, head: String = head, tail: String = tail, after seconds: Double = 0
  ) -> Turn {
    .server(
      #"{"id":null,"method":"mining.notify","params":["\#(job)","\#(previous)","\#(head)","\#(tail)",[],"#
        + #""00000002","1c2ac4af","504e86b9",false]}"#, after: seconds)
  }

  private static func work(_ turns: [Turn], segment: Int = .max, midstream: Bool = false) -> [String] {
    story(turns, segment: segment, midstream: midstream, rolesAreCertain: !midstream).filter { $0.hasPrefix("work") }
  }

  @Test(arguments: [1, 100, .max])
  func `reads the first job of a session`(segment: Int) {
    #expect(
      Self.work(Self.login + [Self.notify("bf")], segment: segment) == ["work on 4d16b6f8 height 25096\(Self.pays)"])
  }

  /// Miners take the first nine parameters by their place.
  @Test func `reads a job with a tenth parameter, and tells that`() {
    let job = Self.notify("bf").line.replacing("false]", with: #"false,"x"]"#)
    let told = story(Self.login + [.server(job)])
    #expect(told.contains("work on 4d16b6f8 height 25096\(Self.pays)"))
    #expect(told.contains("anomaly parameter out of range server"))
  }

  @Test func `reads it without the reply to subscribe as well`() {
    #expect(
      Self.work([Self.notify("bf"), Self.notify("c0")], midstream: true)
        == ["work on 4d16b6f8 height 25096\(Self.pays)"])
  }

  @Test func `says nothing new of a job that pays the same on the same block`() {
    let fees = Self.tail.replacing("00f2052a01000000", with: "01f2052a01000000")
    #expect(
      Self.work(Self.login + [Self.notify("1"), Self.notify("2", tail: fees), Self.notify("3")]).count == 1)
  }

  @Test func `says a new block, and who is paid only when that has changed`() {
    let next = Self.previous.replacing("4d16b6f8", with: "00000001")
    let other = Self.tail.replacing("d23fcdf8", with: "ffffffff")
    let lines = Self.work(
      Self.login + [
        Self.notify("1"), Self.notify("2", previous: next), Self.notify("3", previous: next, tail: other),
        Self.notify("4", previous: next, tail: Self.tail.replacing("736c757368", with: "6d6c757368")),
      ])
    #expect(
      lines.dropFirst() == [
        "work on 00000001 height 25096",
        "work on 00000001 height 25096\(Self.pays.replacing("d23fcdf8", with: "ffffffff"))",
        "work on 00000001 height 25096\(Self.pays.replacing("/slush/", with: "/mlush/"))",
      ])
  }

  @Test func `leaves out outputs that carry data, in whatever order the others come`() {
    let paid = "00f2052a010000001976a914d23fcdf86f7e756a64a7a9688ef9903327048ed988ac"
    let other = "0100000000000000160014" + String(repeating: "ab", count: 20)
    let data = { (digits: String) in "0000000000000000046a02" + digits }
    let outputs = { (list: [String]) in
      "072f736c7573682f00000000" + (list.count < 16 ? "0" : "") + String(list.count, radix: 16) + list.joined()
        + "00000000"
    }
    let lines = Self.work(
      Self.login + [
        Self.notify("1", tail: outputs([paid, other, data("aaaa")])),
        Self.notify("2", tail: outputs([other, paid, data("bbbb")])), Self.notify("3", tail: outputs([other, paid])),
        Self.notify("4", tail: outputs([other])),
      ])
    #expect(lines.count == 2)
    #expect(lines.first?.contains("pays 2: ") == true)
    #expect(lines.last?.contains("pays 1: 1 to 0014abab") == true)
  }

  @Test func `does not compare a coinbase that shares out to many`() {
    let share = { (index: Int) in
      "0100000000000000160014" + String(repeating: index < 16 ? "0\(String(index, radix: 16))" : "10", count: 20)
    }
    let tail = { (range: Range<Int>) in
      "072f736c7573682f00000000" + "0\(String(range.count, radix: 16))" + range.map(share).joined() + "00000000"
    }
    let lines = Self.work(
      Self.login + [Self.notify("1", tail: tail(0..<9)), Self.notify("2", tail: tail(1..<10))])
    #expect(lines.count == 1)
    #expect(lines.first?.contains("pays 9: ") == true)
  }

  @Test(arguments: [
    ("", Self.tail), (Self.head, ""), ("zz", "yy"),
    (Self.head, String(Self.tail.dropLast(2))), (Self.head, Self.tail + "00"),
    (Self.head, Self.tail.replacing("000000000100f2", with: "00000000fdffff")),
    (Self.head.replacing("ffffffff20", with: "fffffffffe"), Self.tail),
  ])
  func `says the block alone where the coinbase makes no sense`(head: String, tail: String) {
    let lines = Self.work(Self.login + [Self.notify("1", head: head, tail: tail)])
    #expect(lines == ["work on 4d16b6f8 height -"])
  }

  @Test func `survives a coinbase cut anywhere`() {
    for length in 0...Self.tail.count {
      _ = Self.work(Self.login + [Self.notify("1", tail: String(Self.tail.prefix(length)))])
    }
    for length in 0...Self.head.count {
      _ = Self.work(Self.login + [Self.notify("1", head: String(Self.head.prefix(length)))])
    }
  }

  @Test func `survives coinbases of random bytes`() {
    var generator = SplitMix64(seed: 7)
    for _ in 0..<400 {
      var bytes = hex(Self.head + Self.tail)
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
      }
      let cut = Int.random(in: 0...bytes.count, using: &generator)
      let gap = Int.random(in: 0...40, using: &generator)
      withSpan(bytes) { span in
        guard let coinbase = Coinbase(span, head: 0..<cut, tail: cut..<bytes.count, width: 1, gap: gap) else { return }
        _ = coinbase.height
        _ = MiningPayout(coinbase)
      }
    }
  }

  @Test func `spells a coinbase out once, until another takes its place`() {
    var readings = CoinbaseReadings()
    let width = UInt64(Limits.coinbasePayouts)
    let bytes = hex(Self.head + "0000000000000000" + Self.tail)
    let told = withSpan(bytes) { span -> [Int] in
      guard let paid = Coinbase(span, head: 0..<bytes.count, tail: 0..<0, width: 1, gap: 0),
        let broken = Coinbase(span, head: 0..<bytes.count - 8, tail: 0..<0, width: 1, gap: 0)
      else { return [] }
      let known = readings.payout(paid, 3)
      // What is known by its key is not read again; another key is read, wherever it goes.
      return [
        known, readings.payout(broken, 3), readings.payout(broken, 3 + width), readings.payout(paid, 3),
      ].map(\.count)
    }
    #expect(told == [1, 1, 0, 1])
  }

  // MARK: Jobs

  private static func share(_ job: String, after seconds: Double) -> Turn {
    .client(
      #"{"params":["acme.rig1","\#(job)","00","504e86c0","1a2b3c4d"],"id":4,"method":"mining.submit"}"#, after: seconds)
  }

  private static func unknown(_ turns: [Turn], midstream: Bool = false) -> [String] {
    story(turns, midstream: midstream).filter { $0.hasPrefix("unknown") }
  }

  @Test func `tells a share for a job that was never offered`() {
    let turns = Self.login + [Self.notify("1"), Self.share("77", after: 200), Self.share("1", after: 1)]
    #expect(Self.unknown(turns) == ["unknown job 77"])
    #expect(Self.unknown(turns, midstream: true) == [])
  }

  @Test func `tells it of CryptoNote's shares as well`() {
    func share(_ job: String, after seconds: Double) -> Turn {
      .client(
        #"{"id":9,"method":"submit","params":{"id":"97","job_id":"\#(job)","nonce":"0c","result":"00"}}"#,
        after: seconds)
    }
    let login: [Turn] = [
      .client(#"{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"48ed","pass":"x","agent":"XMRig/6"}}"#),
      .server(#"{"jsonrpc":"2.0","id":1,"result":{"id":"97","job":{"blob":"10","job_id":"6b"},"status":"OK"}}"#),
      .server(#"{"jsonrpc":"2.0","method":"job","params":{"blob":"10","job_id":"6c","target":"b88d0600"}}"#),
    ]
    #expect(
      Self.unknown(login + [share("6b", after: 200), share("6c", after: 1), share("77", after: 1)]) == [
        "unknown job 77"
      ])
  }

  @Test func `a password that is a link-layer address is told, and no other`() {
    func password(_ text: String) -> [String] {
      story([.client(#"{"id":3,"method":"mining.authorize","params":["acme.r1","\#(text)"]}"#)])
        .filter { $0.hasPrefix("password") }
    }
    #expect(password("02:00:0a:14:00:05") == ["password 02:00:0a:14:00:05"])
    #expect(password("x") == [] && password("d=1024,md=512") == [] && password("correct horse battery") == [])
  }

  @Test func `waits until no share of the session before can come`() {
    #expect(Self.unknown(Self.login + [Self.notify("1"), Self.share("77", after: 179)]) == [])
  }

  @Test func `knows a job of half an hour ago`() {
    let jobs = (0..<200).map { Self.notify("a\($0)", after: 30) }
    #expect(
      Self.unknown(Self.login + jobs + [Self.share("a170", after: 1), Self.share("b1", after: 1)]) == ["unknown job b1"]
    )
  }

  @Test func `does not judge when jobs come faster than they can be remembered`() {
    let jobs = (0..<200).map { Self.notify("a\($0)", after: 2) }
    #expect(Self.unknown(Self.login + jobs + [Self.share("a100", after: 1)]) == [])
  }

  @Test func `does not judge where bytes were lost`() {
    var player = StratumPlayer()
    player.play(Self.login + [Self.notify("1")])
    player.lose(from: .server)
    player.play([Self.notify("2"), Self.share("77", after: 200)])
    player.finish()
    #expect(!player.story.contains { $0.hasPrefix("unknown") })
    #expect(player.counters.unknownJobs == 0)
  }

  @Test func `says of unknown jobs four times and counts the rest`() {
    var player = StratumPlayer()
    player.play(Self.login + [Self.notify("1")] + (0..<9).map { Self.share("x\($0)", after: 100) })
    #expect(player.story.filter { $0.hasPrefix("unknown") }.count == 4)
    #expect(player.counters.unknownJobs == 8)
  }

  // MARK: Accounts

  private static func shares(_ users: String..., login: [Turn] = login) -> [String] {
    story(
      login + [notify("1")]
        + users.map {
          .client(#"{"params":["\#($0)","1","00","504e86c0","1a2b3c4d"],"id":4,"method":"mining.submit"}"#)
        }
    ).filter { $0.hasPrefix("order") }
  }

  @Test func `tells work of an account that never logged in, once`() {
    let told = ["order share by a user who did not authorize"]
    #expect(Self.shares("acme.rig1", "thief.x", "robber.y") == told)
    #expect(Self.shares("acme.rig1", "ACME.rig2", "acme_7", "acme") == [])
    let both = Self.login + [.client(#"{"id":3,"method":"mining.authorize","params":["thief.a","x"]}"#)]
    #expect(Self.shares("acme.rig1", "thief.x", login: both) == [])
    #expect(Self.shares("⛏️.rig") == [])
  }

  // MARK: Difficulty

  @Test func `tells steps of difficulty that no control makes`() {
    let values = [1_000.0, 2_000, 7_999, 8_000, 1_001, 1_000, 1e12]
    let turns = values.map { StratumOddityTests.difficulty("\($0)") }
    #expect(
      story(Self.login + turns).filter { $0.hasPrefix("difficulty") } == [
        "difficulty 1000.0 to 8000.0", "difficulty 8000.0 to 1000.0", "difficulty 1000.0 to 1000000000000.0",
      ])
  }

  @Test func `says how long ago the last job was`() throws {
    var player = StratumPlayer()
    player.play(Self.login + [Self.notify("1")] + (0..<31).map { Self.share("1", after: $0 < 0 ? 0 : 10) })
    let sums = player.events.compactMap { event -> ShareTotals? in
      if case .shares(let sums) = event.what { sums } else { nil }
    }
    #expect(sums.map(\.sinceLastJob) == [300])
    #expect(sums.map(\.isIncomplete) == [false])
  }
}
