import Flows
import Testing

import struct Simulator.SplitMix64

@testable import Protocols

@Suite struct StratumProbeTests {
  private func probe(_ bytes: [UInt8], midstream: Bool = false) -> StratumProbe.Verdict {
    let slab = Slab(copying: bytes)
    return StratumProbe.probe(slab.bytes(0..<bytes.count), midstream: midstream)
  }

  private func probe(_ text: String, midstream: Bool = false) -> StratumProbe.Verdict {
    probe(Array(text.utf8), midstream: midstream)
  }

  /// The verdict when the bytes come one by one.
  private func slowly(_ bytes: [UInt8], midstream: Bool) -> StratumProbe.Verdict {
    var probe = StratumProbe()
    for count in 1...max(1, bytes.count) {
      let slab = Slab(copying: Array(bytes.prefix(count)))
      let verdict = probe.read(slab.bytes(0..<min(count, bytes.count)), midstream: midstream)
      if verdict != .needMore { return verdict }
    }
    return .needMore
  }

  static let mining: [(String, Role?)] = [
    (#"{"id":1,"method":"mining.subscribe","params":[]}"#, .client),
    (#"{"params":["u","j"],"id":4,"method":"mining.submit"}"#, .client),
    ("\u{feff}{\"id\":1,\"method\":\"mining.authorize\",\"params\":[]}", .client),
    (#"{"id":null,"method":"mining.notify","params":[]}"#, .server),
    (#"{"id":null,"method":"client.reconnect","params":[]}"#, .server),
    (#"{"\u006dethod":"mining\u002esubmit"}"#, .client), (#"{"method":"MINING.SUBMITx"}"#, .client),
    (#"{"method":"mining.never_heard_of"}"#, nil),
    (#"{"id":1,"method":"login","params":{"login":"4","pass":"x"}}"#, .client),
    (#"{"method":"job","params":{"blob":"00","job_id":"1"}}"#, .server),
    (#"{"id":2,"method":"submit","params":{"id":"1","job_id":"1","nonce":"0"}}"#, .client),
    (#"{"id":2,"method":"eth_submitLogin","params":["0x0"]}"#, .client),
    (#"{"id":3,"method":"eth_getWork","params":[]}"#, .client),
    (#"{"method":"set_extranonce","params":["00",4]}"#, .server),
    (#"{"id":1,"method":"mining.hello","params":{}}"#, .client),
    (#"{"id":1,"result":[[["mining.notify","ae"]],"08000002",4],"error":null}"#, .server),
    (#"{"id":1,"result":[["mining.notify","ae","EthereumStratum/1.0.0"],"080c"],"error":null}"#, .server),
    (#"{"id":1,"result":[null,"08000002",6],"error":null}"#, .server),
    (#"{"id":1,"result":{"id":"7","job":{"blob":"00","job_id":"1"},"status":"OK"}}"#, .server),
    (
      #"{"id":1,"result":true,"error":null}"# + "\n" + #"{"id":null,"method":"mining.set_difficulty","params":[1]}"#,
      .server
    ),
    ("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + #"{"id":1,"method":"mining.subscribe"}"#, .client),
  ]

  @Test(arguments: mining)
  func `knows mining and who speaks`(text: String, speaker: Role?) {
    #expect(probe(text) == .match(speaker: speaker))
    #expect(slowly(Array((text + "\n").utf8), midstream: false) == .match(speaker: speaker))
    #expect(
      probe(text + "\n", midstream: true) == .match(speaker: speaker) || text.hasPrefix("PROXY")
        || text.contains("\u{feff}"))
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\n", "\u{16}\u{3}\u{1}", "SSH-2.0-x\r\n", "PROXY TCP4 ", "[1]", #"{"a":1}}"#,
    #"{"command":"summary"}"# + "x",
    "PROXY SMTP\r\n", "mining.subscribe\n", "{x", String(repeating: #"{"id":1,"result":true}"#, count: 8),
    String(repeating: #"{"jsonrpc":"2.0","method":"echo","id":1}"# + "\n", count: 8),
    String(repeating: " ", count: 70_000),
    #"{"x":""# + String(repeating: "a", count: 70_000),
  ])
  func `is not deceived`(text: String) {
    let verdict = probe(text)
    #expect(verdict == (text == "PROXY TCP4 " ? .needMore : .reject))
  }

  @Test(arguments: [
    #"{"jsonrpc": "2.0", "method": "echo", "params": ["Testing!"], "id": "ca08159b"}"#,
    #"{"method":"login","params":["a","b"]}"#,
    #"{"method":"submit","params":{"form":1}}"#, #"{"method":"ping"}"#, #"{"method":"job","params":{"name":"x"}}"#,
    #"{"id":1,"result":[1,2,3]}"#,
    #"{"id":1,"result":{"job":{"name":"x"}}}"#, #"{"id":1,"result":["a","b","c"]}"#,
    #"{"method":"getblocktemplate","params":[]}"#,
    #"{"method":"status"}"#, #"{"id":1,"method":"mining"}"#, #"{"text":"mining.subscribe"}"#, "", "\n", "{",
    #"{"method":"mining.subscr"#, "\u{7f}\u{1}",
  ])
  func `waits where nothing is certain`(text: String) {
    #expect(probe(text) == .needMore)
  }

  @Test func `finds the first whole line when joined in the middle`() {
    let tail = #"1","00000000"],"id":null,"method":"x"}"# + "\n"
    #expect(probe(tail, midstream: true) == .needMore)
    let whole = tail + #"{"id":null,"method":"mining.set_difficulty","params":[1]}"#
    #expect(probe(whole, midstream: true) == .match(speaker: .server))
    #expect(slowly(Array((whole + "\n").utf8), midstream: true) == .match(speaker: .server))
    #expect(probe(whole) == .reject)
    #expect(probe([0x17, 0x03, 0x03, 0x01], midstream: true) == .reject)
    #expect(probe([UInt8](repeating: 0x61, count: 70_000), midstream: true) == .reject)
    // An inner object at the cut looks like a message; what follows it tells.
    #expect(
      probe(#"{"b":2}],"id":1}"# + "\n" + #"{"id":1,"method":"mining.subscribe"}"#, midstream: true)
        == .match(speaker: .client))
  }

  @Test func `knows frames`() {
    #expect(probe(StratumAgentTests.register(1, "rig")) == .match(speaker: .client))
    #expect(probe(StratumAgentTests.setDifficulty) == .match(speaker: .server))
    #expect(probe(StratumAgentTests.share + [0x7f]) == .match(speaker: .client))
    #expect(probe(StratumAgentTests.share + [0x01]) == .reject)
    #expect(probe(StratumAgentTests.register(1, "rig", lie: -2)) == .reject)
    #expect(probe([0x7f, 0x45, 0x4c, 0x46]) == .reject)  // an ELF file
    for count in 1..<StratumAgentTests.share.count {
      #expect(probe(Array(StratumAgentTests.share.prefix(count))) == .needMore)
    }
  }

  @Test(arguments: [21, 22] as [UInt64])
  func `survives random changes`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for (text, _) in Self.mining {
      for _ in 0..<100 {
        var bytes = Array((text + "\n").utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        for midstream in [false, true] {
          let verdict = probe(bytes, midstream: midstream)
          let late = slowly(bytes, midstream: midstream)
          // Bytes that come one by one are judged at the line's end, so at most later.
          #expect(verdict == late || verdict == .needMore || late == .needMore, "seed \(seed)")
        }
      }
    }
  }
}
