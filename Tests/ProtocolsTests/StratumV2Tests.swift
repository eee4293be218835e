import Capture
import Decode
import Flows
import Testing

import struct Simulator.SplitMix64
import enum Simulator.StratumV2Bytes

@testable import Protocols

/// Stratum V2 in the clear, frame by frame as sv2-spec lays them out, and behind Noise by its sizes.
@Suite struct StratumV2Tests {
  typealias V2 = StratumV2Bytes

  /// Plays turns to a dissector, as the stage does, and tells what was said.
  static func story(_ turns: [(Role, [UInt8])], segment: Int = .max, seconds: Double = 0, lose: Int? = nil) -> [String]
  {
    var dissector = StratumV2Dissector()
    var said: [Observation.Content] = []
    var kept: [Role: [UInt8]] = [:]
    var now = Timestamp(seconds: 1_700_000_000)
    for (index, (sender, bytes)) in turns.enumerated() {
      if index == lose {
        kept[sender] = []
        _ = dissector.lose(from: sender)
        continue
      }
      for start in stride(from: 0, to: bytes.count, by: segment == .max ? max(bytes.count, 1) : segment) {
        let piece = bytes[start..<min(bytes.count, segment == .max ? bytes.count : start + segment)]
        let all = (kept[sender] ?? []) + piece
        let progress = withSpan(all) { dissector.consume($0, from: sender, at: now, into: &said) }
        kept[sender] = Array(all.dropFirst(progress.consumed))
      }
      now = now.advanced(byNanoseconds: Int64(seconds * 1e9))
    }
    dissector.finish(at: now, into: &said)
    return said.compactMap { content in
      if case .stratum(let event) = content { event.story } else { nil }
    }
  }

  static let previous = hex("6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000")

  static let session: [(Role, [UInt8])] = [
    (.client, V2.setupConnection()), (.server, V2.setupConnectionSuccess()),
    (.client, V2.openStandardChannel("acme.rig1")), (.server, V2.openStandardChannelSuccess()),
    (.server, V2.newMiningJob(3)), (.server, V2.setNewPrevHash(previous, job: 3)),
    (.client, V2.submitSharesStandard(1, job: 3)), (.client, V2.submitSharesStandard(2, job: 3)),
    (.server, V2.submitSharesSuccess(2, count: 2, worth: 131_070)), (.client, V2.submitSharesStandard(3, job: 3)),
    (.server, V2.submitSharesError(3)), (.server, V2.reconnect(host: "v2.evil.example", port: 3_336)),
  ]
  static let told = [
    "introduced", "user acme.rig1 by OpenStandardChannel", "work on 0a8ce26f height -",
    "redirect v2.evil.example 3336 -", "shares 3 2 1 worth 131070.0 unknown 0 jobs 1 final",
  ]

  private static func unknown(_ turns: [(Role, [UInt8])], seconds: Double = 200, lose: Int? = nil) -> [String] {
    story(turns, seconds: seconds, lose: lose).filter { $0.hasPrefix("unknown") }
  }

  @Test func `tells a share for a job that was never offered`() {
    let late = Self.session.dropLast() + [(.client, V2.submitSharesStandard(4, job: 77))]
    #expect(Self.unknown(Array(late)) == ["unknown job 77"])
    #expect(Self.unknown(Array(late), seconds: 1) == [], "it may be one of the session before")
    #expect(Self.unknown(Array(late), lose: 5) == [], "a job may have been lost")
    #expect(Self.unknown(Array(late.dropFirst())) == [], "joined in the middle")
    let many = Self.session.dropLast() + (10..<100).map { (.server, V2.newMiningJob($0)) }
    #expect(Self.unknown(Array(many) + [(.client, V2.submitSharesStandard(5, job: 12))], seconds: 1) == [])
    #expect(Self.unknown(Array(many) + [(.client, V2.submitSharesStandard(5, job: 90))]) == [])
  }

  @Test(arguments: [1, 2, 5, 7, 64, .max])
  func `reads a session however TCP cuts it`(segment: Int) {
    #expect(Self.story(Self.session, segment: segment) == Self.told)
  }

  @Test func `reads frames that come together`() {
    let client = Self.session.filter { $0.0 == .client }.flatMap(\.1)
    let server = Self.session.filter { $0.0 == .server }.flatMap(\.1)
    #expect(Self.story([(.client, client), (.server, server)], segment: 50).sorted() == Self.told.sorted())
  }

