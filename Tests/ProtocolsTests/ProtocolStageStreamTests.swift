import Decode
import Flows
import Protocols
import Testing

import struct Simulator.SplitMix64

struct ProtocolStageStreamTests {
  static let subscribe = #"{"id":1,"method":"mining.subscribe","params":["cgminer/4.12.0"]}"#
  static let subscribed = #"{"id":1,"result":[[["mining.notify","ae"]],"08000002",4],"error":null}"#
  static let authorize = #"{"id":2,"method":"mining.authorize","params":["acme.r1","x"]}"#
  static let authorized = #"{"id":2,"result":true,"error":null}"#
  static let difficulty = #"{"id":null,"method":"mining.set_difficulty","params":[1024]}"#
  static let submit = #"{"params":["acme.r1","bf","00000001","504e86ed","b2957c02"],"id":4,"method":"mining.submit"}"#
  static let submitted = #"{"id":4,"result":true,"error":null}"#

  static let session: [Conversation.Step] = [
    .clientLine(subscribe), .serverLine(subscribed), .clientLine(authorize), .serverLine(authorized),
    .serverLine(difficulty), .clientLine(submit), .serverLine(submitted),
  ]
  static let expected = [
    "identified stratum", "stratum user acme.r1 mining.authorize", "stratum introduced", "stratum shares 1 1",
    "ended finished stratum",
  ]

  /// Which of several users came first does not matter here, only what was said.
  func lines(_ steps: [Conversation.Step], segmentSize: Int = 1_448, serverPort: UInt16 = 3_333) -> [String] {
    Conversation(steps, serverPort: serverPort).observations(segmentSize: segmentSize).map(\.line)
  }

  // MARK: Stratum

  @Test(arguments: [1, 2, 7, 64, 1_448])
  func `reads a session however TCP cuts it`(segmentSize: Int) {
    let found = lines([.handshake] + Self.session + [.finish], segmentSize: segmentSize)
    #expect(found.sorted() == Self.expected.sorted())
    #expect(found.first == "identified stratum")
    #expect(found.last == "ended finished stratum")
  }

  /// Joined in the middle of a line, of whichever end.
  @Test(arguments: [1, 5, 30, 1_448])
  func `reads a session that was joined in the middle of a line`(segmentSize: Int) {
    let half = Self.difficulty.dropFirst(20)
    let found = lines([.serverLine(String(half))] + Self.session.dropFirst(5) + [.finish], segmentSize: segmentSize)
    #expect(found.contains("identified stratum"))
    #expect(found.contains("stratum user acme.r1 mining.submit"))
    #expect(found.contains("stratum shares 1 1"))
    #expect(found.last == "ended finished stratum")
  }

  /// A long half line is searched through without being kept.
  @Test func `waits for the end of a long half line`() {
    let half = String(repeating: "0123456789abcdef", count: 2_000) + #""]}"#
    let found = lines([.serverLine(half), .serverLine(Self.difficulty), .finish])
    #expect(found.first == "identified stratum")
  }

  @Test func `tells the client by what is said when nobody saw the handshake`() throws {
    // The miner's port is the well-known one here, so every guess by port is wrong.
    var conversation = Conversation(Self.session, serverPort: 40_001)
    conversation.clientPort = 443
    let first = try #require(conversation.observations().first?.flow)
    #expect(first.client.address == Site.miner)
    #expect(first.basis == .content)
    #expect(!first.sawStart)
  }

