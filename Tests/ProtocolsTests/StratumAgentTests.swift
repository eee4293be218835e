import Testing

@testable import Protocols

/// BTCAgent's frames between JSON lines (btcpool StratumSession.h and StratumMinerBitcoin.cc).
@Suite struct StratumAgentTests {
  static func frame(_ command: UInt8, _ body: [UInt8], lie: Int = 0) -> [UInt8] {
    let length = UInt16(body.count + 4 + lie)
    return [0x7f, command, UInt8(length & 0xff), UInt8(length >> 8)] + body
  }

  static func register(_ session: UInt8, _ worker: String, lie: Int = 0) -> [UInt8] {
    frame(0x01, [session, 0] + Array("cgminer".utf8) + [0] + Array(worker.utf8) + [0], lie: lie)
  }

  static let share: [UInt8] = frame(0x02, [1, 1, 0, 0xaa, 0x0a, 0xcc, 0xdd, 1, 2, 3, 4])
  static let shareWithTime: [UInt8] = frame(0x13, [UInt8](repeating: 0x0a, count: 19))
  static let accepted: [UInt8] = frame(0x10, [0, 0, 0x87, 0x96, 0x2c, 0x6b])
  static let refused: [UInt8] = frame(0x10, [1, 0, 21, 0, 0, 0])
  static let setDifficulty: [UInt8] = frame(0x05, [14, 2, 0, 1, 0, 2, 0])

  static let start: [Turn] = [
    .client(#"{"id":1,"method":"mining.subscribe","params":["btccom-agent/1.0"]}"#),
    .client(#"{"id":2,"method":"mining.authorize","params":["acme","x"]}"#),
    .server(#"{"id":1,"result":[[],"01",8],"error":null}"#), .server(#"{"id":2,"result":true,"error":null}"#),
  ]

  static let conversation =
    start + [
      .raw(.client, register(1, "rig1")), .raw(.server, setDifficulty),
      .raw(.client, share + register(2, "rig2") + shareWithTime),
      .raw(.server, accepted), .client(#"{"id":3,"method":"mining.ping","params":[]}"#), .raw(.server, refused),
      .raw(.client, frame(0x04, [1, 0])),
    ]

  @Test(arguments: [1, 2, 7, 64, .max])
  func `reads frames between lines`(segment: Int) {
    #expect(
      story(Self.conversation, segment: segment) == [
        "introduced", "user acme by mining.authorize", "user rig1 by btcagent.register",
        "user rig2 by btcagent.register",
        "shares 2 1 1 worth 0.0 unknown 1 jobs 0 final",
      ])
  }

  @Test(arguments: [-8, -1, 1, 2, 40, 200, 900])
  func `tells a length that lies and finds the next message`(lie: Int) {
    let turns =
      Self.start + [
        .raw(.client, Self.register(1, "rig1", lie: lie)), .raw(.client, Self.share),
        .client(#"{"id":3,"method":"mining.authorize","params":["late","x"]}"#),
        .client(#"{"id":4,"method":"mining.ping","params":["\#(String(repeating: "x", count: 1_000))"]}"#),
      ]
    for segment in [1, .max] {
      let story = story(turns, segment: segment)
      #expect(story.contains("anomaly broken frame client"))
      #expect(story.contains("user late by mining.authorize"))
    }
  }

  @Test(arguments: [0x00, 0x06, 0x7f, 0xff] as [UInt8])
  func `tells unknown commands`(command: UInt8) {
    let turns =
      Self.start + [
        .raw(.client, Self.frame(command, [1, 2])),
        .client(#"{"id":3,"method":"mining.authorize","params":["late","x"]}"#),
      ]
    #expect(story(turns).contains("anomaly broken frame client"))
  }

  @Test func `survives every truncation and a gap in every place`() {
    let stream = Self.conversation.filter { $0.sender == .client }.flatMap(\.bytes)
    for place in 0..<stream.count {
      for missing in [1, 9, 30] {
        var player = StratumPlayer()
        player.receive(Array(stream[..<place]), from: .client)
        player.lose(from: .client)
        player.receive(Array(stream.dropFirst(place + missing)), from: .client)
        player.finish()
        #expect(player.story.filter(\.isAccusation) == [], "from \(place), \(missing) bytes")
      }
    }
  }

  @Test func `follows hundreds of workers on one connection`() {
    var player = StratumPlayer()
    let workers = (0..<500).map { "acme.rig\($0)" }
    for (id, worker) in workers.enumerated() {
      player.play([.client(#"{"id":\#(id),"method":"mining.authorize","params":["\#(worker)","x"]}"#)])
    }
    for id in workers.indices { player.play([.server(#"{"id":\#(id),"result":true}"#)]) }
    for _ in 0..<2 {
      for worker in workers {
        player.play([
          .client(#"{"id":4,"method":"mining.submit","params":["\#(worker)","j"]}"#),
          .server(#"{"id":4,"result":true}"#),
        ])
      }
    }
    player.finish()
    #expect(player.story.filter { $0.hasPrefix("user") } == workers.map { "user \($0) by mining.authorize" })
    #expect(player.story.last == "shares 1000 1000 0 worth 0.0 unknown 1000 jobs 0 final")
    #expect(player.userCount == 0)
  }
}
