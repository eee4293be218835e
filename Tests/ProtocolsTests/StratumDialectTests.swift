import Flows
import Testing

@testable import Protocols

/// Dialects of other coins, told from what their own specifications show, from the start and in the middle.
@Suite struct StratumDialectTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let dialect: StratumDialect
    let turns: [Turn]
    /// From here on what is said still tells.
    let tellsFrom: Int

    var testDescription: String { dialect.rawValue }
  }

  private static let hash = "645cf20198c2f3861e947d4f67e3ab63b7b2e24dcc9095bd9123e7b33371f6cc"

  static let cases: [Case] = [
    Case(
      dialect: .ethereumStratum1,
      turns: [
        .client(#"{"id":1,"method":"mining.subscribe","params":["MinerName/1.0.0","EthereumStratum/1.0.0"]}"#),
        .server(#"{"id":1,"result":[["mining.notify","ae6812eb","EthereumStratum/1.0.0"],"080c"],"error":null}"#),
        .client(#"{"id":2,"method":"mining.authorize","params":["test","password"]}"#),
        .server(#"{"id":2,"result":true,"error":null}"#),
        .server(#"{"id":null,"method":"mining.set_difficulty","params":[0.5]}"#),
        .server(#"{"id":null,"method":"mining.notify","params":["bf0488aa","\#(hash)","\#(hash)",true]}"#),
        .client(#"{"id":244,"method":"mining.submit","params":["test","bf0488aa","6a909d9bbc0f"]}"#),
        .server(#"{"id":244,"result":true,"error":null}"#),
      ], tellsFrom: 5),
    Case(
      dialect: .ethereumStratum2,
      turns: [
        .client(
          #"{"id":0,"method":"mining.hello","params":{"agent":"ethminer-0.17","host":"eth.pool.example","port":"4d2","#
            + #""proto":"EthereumStratum/2.0.0"}}"#),
        .server(#"{"id":0,"result":{"proto":"EthereumStratum/2.0.0","encoding":"plain","resume":"0","timeout":"b4"}}"#),
        .client(#"{"id":1,"method":"mining.subscribe"}"#), .server(#"{"id":1,"result":"s-12345"}"#),
        .client(#"{"id":2,"method":"mining.authorize","params":["0xabc.rig","x"]}"#),
        .server(#"{"id":2,"result":"w-123"}"#),
        .server(#"{"method":"mining.set","params":{"epoch":"dc","target":"0112e0be826d694b2e62","algo":"ethash"}}"#),
        .server(#"{"method":"mining.notify","params":["bf0488aa","6526d5","\#(hash)","0"]}"#),
        .client(#"{"id":31,"method":"mining.submit","params":["bf0488aa","68765fccd712","w-123"]}"#),
        .server(#"{"id":31,"result":true}"#), .client(#"{"id":32,"method":"mining.noop"}"#),
      ], tellsFrom: 1),
    Case(
      dialect: .ethProxy,
      turns: [
        .client(#"{"worker":"eth1.0","params":["0x9c.rig","x"],"id":2,"method":"eth_submitLogin"}"#),
        .server(#"{"id":2,"result":true}"#), .client(#"{"params":[],"id":3,"method":"eth_getWork"}"#),
        .server(#"{"id":3,"result":["0x1","0x2","0x3"]}"#),
        .client(#"{"id":5,"method":"eth_submitWork","params":["0x1","0x2","0x3"]}"#),
        .server(#"{"id":5,"result":true}"#),
      ], tellsFrom: 4),
    Case(
      dialect: .cryptoNote,
      turns: [
        .client(#"{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"48ed","pass":"x","agent":"XMRig/6"}}"#),
        .server(#"{"jsonrpc":"2.0","id":1,"result":{"id":"97","job":{"blob":"10","job_id":"6b"},"status":"OK"}}"#),
        .client(#"{"id":2,"method":"submit","params":{"id":"97","job_id":"6b","nonce":"0c","result":"00"}}"#),
        .server(#"{"id":2,"error":null,"result":{"status":"OK"}}"#),
        .server(#"{"jsonrpc":"2.0","method":"job","params":{"blob":"10","job_id":"6c","target":"b88d0600"}}"#),
      ], tellsFrom: 4),
    Case(
      dialect: .equihash,
      turns: [
        .client(#"{"id":1,"method":"mining.subscribe","params":["MagicBean/1.0.0",null,"zec.pool.example",1234]}"#),
        .server(#"{"id":1,"result":[null,"08000002"],"error":null}"#),
        .client(#"{"id":2,"method":"mining.authorize","params":["t1abc.rig","x"]}"#),
        .server(#"{"id":2,"result":true,"error":null}"#),
        .server(#"{"id":null,"method":"mining.set_target","params":["0004189374bc6a7ef9db22d0e5604189"]}"#),
        .server(
          #"{"id":null,"method":"mining.notify","params":["1","04000000","\#(hash)","\#(hash)","\#(hash)","#
            + #""7c5f5b59","1c1bd4f6",true]}"#),
        .client(#"{"id":4,"method":"mining.submit","params":["t1abc.rig","1","7c5f5b59","0000","fd4005aa"]}"#),
        .server(#"{"id":4,"result":true,"error":null}"#),
      ], tellsFrom: 5),
    Case(
      dialect: .kaspa,
      turns: [
        .client(#"{"id":1,"method":"mining.subscribe","params":["lolMiner 1.76"]}"#),
        .server(#"{"id":1,"result":true}"#),
        .server(#"{"id":1,"method":"set_extranonce","params":["0029",6]}"#),
        .client(#"{"id":2,"method":"mining.authorize","params":["kaspa:qq.rig","x"]}"#),
        .server(#"{"id":2,"result":true}"#),
        .server(#"{"id":null,"method":"mining.notify","params":["7",[1,2,3,4],1666666666]}"#),
        .client(#"{"id":3,"method":"mining.submit","params":["kaspa:qq.rig","7","0x0029000000000001"]}"#),
        .server(#"{"id":3,"result":true}"#),
      ], tellsFrom: 5),
    Case(
      dialect: .alephium,
      turns: [
        .client(#"{"id":0,"method":"mining.hello","params":{"agent":"bzminer","host":"alph","port":"1","proto":"x"}}"#),
        .server(#"{"id":0,"result":{"proto":"AlephiumStratum/1.0.0","encoding":"plain"}}"#),
        .client(#"{"id":1,"method":"mining.authorize","params":["1abc.rig","x"]}"#), .server(#"{"id":1,"result":"w"}"#),
        .server(#"{"id":null,"method":"mining.set_extranonce","params":["515a"]}"#),
        .server(
          #"{"id":null,"method":"mining.notify","params":[{"jobId":"1","fromGroup":0,"toGroup":1,"headerBlob":"0"}]}"#),
        .client(
          #"{"id":2,"method":"mining.submit","params":{"jobId":"1","nonce":"515a","worker":"1abc.rig"}}"#
        ), .server(#"{"id":2,"result":true}"#),
      ], tellsFrom: 5),
    Case(
      dialect: .kadena,
      turns: [
        .client(#"{"id":1,"method":"mining.subscribe","params":["NiceHash/1.0.0"]}"#),
        .server(#"{"id":1,"result":[null,"a331",6],"error":null}"#),
        .client(#"{"id":2,"method":"mining.authorize","params":["k:abc.rig","x"]}"#),
        .server(#"{"id":2,"result":true,"error":null}"#),
        .server(#"{"id":null,"method":"mining.notify","params":["1f","\#(hash)",true]}"#),
        .client(#"{"id":3,"method":"mining.submit","params":["k:abc.rig","1f","a331000000000001"]}"#),
        .server(#"{"id":3,"result":true,"error":null}"#),
      ], tellsFrom: 4),
    Case(
      dialect: .kawPow,
      turns: [
        .client(#"{"id":1,"method":"mining.subscribe","params":["GMiner/2.09",null,"rvnt.minermore.com","4505"]}"#),
        .server(#"{"id":1,"result":[null,"64290b"],"error":null}"#),
        .client(#"{"id":2,"method":"mining.authorize","params":["Rabc.rig","x"]}"#),
        .server(#"{"id":2,"result":true,"error":null}"#),
        .server(
          #"{"id":null,"method":"mining.notify","params":["1f","\#(hash)","\#(hash)","\#(hash)",true,1000,"1b0"]}"#),
        .client(#"{"id":3,"method":"mining.submit","params":["Rabc.rig","1f","0x64290b","0x\#(hash)","0x\#(hash)"]}"#),
        .server(#"{"id":3,"result":true,"error":null}"#),
      ], tellsFrom: 4),
    Case(
      dialect: .beam,
      turns: [
        .client(#"{"method":"login","api_key":"3f5e.rig","id":"login","jsonrpc":"2.0"}"#),
        .server(#"{"code":0,"description":"Login successful","id":"login","jsonrpc":"2.0","method":"result"}"#),
        .server(
          #"{"difficulty":3441671469,"id":"212","input":"636b90cc38","jsonrpc":"2.0","method":"job","nonceprefix":"ab4e3a"}"#
        ),
        .client(#"{"method":"solution","id":"212","nonce":"ab4e3a0000000001","output":"0d3e","jsonrpc":"2.0"}"#),
        .server(#"{"code":1,"description":"accepted","id":"212","jsonrpc":"2.0","method":"result"}"#),
      ], tellsFrom: 3),
    Case(
      dialect: .grin,
      turns: [
        .client(
          #"{"id":"0","jsonrpc":"2.0","method":"login","params":{"login":"acme","pass":"x","agent":"grin-miner"}}"#),
        .server(
          #"{"id":"0","jsonrpc":"2.0","method":"login","result":"ok","error":null}"#.replacing(
            #""method":"login","#, with: "")),
        .client(#"{"id":"0","jsonrpc":"2.0","method":"getjobtemplate","params":null}"#),
        .server(
          #"{"id":123,"jsonrpc":"2.0","method":"job","params":{"difficulty":1,"height":16375,"job_id":5,"pre_pow":"0001"}}"#
        ),
        .client(
          #"{"id":"0","jsonrpc":"2.0","method":"submit","params":{"edge_bits":29,"job_id":5,"nonce":8895,"pow":[4210040]}}"#
        ),
        .server(#"{"id":"0","jsonrpc":"2.0","result":"ok","error":null}"#),
      ], tellsFrom: 3),
  ]

  @Test(arguments: cases, [1, .max])
  func `tells the dialect, and accuses nobody`(of: Case, segment: Int) {
    let story = story(of.turns, segment: segment)
    #expect(story.contains("dialect \(of.dialect.rawValue)"))
    #expect(story.filter(\.isAccusation) == [])
    let introduced = story.firstIndex(of: "introduced") ?? .max
    #expect(introduced < story.firstIndex(of: "dialect \(of.dialect.rawValue)") ?? 0)
  }

  @Test(arguments: cases)
  func `tells it in the middle`(of: Case) {
    let turns = Array(of.turns[of.tellsFrom...])
    var player = StratumPlayer(midstream: true, rolesAreCertain: false)
    player.play(turns)
    player.finish()
    #expect(player.events.last?.session.dialect == of.dialect || of.dialect == .ethereumStratum2)
    #expect(player.story.filter(\.isAccusation) == [])
  }

  @Test(arguments: cases)
  func `sums up its shares`(of: Case) throws {
    var player = StratumPlayer()
    player.play(of.turns)
    player.finish()
    guard case .shares(let sums)? = player.events.last?.what else {
      Issue.record("no sums")
      return
    }
    #expect(sums.submitted == 1)
    #expect(sums.jobs >= 1)
  }

  @Test(arguments: cases)
  func `is recognised as mining`(of: Case) {
    for role in [Role.client, .server] {
      let bytes = of.turns.filter { $0.sender == role }.flatMap(\.bytes)
      let verdict = withSpan(bytes) { StratumProbe.probe($0) }
      if case .match = verdict { return }
    }
    Issue.record("neither side is recognised")
  }

  @Test func `every dialect of lines has a case`() {
    let lines = Set(StratumDialect.allCases.filter { !$0.isBitcoins })
    #expect(Set(Self.cases.map(\.dialect)) == lines)
  }

  /// ZIP 301 and KawPow answer a subscription alike, so that only a job tells the two apart.
  @Test(arguments: [StratumDialect.equihash, .kawPow])
  func `calls nobody KawPow before a job does`(dialect: StratumDialect) throws {
    let turns = try #require(Self.cases.first { $0.dialect == dialect }).turns
    let beforeJobs = story(Array(turns[..<4])).filter { $0.hasPrefix("dialect") }
    #expect(beforeJobs == ["dialect equihash"])
    let all = story(turns).filter { $0.hasPrefix("dialect") }
    #expect(all.last == "dialect \(dialect.rawValue)")
    #expect(StratumDialect.kawPow.begins == .equihash)
  }

  @Test func `Bitcoin's jobs are no other coin's`() {
    #expect(!story(StratumWorkTests.login + [StratumWorkTests.notify("1")]).contains { $0.hasPrefix("dialect") })
  }
}