  @Test func `goes on behind a lost segment`() {
    let steps: [Conversation.Step] =
      [.handshake, .clientLine(Self.subscribe), .lost(.client, 40)]
      + [.client(#"e.r1","x"]}"# + "\n"), .clientLine(Self.submit), .serverLine(Self.submitted), .finish]
    let found = lines(steps)
    #expect(found.first == "identified stratum")
    #expect(found.contains("stratum user acme.r1 mining.submit"))
    #expect(found.contains("stratum shares 1 1"))
    #expect(!found.contains { $0.contains("anomaly") })
  }

  /// The hole is in one direction, and a bare acknowledgment of the other says that it is ours alone.
  @Test func `goes on when the receiver acknowledges a hole`() {
    var site = Site()
    Conversation(
      [.handshake, .clientLine(Self.subscribe), .serverLine(Self.subscribed), .unseen(.client, 60)]
        + [Conversation.Step](repeating: .clientLine(Self.submit), count: 4) + [.acknowledgment(.server)]
    ).run(through: &site)
    #expect(site.take().map(\.line).contains("stratum user acme.r1 mining.submit"))
  }

  // MARK: Jobs that were never offered

  private static let offered =
    session[..<4] + [
      .serverLine(
        #"{"id":null,"method":"mining.notify","params":["bf","\#(StratumWorkTests.previous)","\#(StratumWorkTests.head)","#
          + #""\#(StratumWorkTests.tail)",[],"00000002","1c2ac4af","504e86b9",false]}"#), .wait(200),
    ]
  private static let unknownShare = Conversation.Step.clientLine(submit.replacing("bf", with: "77"))
  private static let unknown = #"stratum unknownJob("77")"#

  @Test func `tells a share for a job that was never offered`() {
    #expect(lines([.handshake] + Self.offered + [Self.unknownShare, .finish]).filter { $0 == Self.unknown }.count == 1)
  }

  @Test func `does not where the pool said more than was seen`() {
    let steps = [.handshake] + Self.offered + [.unseen(.server, 300), Self.unknownShare, .finish]
    #expect(!lines(steps).contains(Self.unknown))
  }

  @Test func `does not where the pool is not heard at all`() {
    var conversation = Conversation([.handshake] + Self.offered + [Self.unknownShare, .finish])
    conversation.unheard = .server
    let found = conversation.observations().map(\.line)
    #expect(found.contains("stratum user acme.r1 mining.authorize") && !found.contains(Self.unknown))
  }

  // MARK: Behind something else

  static let fronts: [(name: String, steps: [Conversation.Step])] = [
    ("a zero", [.client([0]), .server([0]), .wait(15)]),
    ("a banner", [.client("SSH-2.0-x\r\n"), .server("SSH-2.0-y\r\n")]),
    ("a binary greeting", [.client([0, 1, 2, 3] + Array("hello".utf8)), .server([0, 1, 2, 3, 0x6f])]),
    ("a binary greeting of one", [.client([0xff, 1, 2, 3, 0xff])]),
  ]

  @Test(arguments: fronts.indices)
  func `finds mining behind something else`(index: Int) {
    let found = lines([.handshake] + Self.fronts[index].steps + Self.session + [.finish])
    #expect(
      found.contains("identified stratum") && found.last == "ended finished stratum", "\(Self.fronts[index].name)")
    #expect(found.contains("stratum user acme.r1 mining.authorize"), "\(Self.fronts[index].name)")
  }

  /// A log that quotes mining is none, and neither is a login to anything else; and at last nobody looks any more.
  @Test func `takes no quotation for mining, and looks no further than the first bytes`() {
    let front: [Conversation.Step] = [.handshake, .client([0xff, 1, 2, 3]), .server([0xff, 1, 2])]
    let login = #"{"id":1,"method":"login","params":{"login":"admin","pass":"x"}}"#
    let quoted: [Conversation.Step] = [
      .clientLine("2026-11-26 20:00:00 sent to the pool: \(Self.subscribe)"), .clientLine(login), .finish,
    ]
    #expect(lines(front + quoted).contains { $0.hasPrefix("identified unknown") })
    #expect(!lines(front + quoted).contains("identified stratum"))
    let much = [Conversation.Step](repeating: .client([UInt8](repeating: 0xaa, count: 1_024)), count: 80)
    #expect(!lines(front + much + Self.session + [.finish]).contains("identified stratum"))
  }

  /// Shares or jobs of a session that was joined in the middle, in either order, and not with a bit of them otherwise.
  @Test(arguments: [1, 7, 1_448])
  func `knows Stratum V2 in the clear when it was joined in the middle`(segmentSize: Int) {
    let turns = StratumV2Tests.session[6...].map { turn -> Conversation.Step in
      turn.0 == .client ? .client(turn.1) : .server(turn.1)
    }
    for steps in [turns, Array(turns[2...])] {
      let found = lines(steps + [.finish], segmentSize: segmentSize)
      if segmentSize < 30 { continue }
      #expect(found.first == "identified stratumV2")
      #expect(found.contains("stratum redirect v2.evil.example 3336"))
      #expect(!found.contains { $0.contains("anomaly") })
    }
    guard case .client(let share) = turns[0] else { return }
    for index in 0..<6 {
      var other = share
      other[index] ^= 0x40
      #expect(!lines([.client(other), .finish]).contains("identified stratumV2"))
    }
  }

  @Test func `reads a last line without line feed`() {
    let found = lines([.handshake, .clientLine(Self.subscribe), .client(Self.authorize), .finish])
    #expect(found.contains("stratum user acme.r1 mining.authorize"))
  }

  @Test func `reports the sums of a session that fell silent`() {
    let found = lines([.handshake] + Self.session + [.wait(75)])
    let sums = found.firstIndex(of: "stratum shares 1 1")
    let end = found.firstIndex(of: "ended shutdown stratum")
    #expect(sums != nil && end != nil)
    #expect((sums ?? .max) < (end ?? .min))
  }

  @Test func `reports a line over the limit and goes on behind it`() {
    let long = "{\"id\":9,\"method\":\"mining.notify\",\"params\":[\"" + String(repeating: "a", count: 80_000) + "\"]}"
    let found = lines([.handshake] + Self.session + [.serverLine(long), .serverLine(Self.difficulty), .finish])
    #expect(found.filter { $0.contains("lineTooLong") }.count == 1)
  }

  // MARK: Others

  static let others: [(steps: [Conversation.Step], expected: AppProtocol)] = [
    ([.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), .server("HTTP/1.1 200 OK\r\n\r\n")], .http),
    ([.client(#"POST / HTTP/1.1"# + "\r\n\r\n" + #"{"method":"getblocktemplate"}"#)], .http),
    ([.client(RecogniserTests.clientHello), .server(RecogniserTests.serverHello)], .tls),
    ([.server("SSH-2.0-OpenSSH_9.2\r\n"), .client("SSH-2.0-x\r\n")], .ssh),
    ([.client(RecogniserTests.firstAct), .server(RecogniserTests.secondAct), .client([1, 2, 3])], .stratumV2),
    ([.client(RecogniserTests.setupConnection)], .stratumV2),
    ([.server("220 mail.example ESMTP\r\n"), .client("EHLO a\r\n"), .server("250 a\r\n")], .unknown),
    ([.client([0, 1, 2, 3, 4, 5, 6, 7]), .server([7, 6, 5, 4, 3, 2, 1, 0])], .unknown),
    ([.client(#"{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}"# + "\n")], .unknown),
    ([.client(#"{"command":"summary"}"#), .server(#"{"STATUS":[{"STATUS":"S"}]}"# + "\0")], .minerAPI),
  ]

  @Test(arguments: others.indices, [1, 7, 1_448])
  func `tells what a flow carries, once, however TCP cuts it`(index: Int, segmentSize: Int) {
    let (steps, expected) = Self.others[index]
    // What a reader says in between is its own tests' business.
    let found = lines([.handshake] + steps + [.wait(21), .finish], segmentSize: segmentSize)
      .filter { $0.hasPrefix("identified") || $0.hasPrefix("ended") }
    #expect(found == ["identified \(expected)", "ended finished \(expected)"])
  }

  /// Both orders: whoever speaks first, what it says may still be the start of something until the other has spoken.
  @Test(
    arguments: [
      [.client([0, 1, 2, 3, 4, 5, 6, 7]), .server([7, 6, 5, 4, 0xff, 0xff])],
      [.server([0xff, 0, 0, 0, 0xff]), .client([7, 6, 5, 4, 0xff, 0xff])],
      [.client([0, 1, 2, 3]), .wait(15), .server([7, 6, 5, 4, 0xff, 0xff])],
    ] as [[Conversation.Step]])
  func `gives up on binary at once`(steps: [Conversation.Step]) {
    var site = Site()
    Conversation([.handshake] + steps).run(through: &site)
    #expect(site.take().map(\.line) == ["identified unknown"])
    #expect(site.stage.bufferedBytes == 0)
  }

  @Test func `gives up on text that goes on and on`() {
    var site = Site()
    let chatter = Array(repeating: Conversation.Step.clientLine("nothing that anybody knows"), count: 3_000)
    Conversation([.handshake, .server("220 hello\r\n")] + chatter + [.server([0, 1, 2, 3])]).run(through: &site)
    #expect(site.stage.counters.probesGivenUp == 1)
    #expect(site.take().map(\.line) == ["identified unknown"])
  }

  @Test func `calls a silent flow silent, and thinks better of it when it speaks`() {
    let found = lines([.handshake, .wait(25)] + Self.session + [.finish])
    #expect(found.first == "identified silent")
    #expect(found.dropFirst().first == "identified stratum")
    #expect(found.last == "ended finished stratum")
  }

  @Test func `says nothing of a refused connection but its end`() {
    #expect(lines([.handshake, .reset]) == ["ended reset unidentified"])
  }

  @Test func `reports two payloads for the same bytes`() {
    let forged = Self.difficulty.replacing("1024", with: "9999") + "\n"
    let found = lines(
      [.handshake, .clientLine(Self.subscribe), .serverLine(Self.subscribed), .serverLine(Self.difficulty)]
        + [.again(.server, back: forged.utf8.count, Array(forged.utf8)), .finish])
    #expect(found.contains("conflict server"))
  }

  // MARK: DNS over TCP

  @Test(arguments: 1...80)
  func `reads DNS messages however TCP cuts them`(segmentSize: Int) {
    let answer = DNSWire.record(DNSWire.questionPointer, type: 1, [203, 0, 113, 9])
    let frame = { (message: [UInt8]) in DNSWire.bigEndian(UInt16(message.count)) + message }
    let steps: [Conversation.Step] = [
      .handshake, .client(frame(DNSWire.query("a.example", id: 1)) + frame(DNSWire.query("b.example", id: 2))),
      .server(
        frame(DNSWire.response("b.example", id: 2, answers: [answer]))
          + frame(DNSWire.response("a.example", id: 1, answers: [answer]))), .finish,
    ]
    #expect(
      lines(steps, segmentSize: segmentSize, serverPort: 53) == [
        "identified dns", "tcp query a.example", "tcp query b.example", "tcp answer b.example 203.0.113.9",
        "tcp answer a.example 203.0.113.9", "ended finished dns",
      ])
  }

  @Test func `stops reading DNS behind a hole`() {
    let query = DNSWire.query("a.example")
    let framed = DNSWire.bigEndian(UInt16(query.count)) + query
    let found = lines(
      [.handshake, .client(framed), .lost(.client, 10), .client(framed), .finish], serverPort: 53)
    #expect(found == ["identified dns", "tcp query a.example", "ended finished dns"])
  }

  // MARK: Bounds

  @Test func `leaves buffers for sessions when many say half a word`() {
    // Two pages of 64 KiB, each of 32 buffers.
    var site = Site(bufferBytes: 128 << 10)
    for port in 0..<40 as Range<UInt16> {
      var conversation = Conversation([.handshake, .client("GET /")])
      conversation.clientPort = 50_000 + port
      conversation.run(through: &site)
    }
    #expect(site.stage.counters.buffersExhausted == 8)
    let halves = (String(Self.authorize.prefix(30)), String(Self.authorize.dropFirst(30)))
    Conversation([.handshake, .clientLine(Self.subscribe), .client(halves.0), .clientLine(halves.1)])
      .run(through: &site)
    #expect(site.take().map(\.line).contains("stratum user acme.r1 mining.authorize"))
  }

  @Test func `counts a message that finds no room as lost`() {
    var site = Site(bufferBytes: 1)
    let long =
      #"{"id":3,"method":"mining.extranonce.subscribe","params":[""# + String(repeating: "a", count: 9_000) + #""]}"#
    Conversation([.handshake, .clientLine(Self.subscribe), .clientLine(long), .clientLine(Self.submit)])
      .run(through: &site)
    let found = site.take().map(\.line)
    #expect(site.stage.counters.buffersExhausted > 0)
    #expect(found.contains("stratum user acme.r1 mining.submit"))
    #expect(!found.contains { $0.contains("notJSON") })
  }

  @Test func `a message that finds no room ends the reading of its stream, and is counted`() {
    var site = Site(bufferBytes: 1)
    // Most of a ClientHello that says it has 12,000 bytes, in one record.
    let hello: [UInt8] = [0x16, 3, 1, 0x2e, 0xe4, 1, 0, 0x2e, 0xe0, 3, 3] + [UInt8](repeating: 7, count: 9_000)
    Conversation([.handshake, .client(hello)]).run(through: &site)
    #expect(site.take().map(\.line).contains("identified tls"))
    #expect(site.stage.counters.readersGivenUp == 1)
  }

  @Test func `gives every buffer back`() {
    var site = Site()
    for (index, other) in Self.others.enumerated() {
      var conversation = Conversation([.handshake] + other.steps + [.client("{"), .reset])
      conversation.clientPort = 50_000 + UInt16(index)
      conversation.run(through: &site, segmentSize: 3)
    }
    Conversation([.handshake] + Self.session + [.client("{"), .reset]).run(through: &site)
    site.shutDown()
    #expect(site.stage.bufferedBytes == 0)
  }

  @Test func `survives anything in any order`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    let texts = [Self.subscribe, Self.authorize, Self.submit, "GET / HTTP/1.1\r\n", "{\"a\":", "\n\n", "\u{7f}"]
    for _ in 0..<200 {
      var steps: [Conversation.Step] = random.next() % 2 == 0 ? [.handshake] : []
      for _ in 0..<12 {
        let text = texts[Int(random.next() % UInt64(texts.count))] + (random.next() % 2 == 0 ? "\n" : "")
        switch random.next() % 8 {
        case 0, 1: steps.append(.client(text))
        case 2, 3: steps.append(.server(text))
        case 4: steps.append(.lost(random.next() % 2 == 0 ? .client : .server, Int(random.next() % 50) + 1))
        case 5: steps.append(.client(random.bytes(Int(random.next() % 80) + 1)))
        case 6: steps.append(.wait(Int(random.next() % 15)))
        default: steps.append(.server(random.bytes(Int(random.next() % 80) + 1)))
        }
      }
      let conversation = Conversation(steps)
      let found = conversation.observations(segmentSize: Int(random.next() % 40) + 1)
      let ends = found.count { if case .flowEnded = $0.content { true } else { false } }
      #expect(ends == 1, "seed \(seed)")
    }
  }
}