  @Test func `knows the difficulty from the target, and the agent`() throws {
    var dissector = StratumV2Dissector()
    var said: [Observation.Content] = []
    for (sender, bytes) in Self.session.prefix(6) + [(.server, V2.setTarget(16))] {
      _ = withSpan(bytes) { dissector.consume($0, from: sender, at: Timestamp(seconds: 1), into: &said) }
    }
    dissector.finish(at: Timestamp(seconds: 2), into: &said)
    guard case .stratum(let event)? = said.last else {
      Issue.record("nothing was said")
      return
    }
    #expect(event.session.difficulty.map { Int($0) } == 65_535 / 16)
    #expect(event.session.agent == "Braiins/S19/bos-23.12")
    #expect(event.session.authorized && event.session.dialect == .stratumV2)
  }

  @Test func `hands on what was answered, at the target's worth in the clear`() throws {
    var dissector = StratumV2Dissector()
    var said: [Observation.Content] = []
    for (sender, bytes) in Self.session {
      _ = withSpan(bytes) { dissector.consume($0, from: sender, at: Timestamp(seconds: 1), into: &said) }
    }
    let answered = dissector.takeWork()
    let taken = try #require(answered)
    #expect(taken.user == "acme.rig1")
    #expect((taken.work.accepted, taken.work.unknown, taken.work.rejected) == (2, 0, 1))
    #expect(taken.work.difficulty == 131_070 && taken.work.squares == 2 * 65_535 * 65_535)
    let isTaken = dissector.takeWork() == nil
    #expect(isTaken)
  }

  @Test func `hands on shares of unknown worth behind Noise`() throws {
    var dissector = StratumV2Dissector()
    var said: [Observation.Content] = []
    let sizes: [(Role, Int)] = [
      (.client, 64), (.server, 234), (.client, 90), (.server, 60), (.client, 90), (.server, 120), (.client, 62),
      (.client, 124), (.server, 58),
    ]
    for (index, (sender, size)) in sizes.enumerated() {
      let bytes = V2.noise(size, seed: UInt64(index))
      _ = withSpan(bytes) { dissector.consume($0, from: sender, at: Timestamp(seconds: 1), into: &said) }
    }
    let answered = dissector.takeWork()
    let taken = try #require(answered)
    #expect(taken.user == nil)
    #expect((taken.work.accepted, taken.work.unknown, taken.work.rejected) == (0, 3, 0))
  }

  @Test func `reads who an extended job pays`() {
    let job = V2.newExtendedMiningJob(3, head: hex(StratumWorkTests.head), tail: hex(StratumWorkTests.tail))
    let lines = Self.story(
      Self.session.prefix(4) + [(.server, job), (.server, V2.setNewPrevHash(Self.previous, job: 3))])
    #expect(lines.contains("work on 0a8ce26f height 25096\(StratumWorkTests.pays)"))
  }

  @Test func `says whom a pool refuses`() {
    let lines = Self.story(Self.session.prefix(3) + [(.server, V2.openChannelError())])
    #expect(lines.contains("refused acme.rig1"))
  }

  @Test(arguments: session.indices)
  func `goes on behind a frame that was lost`(index: Int) {
    let lines = Self.story(Self.session + [(.server, V2.newMiningJob(4))], lose: index)
    #expect(lines.last?.hasSuffix(" final") == true)
    #expect(!lines.contains { $0.hasPrefix("method") || $0.hasPrefix("anomaly") })
  }

  @Test func `finds the next frame in the middle of one`() {
    var turns = Self.session
    // Half of a job was lost: what is left of it stands before the next one.
    turns.insert((.server, []), at: 6)
    turns.insert((.server, Array(V2.newMiningJob(9).dropFirst(20)) + V2.newMiningJob(10)), at: 7)
    let lines = Self.story(turns, lose: 6)
    #expect(lines.last?.contains("jobs 2 final") == true)
  }

  // MARK: Lies

  @Test(arguments: [
    (V2.frame(0x1a, isForChannel: true, []), "anomaly broken frame client"),
    (V2.frame(0x10, [1, 0, 0, 0, 200] + [UInt8](repeating: 0x61, count: 36)), "anomaly broken frame client"),
    (V2.frame(0x2a, [1, 2, 3]), "method 0x2a client unknown method"),
    (V2.reconnect(host: "x", port: 1), "method Reconnect client from the wrong side"),
    (V2.frame(0x1a, length: 0xff_ffff, [1, 2, 3]), "anomaly line too long client"),
  ])
  func `tells what no honest side would send`(frame: [UInt8], line: String) {
    #expect(Self.story(Self.session.prefix(6) + [(.client, frame)]).contains(line))
  }

