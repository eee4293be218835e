import Testing

import struct Simulator.SplitMix64

@testable import Protocols

/// Commands in the answers that HiveOS's agent gets (minershive/hiveos-asic, hive/bin/agent).
@Suite
struct AgentCommandTests {
  typealias Step = Conversation.Step

  private static let report =
    "POST /worker/api?id_rig=7&method=stats HTTP/1.1\r\nHost: api.hiveos.farm\r\nContent-Length: 2\r\n\r\n{}"

  private static func answer(_ body: String) -> Step {
    .server("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  private static func commands(_ body: String, segmentSize: Int = 1_448) -> [String] {
    Conversation([.handshake, .client(report), answer(body), .finish], serverPort: 80)
      .observations(segmentSize: segmentSize).map(\.line).filter { $0.contains(" agent ") }
  }

  static let answers: [(body: String, commands: [String])] = [
    (#"{"jsonrpc":"2.0","id":0,"result":{"command":"OK"}}"#, []),
    (
      #"{"jsonrpc":"2.0","id":0,"result":{"command":"exec","exec":"miner stop","id":12}}"#,
      ["request 0 agent exec exec=miner stop id=12"]
    ),
    (#"{"result":{"id":3,"command":"reboot"}}"#, ["request 0 agent reboot id=3"]),
    (
      #"{"jsonrpc":"2.0","result":{"command":"firmware-upgrade","firmware_url":"http://x.example/a.tar.gz"}}"#,
      ["request 0 agent firmware-upgrade firmware_url=http://x.example/a.tar.gz"]
    ),
    (
      #"{"jsonrpc":"2.0","result":{"command":"batch","commands":[{"id":1,"command":"reboot"},{"id":2,"command":"exec","exec":"id"}]}}"#,
      ["request 0 agent reboot id=1", "request 0 agent exec id=2 exec=id"]
    ),
    (
      #"{"jsonrpc":"2.0","result":{"command":"wallet","wallet":"a=1\nPOOLS='[{\"url\":\"stratum+tcp:\/\/pool.evil.example:3333\",\"user\":\"mallory.x\",\"pass\":\"x\"}]'"}}"#,
      [
        "request 0 agent wallet url=stratum+tcp://pool.evil.example:3333 user=mallory.x "
          + #"wallet=a=1\#nPOOLS='[{"url":"stratum+tcp://pool.evil.example:3333","user":"mallory.x","pass":"x"}]'"#
      ]
    ),
    (
      #"{"jsonrpc":"2.0","result":{"command":"exec","exec":"hive-passwd secret"}}"#,
      ["request 0 agent exec exec=hive-…"]
    ),
  ]

  @Test(arguments: answers.indices, [1, 7, 1_448])
  func `reads them however TCP cuts them up`(index: Int, segmentSize: Int) {
    let (body, commands) = Self.answers[index]
    #expect(Self.commands(body, segmentSize: segmentSize) == commands)
  }

  /// What became of the agent's own request is not what becomes of the command.
  @Test func `comes behind the answer`() {
    let lines = Conversation([.handshake, .client(Self.report), Self.answer(Self.answers[1].body)], serverPort: 80)
      .observations().map(\.line)
    let answered = lines.firstIndex { $0.hasPrefix("answer 0 accepted") } ?? .max
    #expect(answered < lines.firstIndex { $0.contains(" agent ") } ?? 0)
  }

  /// As with requests: whoever reads the other length does not see it.
  @Test func `a command in an answer of two lengths is ambiguous`() {
    func isAmbiguous(_ fields: String, _ body: String) -> [Bool] {
      Conversation(
        [.handshake, .client(Self.report), .server("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n\(body)"), .finish],
        serverPort: 80
      ).observations().compactMap {
        if case .request(let request) = $0.content, request.surface == .agent { request.isAmbiguous } else { nil }
      }
    }
    let body = #"{"result":{"command":"reboot"}}"#
    let chunks = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
    #expect(isAmbiguous("Content-Length: \(body.utf8.count)", body) == [false])
    #expect(isAmbiguous("Transfer-Encoding: chunked", chunks) == [false])
    #expect(isAmbiguous("Content-Length: 2\r\nTransfer-Encoding: chunked", chunks) == [true])
  }

  @Test func `other answers are none`() {
    for body in [#"{"result":{"status":"ok"}}"#, #"[{"command":"exec"}]"#, #"{"command":"summary"}"#, "{", ""] {
      #expect(Self.commands(body).isEmpty)
    }
    let page = Conversation(
      [.handshake, .client("GET /status HTTP/1.1\r\n\r\n"), Self.answer(#"{"result":{"command":"exec"}}"#)],
      serverPort: 80
    ).observations()
    #expect(!page.contains { $0.line.contains(" agent ") })
  }

  @Test(arguments: 0..<100)
  func `survives mutation and truncation`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let body = Array(Self.answers[Int(seed) % Self.answers.count].body.utf8).mutated(&random)
    _ = AgentCommands.read(Array(body.prefix(Int(random.next() % 200))), to: nil, number: 0)
    _ = AgentCommands.read(body, to: nil, number: 0)
  }
}
