import Capture
import Decode
import Foundation
import Testing

import struct Simulator.SplitMix64

@testable import Protocols

/// Management of miners over sockets: what was said, and what became of it (cgminer API-README; UpstreamData/pyasic,
/// pyasic/rpc; LuxorLabs/luxos-tooling, src/luxos/api.json; zurylostboys/WhatsMiner-firmware, remote-daemon).
@Suite
struct MinerAPITests {
  /// A conversation, and the requests and answers read from it.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let steps: [Conversation.Step]
    let said: [String]
    /// Text has no end of its own: cut into bytes, the same is said, but not word by word.
    var port: UInt16 = 4028

    init(_ name: String, port: UInt16 = 4028, _ steps: [Conversation.Step], _ said: String...) {
      testDescription = name
      self.steps = [.handshake] + steps + [.finish]
      self.said = said
      self.port = port
    }
  }

  static let status =
    #"{"STATUS":[{"STATUS":"S","When":1795359717,"Code":55,"Msg":"Added pool 'x'","Description":"cgminer 4.12"}],"id":1}"#
    + "\0"
  static let denied =
    #"{"STATUS":[{"STATUS":"E","When":1,"Code":45,"Msg":"Access denied to 'quit' command","Description":"c"}],"id":1}"#
    + "\0"

  static let cases: [Case] = [
    Case(
      "a pool is added",
      [.client(#"{"command":"addpool","parameter":"stratum+tcp://x:1,us\\,er,pw"}"#), .server(status)],
      "request 0 cgminer addpool 0=stratum+tcp://x:1 1=us,er 2=pw", "answer 0 accepted Added pool 'x'"),
    Case(
      "on any port", port: 9_999, [.client(#"{ "parameter" : "0", "command" : "switchpool" }"#), .server(status)],
      "request 0 cgminer switchpool 0=0", "answer 0 accepted Added pool 'x'"),
    Case(
      "joined commands", [.client(#"{"command":"summary+pools+quit"}"#), .server(denied)],
      "request 0 cgminer summary", "request 0 cgminer pools", "request 0 cgminer quit",
      "answer 0 denied Access denied to 'quit' command"),
    Case(
      "text",
      [
        .client("addpool|stratum+tcp://x:1,user,pw"),
        .server("STATUS=S,When=1,Code=55,Msg=Added pool 'x',Description=cgminer 2.11.4|\0"),
      ], "request 0 cgminer addpool 0=stratum+tcp://x:1 1=user 2=pw", "answer 0 accepted Added pool 'x'"),
    Case(
      "text on another port", port: 14_028,
      [.client("restart"), .server("STATUS=E,When=1,Code=45,Msg=Access denied to 'restart' command,Description=c|\0")],
      "request 0 cgminer restart", "answer 0 denied Access denied to 'restart' command"),
    Case(
      "a goodbye", [.client(#"{"command":"quit"}"#), .server("{\"BYE\",\"id\":1}\0")],
      "request 0 cgminer quit", "answer 0 accepted BYE"),
    Case(
      "keys of JSON-RPC beside the command",
      [
        .client(#"{"jsonrpc":"2.0","method":"x","params":[1],"command":"restart"}"#),
        .server("{\"RESTART\",\"id\":1}\0"),
      ],
      "request 0 cgminer restart jsonrpc=2.0 method=x params=1", "answer 0 accepted RESTART"),
    Case(
      "the same, and nobody answers", [.client(#"{"id":1,"params":{},"command":"restart"}"#)],
      "request 0 cgminer restart id=1"),
    Case(
      "btminer hides a command, the other way round", [.client(#"{"data":"bm90IHJlYWxseQ==","enc":1}"#)],
      "request 0 cgminer enc hidden"),
    Case(
      "a goodbye in text", [.client("quit\n"), .server("BYE\0")], "request 0 cgminer quit", "answer 0 accepted BYE"),
    Case(
      "single quotes, line breaks, stray commas",
      [.client("{'command':\n'ascset',\n'parameter':'0,softoff,1:1790000000',}\n"), .server(status)],
      "request 0 cgminer ascset 0=0 1=softoff 2=1:1790000000", "answer 0 accepted Added pool 'x'"),
    Case(
      "a key that stands twice", [.client(#"{"command":"summary","command":"quit"}"#)],
      "request 0 cgminer summary", "request 0 cgminer quit"),
    Case(
      "escapes", [.client(#"{"\u0063ommand":"q\u0075it"}"#)], "request 0 cgminer quit"),
    Case(
      "Bitmain's newer form", [.client(#"{"command":"reload","new_api":true}"#), .server(#"{"code":0,"msg":"ok"}"#)],
      "request 0 cgminer reload new_api=true", "answer 0 accepted ok"),
    Case(
      "LuxOS with its session", [.client(#"{"command":"curtail","parameter":"a1b2c3,sleep"}"#)],
      "request 0 cgminer curtail 0=a1b2c3 1=sleep"),
    Case(
      "btminer asks for a token",
      [
        .client(#"{"cmd":"get_token"}"#),
        .server(#"{"STATUS":"S","When":1,"Code":134,"Msg":{"time":"5626","salt":"BQ5hoXV9","newsalt":"jbzkfQls"}}"#),
      ], "request 0 cgminer get_token", "answer 0 accepted"),
    Case(
      "btminer hides a command",
      [.client(#"{"enc":1,"data":"bm90IHJlYWxseQ=="}"#), .server(#"{"enc":"YW5zd2Vy"}"#)],
      "request 0 cgminer enc hidden", "answer 0 unclear"),
    Case(
      "an answer of many objects",
      [
        .client(#"{"command":"stats"}"#),
        .server(#"{"STATUS":[{"STATUS":"S"}],"STATS":[,{"a":inf}{"b":nan,}],"id":1}"# + "\0"),
      ],
      "request 0 cgminer stats", "answer 0 accepted"),
    Case(
      "two requests in one connection",
      [
        .client(#"{"command":"version"}"#), .server(status), .client(#"{"command":"restart"}"#), .server(denied),
      ],
      "request 0 cgminer version", "answer 0 accepted Added pool 'x'", "request 1 cgminer restart",
      "answer 1 denied Access denied to 'quit' command"),
    Case(
      "API v3", port: 4433,
      [
        .client(
          [0, 0, 0, 0] + frame(#"{"cmd":"set.miner.pools","param":[{"pool":"stratum+tcp://x:1","worker":"w"}],"ts":1}"#)
        ),
        .server(frame(#"{"code":0,"when":1,"msg":"ok","desc":"set.miner.pools"}"#)),
        .client(frame(#"{"cmd":"set.miner.service","param":"stop","token":"t"}"#)),
        .server([0, 0, 0, 0] + frame(#"{"code":-2,"when":1,"msg":"no permission","desc":""}"#)),
      ], "request 0 btminer3 set.miner.pools pool=stratum+tcp://x:1 worker=w ts=1", "answer 0 accepted ok",
      "request 1 btminer3 set.miner.service 0=stop token=t", "answer 1 denied no permission"),
    Case(
      "Whatsminer's daemon", port: 8889, [.client("MT05pool1::stratum+tcp://x:1::worker1::w"), .server("OK")],
      "request 0 remote-daemon MT05 pool1=stratum+tcp://x:1 worker1=w", "answer 0 unclear"),
  ]

  static func frame(_ text: String) -> [UInt8] {
    let count = text.utf8.count
    return [UInt8(count & 0xff), UInt8(count >> 8 & 0xff), 0, 0] + Array(text.utf8)
  }

  static func said(_ observations: [Observation]) -> [String] {
    observations.compactMap { observation in
      switch observation.content {
      case .request, .requestAnswered, .requestUploaded: observation.line
      default: nil
      }
    }
  }

  private func identities(_ observations: [Observation]) -> [AppProtocol] {
    observations.compactMap { if case .flowIdentified(let identity) = $0.content { identity } else { nil } }
  }

  @Test(arguments: cases, [1_448, 1, 7])
  func `reads what was said however TCP cuts it up`(example: Case, segmentSize: Int) {
    let observations = Conversation(example.steps, serverPort: example.port).observations(segmentSize: segmentSize)
    #expect(Self.said(observations) == example.said)
    #expect(identities(observations) == [.minerAPI])
  }

  @Test(arguments: cases)
  func `what is cut off anywhere says no more than the whole`(example: Case) {
    guard case .client(let bytes) = example.steps[1] else { return }
    let commands = example.said.filter { $0.hasPrefix("request") }.compactMap {
      $0.split(separator: " ").dropFirst(3).first
    }
    for length in 0..<bytes.count {
      let cut = Conversation([.handshake, .client(Array(bytes.prefix(length))), .finish], serverPort: example.port)
      for line in Self.said(cut.observations()) where line.hasPrefix("request") {
        let name = line.split(separator: " ").dropFirst(3).first ?? ""
        #expect(commands.contains { $0.hasPrefix(name) }, "\(length): \(line)")
      }
    }
  }

  @Test func `a firmware image behind its command is counted`() {
    let image: [UInt8] = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let size: [UInt8] = [0xa0, 0x86, 0x01, 0x00]
    let steps: [Conversation.Step] = [
      .handshake, .client(#"{"enc":1,"data":"eA=="}"#), .server("ready"), .client(size + image),
      .server("{\"STATUS\":\"S\"}"),
      .finish,
    ]
    for segmentSize in [1_448, 3] {
      #expect(
        Self.said(Conversation(steps, serverPort: 4028).observations(segmentSize: segmentSize)) == [
          "request 0 cgminer enc hidden", "answer 0 accepted ready", "upload 0 100000 of 100000",
        ])
    }
  }

  @Test func `an image that breaks off is told with what came`() {
    let steps: [Conversation.Step] = [
      .handshake, .client(#"{"cmd":"update_firmware"}"#), .server("ready"), .client([0, 0, 2, 0, 1, 2, 3]), .finish,
    ]
    #expect(Self.said(Conversation(steps, serverPort: 4028).observations()).last == "upload 0 3 of 131072")
  }

  @Test func `goes on behind a loss`() {
    let lossy = Conversation(
      [
        .handshake, .client(#"{"command":"version"}"#), .server(Self.status), .lost(.client, 20),
        .client(#"rameter":"1"}"#), .server(Self.denied), .client(#"{"command":"quit"}"#), .server("BYE"), .finish,
      ], serverPort: 4028)
    #expect(
      Self.said(lossy.observations()) == [
        "request 0 cgminer version", "answer 0 accepted Added pool 'x'", "request 1 cgminer quit",
        "answer 1 accepted BYE",
      ])
  }

  @Test func `joined behind the request, the answer tells what it is and no more`() {
    let late = Conversation([.server(Self.status), .finish], serverPort: 4028)
    let observations = late.observations()
    #expect(identities(observations) == [.minerAPI])
    #expect(Self.said(observations).isEmpty)
  }

  @Test func `a request that never ends is read as far as it goes`() {
    let padding = String(repeating: " ", count: 20_000)
    let endless = Conversation(
      [.handshake, .client(#"{"command":"quit","#), .client(padding), .client(padding), .finish], serverPort: 4028)
    #expect(Self.said(endless.observations()) == ["request 0 cgminer quit"])
  }

  @Test func `pools behind many parameters are read`() {
    let padding = (0..<60).map { #""k\#($0)":"1","# }.joined()
    let steps: [Conversation.Step] = [
      .handshake, .client(#"{"cmd":"update_pools",\#(padding)"pool1":"stratum+tcp://x:1","worker1":"m"}"#), .finish,
    ]
    let requests = Conversation(steps, serverPort: 4028).observations().compactMap {
      if case .request(let request) = $0.content { request } else { nil }
    }
    #expect(requests.map { $0.parameters["pool1"] } == ["stratum+tcp://x:1"])
    #expect(requests.first?.parameters["worker1"] == "m" && requests.first?.isPartlyRead == false)
  }

  @Test func `a request over the limit says that it is not all read`() {
    let padding = String(repeating: "x", count: 20_000)
    for text in [#"{"cmd":"update_pools","a":"\#(padding)","pool1":"stratum+tcp://x:1"}"#, "addpool|\(padding)"] {
      let requests = Conversation([.handshake, .client(text), .finish], serverPort: 4028).observations().compactMap {
        if case .request(let request) = $0.content { request } else { nil }
      }
      #expect(requests.map(\.isPartlyRead) == [true])
    }
  }

  @Test func `joined commands and parameters are bounded`() {
    let names = Array(repeating: "a", count: 200).joined(separator: "+")
    let values = Array(repeating: "b", count: 200).joined(separator: ",")
    let flood = Conversation(
      [.handshake, .client("{\"command\":\"\(names)\",\"parameter\":\"\(values)\"}"), .finish], serverPort: 4028)
    let requests = flood.observations().compactMap {
      if case .request(let request) = $0.content { request } else { nil }
    }
    #expect(requests.count == Limits.apiJoined)
    #expect(requests.first?.parameters.all.count == Limits.apiParameters)
    #expect(requests.first?.parameters.leftOut == 200 - Limits.apiParameters)
  }

  @Test(arguments: [
    #"{"id":1,"method":"mining.subscribe","params":[]}"# + "\n", #"{"jsonrpc":"2.0","method":"command","id":1}"#,
    #"{"command":{"a":1}}"#, #"{"a":"command"}"#, #"["command","quit"]"#, "hello world\r\n", "USER root\r\n",
    "MTU 1500\r\n",
    "\u{10}\0\0\0{\"type\":\"x\"}", #"{"query":{"match_all":{}}}"#,
  ])
  func `is not taken for what it is not`(text: String) {
    let observations = Conversation([.handshake, .client(text), .server("ok\r\n"), .finish], serverPort: 5_555)
      .observations()
    #expect(!identities(observations).contains(.minerAPI))
  }

  @Test func `no bytes stop it`() {
    var random = SplitMix64(seed: 4_028)
    let seeds = Self.cases.compactMap { example -> [UInt8]? in
      if case .client(let bytes) = example.steps[1] { bytes } else { nil }
    }
    for round in 0..<600 {
      var bytes = seeds[round % seeds.count]
      for _ in 0..<Int(random.next() % 6) {
        let place = Int(random.next() % UInt64(bytes.count))
        bytes[place] = UInt8(truncatingIfNeeded: random.next())
      }
      if round % 3 == 0 { bytes += random.bytes(40) }
      let answer = round % 2 == 0 ? Array(Self.status.utf8) : random.bytes(60)
      let steps: [Conversation.Step] = [.handshake, .client(bytes), .server(answer), .client(random.bytes(9)), .finish]
      _ = Conversation(steps, serverPort: 4028).observations(segmentSize: 1 + round % 50)
    }
  }

  // MARK: Datagrams

  @Test(arguments: [
    ("10.20.0.5,00:11:22:AA:bb:cc", "request 0 discovery ip-report ip=10.20.0.5 mac=00:11:22:aa:bb:cc"),
    ("IP:10.20.0.6 MAC:00:11:22:33:44:55", "request 0 discovery ip-report ip=10.20.0.6 mac=00:11:22:33:44:55"),
    ("cgminer-FTW-4028-", "request 0 discovery cgminer-FTW port=4028"),
    ("cgm-FTW-4028-hall 3", "request 0 discovery cgm-FTW port=4028 description=hall 3"),
    (#"{"id":0,"method":"mining.get_upstream","params":[]}"#, "request 0 discovery mining.get_upstream"),
    (
      #"{"id":0,"result":[["pool.example",3333],3334,8332],"error":null}"#,
      "request 0 discovery upstream url=pool.example:3333 stratum=3334 getwork=8332"
    ),
  ])
  func `knows how miners are found`(text: String, line: String) {
    let request = withSpan(Array(text.utf8)) { MinerDiscovery.read($0) }
    #expect(request?.line == line)
    for length in 0..<text.utf8.count {
      let cut = withSpan(Array(text.utf8.prefix(length))) { MinerDiscovery.read($0) }
      #expect(cut == nil || cut?.command == request?.command)
    }
  }

  @Test(arguments: [
    "10.20.0.5,hello", "IP:x MAC:00:11:22:33:44:55", "cgminer-FTW-x-", #"{"method":"mining.notify"}"#, "99999999",
  ])
  func `is not found in other datagrams`(text: String) {
    #expect(withSpan(Array(text.utf8)) { MinerDiscovery.read($0) } == nil)
  }
}

/// cgminer's API as a real cgminer 2.11.4 speaks it.
@Suite(.enabled(if: SharedCaptures.folder != nil, SharedCaptures.missing))
struct MinerAPICaptureTests {
  @Test func `every command of the real capture is there`() throws {
    let folder = try #require(SharedCaptures.folder)
    let said = MinerAPITests.said(
      SharedCaptures.observations(folder.appendingPathComponent("real/real-cgminer-api.pcap")))
    let requests = said.filter { $0.hasPrefix("request") }.map { String($0.dropFirst("request 0 cgminer ".count)) }
    let evil = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
    #expect(
      requests == [
        "devs", "pools", "config", "stats", "coin", "privileged",
        "addpool 0=stratum+tcp://10.77.2.10:443 1=\(evil).evil 2=x", "switchpool 0=1", "poolpriority 0=1 1=0",
        "disablepool 0=0", "enablepool 0=0", "disablepool 0=0", "removepool 0=0", "version", "pools",
        "addpool 0=stratum+tcp://10.77.2.10:3333 1=\(evil).plain 2=x", "save 0=/tmp/ground/run/cg.conf", "quit",
      ])
    #expect(said.count { $0.hasPrefix("answer 0 accepted") } == requests.count)
    #expect(said.contains("answer 0 accepted Privileged access OK"))
  }

  @Test(arguments: [
    "jsonrpc.pcap", "elasticsearch.pcap", "zabbix.pcap", "irc.pcap", "ftp.pcap", "modbus.pcap", "mqtt.pcap",
  ])
  func `nothing else is taken for it`(name: String) throws {
    let folder = try #require(SharedCaptures.folder)
    let found = SharedCaptures.observations(folder.appendingPathComponent("other/nDPI--\(name)"))
    // What is asked over HTTP is a request all the same; whether it is a command the vocabulary tells.
    #expect(MinerAPITests.said(found).filter { !$0.hasPrefix("answer") && !$0.contains(" http ") }.isEmpty)
  }
}