  @Test func `skips a frame that is longer than anything that is read`() {
    let huge = V2.frame(0x2a, [UInt8](repeating: 0, count: 200_000))
    let lines = Self.story(Self.session.prefix(6) + [(.client, huge)] + Self.session[6...], segment: 1_448)
    #expect(lines.last == Self.told.last)
    #expect(lines.filter { $0.hasPrefix("anomaly") } == ["anomaly line too long client"])
  }

  @Test func `passes over extensions`() {
    let request = V2.frame(0x00, extension: 1, [1, 0, 1, 0, 2, 0])
    #expect(Self.story(Self.session.prefix(2) + [(.client, request)] + Self.session[2...]) == Self.told)
  }

  @Test func `stops at no length of any message`() {
    for (sender, bytes) in Self.session {
      for length in 0..<bytes.count {
        _ = Self.story([Self.session[0], (sender, Array(bytes.prefix(length)))])
        guard length >= 6 else { continue }
        // The header says so too.
        _ = Self.story([Self.session[0], (sender, V2.frame(bytes[2], Array(bytes[6..<length])))])
      }
    }
  }

  @Test func `survives bytes that were changed at random`() {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<300 {
      var turns = Self.session
      for _ in 0..<4 {
        let index = Int.random(in: turns.indices, using: &generator)
        turns[index].1[Int.random(in: turns[index].1.indices, using: &generator)] = generator.bytes(1)[0]
      }
      _ = Self.story(turns, segment: Int.random(in: 1...60, using: &generator))
    }
  }

  // MARK: Noise

  static let encrypted: [(Role, [UInt8])] = [
    (.client, V2.noise(64, seed: 1)), (.server, V2.noise(234, seed: 2)), (.client, V2.noise(54 + 40, seed: 3)),
    (.server, V2.noise(44, seed: 4)), (.client, V2.noise(79 + 9, seed: 5)), (.server, V2.noise(83, seed: 6)),
    (.server, V2.noise(83, seed: 7)), (.server, V2.noise(86, seed: 8)), (.client, V2.noise(62, seed: 9)),
    (.server, V2.noise(58, seed: 10)), (.client, V2.noise(124, seed: 11)), (.server, V2.noise(58, seed: 12)),
    (.client, V2.noise(62, seed: 13)), (.server, V2.noise(87, seed: 14)),
  ]

  @Test func `tells what the sizes of encrypted frames tell`() {
    #expect(
      Self.story(Self.encrypted) == [
        "introduced", "channels 1 user 9 setup 40", "shares 4 3 0 worth 0.0 unknown 3 jobs 3 final",
      ])
  }

  @Test func `sums up an encrypted session every five minutes`() {
    let shares = (0..<60).flatMap { [(Role.client, V2.noise(62, seed: $0)), (.server, V2.noise(58, seed: $0 + 100))] }
    let lines = Self.story(Self.encrypted + shares, seconds: 5).filter { $0.hasPrefix("shares") }
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { $0.contains("worth 0.0") })
  }

  // MARK: Through the stage

  @Test(arguments: [1, 100, 1_448])
  func `is recognised and read from its first byte`(segment: Int) {
    let steps = Self.session.map { $0.0 == .client ? Conversation.Step.client($0.1) : .server($0.1) }
    let lines = Conversation([.handshake] + steps + [.finish], serverPort: 3_336).observations(segmentSize: segment)
      .map(\.line)
    #expect(lines.first == "identified stratumV2")
    #expect(lines.contains("stratum user acme.rig1 OpenStandardChannel"))
    #expect(lines.contains("stratum redirect v2.evil.example 3336"))
    #expect(lines.contains("stratum shares 3 2"))
  }

  @Test func `is followed behind Noise for its life`() {
    let steps = Self.encrypted.map { $0.0 == .client ? Conversation.Step.client($0.1) : .server($0.1) }
    let lines = Conversation([.handshake] + steps + [.finish]).observations().map(\.line)
    #expect(lines.first == "identified stratumV2")
    #expect(lines.contains("stratum shares 4 3"))
  }
}
