import Testing

@testable import Protocols

/// What is odd in cuts, spelling, ids, parameters, replies and names, each as conversation and story.
@Suite struct StratumOddityTests {
  static let login: [Turn] = [
    .client(#"{"id":1,"method":"mining.subscribe","params":["cgminer/4.12.0"]}"#),
    .server(#"{"id":1,"result":[[["mining.notify","ae68"]],"5f03036b",8],"error":null}"#),
    .client(#"{"id":2,"method":"mining.authorize","params":["acme.rig1","x"]}"#),
    .server(#"{"id":2,"result":true,"error":null}"#),
  ]
  static let said = ["introduced", "user acme.rig1 by mining.authorize"]

  static func notify(_ job: String) -> Turn {
    .server(
      #"{"id":null,"method":"mining.notify","params":["\#(job)","00","01","02",[],"20000000","1d00ffff","5f000000",true]}"#
    )
  }

  static func difficulty(_ value: String) -> Turn {
    .server(#"{"id":null,"method":"mining.set_difficulty","params":[\#(value)]}"#)
  }

  static func submit(_ id: String = "4", _ user: String = "acme.rig1", job: String = "j1", version: String? = nil)
    -> Turn
  {
    let bits = version.map { #","\#($0)""# } ?? ""
    return .client(
      #"{"params":["\#(user)","\#(job)","00","5f000000","1a2b3c4d"\#(bits)],"id":\#(id),"method":"mining.submit"}"#)
  }

  static func answer(_ id: String = "4", _ verdict: String = #""result":true,"error":null"#) -> Turn {
    .server(#"{"id":\#(id),\#(verdict)}"#)
  }

  static func final(
    _ submitted: Int = 0, _ accepted: Int = 0, _ rejected: Int = 0, worth: Double = 0, unknown: Int = 0, jobs: Int = 0
  ) -> String {
    "shares \(submitted) \(accepted) \(rejected) worth \(worth) unknown \(unknown) jobs \(jobs) final"
  }

  // MARK: Cuts

  static let session =
    login + [
      difficulty("512"), notify("j1"), submit(), answer(), submit(),
      answer("4", #""result":false,"error":[21,"Stale",null]"#),
    ]

  @Test(arguments: [1, 2, 7, 64, .max])
  func `tells the same however TCP cuts it`(segment: Int) {
    #expect(story(Self.session, segment: segment) == Self.said + [Self.final(2, 1, 1, worth: 512, jobs: 1)])
  }

  @Test(arguments: [1, 5, 1_448, .max])
  func `reads several messages of one segment, the last in two`(segment: Int) {
    let burst = Self.login[1].bytes + Self.difficulty("2").bytes + Self.notify("j1").bytes
    let turns = [Self.login[0], .raw(.server, burst), Self.login[2], Self.login[3], Self.submit(), Self.answer()]
    #expect(story(turns, segment: segment) == Self.said + [Self.final(1, 1, 0, worth: 2, jobs: 1)])
  }

  @Test(arguments: [0, 14, 400])
  func `reads long jobs`(branches: Int) {
    let merkle = Array(repeating: "\"" + String(repeating: "ab", count: 32) + "\"", count: branches).joined(
      separator: ",")
    let job =
      #"{"id":null,"method":"mining.notify","params":["j1","00","01","02",[\#(merkle)],"20000000","1d00ffff","5f000000",true]}"#
    for segment in [1_000, 1_448, .max] {
      #expect(story(Self.login + [.server(job)], segment: segment) == Self.said + [Self.final(jobs: 1)])
    }
  }

  // MARK: Spelling

  @Test(arguments: [
    (#"{"method":"mining\u002esubmit","id":4,"params":["acme.rig1","j"]}"#, []),
    (#"{"\u006dethod":"mining.submit","id":4,"params":["acme.rig1","j"]}"#, []),
    (
      #"{"method":"MINING.SUBMIT","id":4,"params":["acme.rig1","j"]}"#,
      ["method MINING.SUBMIT client obeyed only by a sloppy reader"]
    ),
    (
      #"{"method":"mining.submitX","id":4,"params":["acme.rig1","j"]}"#,
      ["method mining.submitX client obeyed only by a sloppy reader"]
    ),
    (
      #"{"METHOD":"mining.submit","id":4,"params":["acme.rig1","j"]}"#,
      ["method mining.submit client obeyed only by a sloppy reader"]
    ),
    (
      #"{"method":"mining.submit\u0000","id":4,"params":["acme.rig1","j"]}"#,
      ["method mining.submit\0 client obeyed only by a sloppy reader"]
    ),
    (#"{"worker":"w","jsonrpc":"2.0","method":"mining.submit","id":4,"params":["acme.rig1","j"]}"#, []),
    (#"{"method":"mining.submit","id":4,"params":["acme.rig1","j"],"x":"\/"}"#, []),
    (#"{"method":"mining.submit","id":4,"params":["acme.rig1","j"],"x":"\ud800"}"#, ["anomaly not UTF-8 client"]),
  ])
  func `recognises a submit however it is spelled`(line: String, said: [String]) {
    #expect(story(Self.login + [.client(line)]) == Self.said + said + [Self.final(1)])
  }

  @Test(arguments: [
    ("mining.auth", "obeyed only by a sloppy reader", true),
    ("mining.authorise", "obeyed only by a sloppy reader", true),
    ("mining.foo", "unknown method", false), ("jobs", "unknown method", false),
    ("btcagent.register", "unknown method", false),
    ("mining.set_foo", "unknown method", false),
  ])
  func `tells abbreviations from unknown methods`(method: String, reason: String, isLogin: Bool) {
    let turns = Self.login + [.client(#"{"id":9,"method":"\#(method)","params":["eve","x"]}"#)]
    let said = ["method \(method) client \(reason)"] + (isLogin ? ["user eve by mining.authorize"] : [])
    #expect(story(turns) == Self.said + said + [Self.final()])
  }

  @Test(arguments: [
    #"{"id":null,"method":"mining.ping","params":[],"method":"client.reconnect","params":["evil.example",1]}"#,
    #"{"id":null,"method":"client.reconnect","params":["evil.example",1],"method":"mining.ping","params":[]}"#,
    #"{"id":null,"params":["evil.example",1],"method":"client.reconnect","params":["evil.example",1]}"#,
    #"{"id":null,"params":["evil.example",1],"method":"client.reconnect","METHOD":"mining.ping"}"#,
  ])
  func `obeys both of two methods`(line: String) {
    let story = story(Self.login + [.server(line)])
    #expect(story.contains("anomaly duplicate key server"))
    #expect(story.contains("redirect evil.example 1 -"))
  }

  @Test func `reads a byte order mark and tells`() {
    let turns = [.raw(.client, [0xef, 0xbb, 0xbf])] + Self.login
    for segment in [1, .max] {
      #expect(story(turns, segment: segment) == ["anomaly not JSON client"] + Self.said + [Self.final()])
    }
  }

  @Test func `reads on behind bytes that are not UTF-8`() {
    let line =
      Array(#"{"id":3,"method":"mining.authorize","params":["a"#.utf8) + [0xc0, 0xaf] + Array("\",\"x\"]}\n".utf8)
    let story = story(Self.login + [.raw(.client, line)])
    #expect(
      story == Self.said + ["anomaly not UTF-8 client", "user a\u{FFFD}\u{FFFD} by mining.authorize", Self.final()])
  }

  // MARK: Ids

  @Test(arguments: ["4", #""auth""#, "null", "1.5", "9007199254740993", "-1", "true", #"{"a":1}"#, "[4]", #""\u0034""#])
  func `pairs a reply with any id`(id: String) {
    let turns = Self.login + [Self.difficulty("8"), Self.notify("j1"), Self.submit(id), Self.answer(id)]
    #expect(story(turns) == Self.said + [Self.final(1, 1, worth: 8, jobs: 1)])
  }

  @Test func `pairs replies without ids`() {
    let turns =
      Self.login + [
        .client(#"{"method":"mining.submit","params":["acme.rig1","j1"]}"#), .server(#"{"result":true,"error":null}"#),
      ]
    #expect(story(turns) == Self.said + [Self.final(1, 1, unknown: 1)])
  }

  @Test func `takes equal ids in order`() {
    let pipelined = [
      Self.submit(), Self.submit(), Self.submit(), Self.answer(), Self.answer("4", #""result":null,"error":"low""#),
      Self.answer(),
    ]
    let turns = Self.login + [Self.difficulty("1"), Self.notify("j1")] + pipelined
    #expect(story(turns) == Self.said + [Self.final(3, 2, 1, worth: 2, jobs: 1)])
  }

  @Test func `takes a notification for what it is, whatever its id`() {
    let turns =
      [Self.login[0], .server(#"{"id":1,"method":"mining.set_difficulty","params":[7]}"#)] + Self.login[1...]
      + [Self.notify("j1"), Self.submit(), Self.answer()]
    #expect(story(turns) == Self.said + [Self.final(1, 1, worth: 7, jobs: 1)])
  }

  // MARK: Blanks and line ends

  @Test(arguments: [
    ("\r\n", []), ("\n\n", []), ("\n \t", []), (" \t\r\n", []), ("\n\0", ["anomaly bytes after the message client"]),
    ("\0\n", ["anomaly bytes after the message client"]), ("x\n", ["anomaly bytes after the message client"]),
    ("", ["anomaly bytes after the message client"]),
  ])
  func `takes any line end`(end: String, said: [String]) {
    let subscribe = #"{"id":1,"method":"mining.subscribe","params":["cgminer/4.12.0"]}"#
    let authorize = #"{"id":2,"method":"mining.authorize","params":["acme.rig1","x"]}"#
    for segment in [1, 3, .max] {
      let story = story([.raw(.client, Array((subscribe + end + authorize + "\n").utf8))], segment: segment)
      #expect(Set(story) == Set(said + Self.said + [Self.final()]))
    }
  }

  @Test(arguments: [1, .max])
  func `takes a last message without a line feed`(segment: Int) {
    let last = Turn.raw(.client, Array(#"{"id":2,"method":"mining.authorize","params":["acme.rig1","x"]}"#.utf8))
    #expect(story([Self.login[0], last], segment: segment) == Self.said + [Self.final()])
  }

  @Test func `says nothing about a message that the end cut off`() {
    let last = Turn.raw(.client, Array(#"{"id":2,"method":"mining.autho"#.utf8))
    #expect(story(Self.login + [last]) == Self.said + [Self.final()])
  }

  @Test(arguments: [1_448, .max])
  func `takes a megabyte of blanks`(segment: Int) {
    let blanks = Turn.raw(.client, [UInt8](repeating: 0x20, count: 1 << 20))
    #expect(story([blanks] + Self.login, segment: segment) == Self.said + [Self.final()])
  }

  @Test(arguments: [1_448, 8_000, .max])
  func `drops a line over the limit, once`(segment: Int) {
    let long = String(repeating: "a", count: 70_000)
    let turns = Self.login + [.server(#"{"x":"\#(long)"}"#), Self.notify("j1"), .server(long), Self.notify("j2")]
    #expect(story(turns, segment: segment) == Self.said + ["anomaly line too long server", Self.final(jobs: 2)])
  }

  // MARK: Parameters of odd types

  @Test(arguments: [
    (#"{"id":5,"method":"mining.authorize","params":{"user":"eve"}}"#, ["anomaly parameter out of range client"]),
    (#"{"id":5,"method":"mining.authorize","params":null}"#, ["anomaly parameter out of range client"]),
    (#"{"id":5,"method":"mining.authorize"}"#, ["anomaly parameter out of range client"]),
    (#"{"id":5,"method":"mining.authorize","params":[7]}"#, ["anomaly parameter out of range client"]),
    (#"{"id":5,"method":7,"params":["eve"]}"#, ["anomaly parameter out of range client"]),
    (#"{"id":5}"#, ["anomaly parameter out of range client"]),
    (#"{"id":5,"method":"mining.subscribe","params":null}"#, []),
    (#"{"id":5,"method":"mining.subscribe"}"#, []),
    (#"["mining.submit"]"#, ["anomaly not JSON client"]),
    ("GET / HTTP/1.1", ["anomaly not JSON client"]),
    (
      #"{"id":5,"params":\#(String(repeating: "[", count: 1_000))\#(String(repeating: "]", count: 1_000))}"#,
      ["anomaly nested too deep client"]
    ),
  ])
  func `survives odd parameters`(line: String, said: [String]) {
    #expect(story(Self.login + [.client(line)]) == Self.said + said + [Self.final()])
  }

  // MARK: Replies

  @Test(arguments: [
    (#""result":true,"error":null"#, 1, 0), (#""result":true"#, 1, 0),
    (#""result":false,"error":[21,"Stale",null]"#, 0, 1),
    (#""result":null,"error":{"code":22,"message":"Duplicate"}"#, 0, 1), (#""result":null,"error":"Stale""#, 0, 1),
    (#""result":false,"error":null,"reject-reason":"Above target""#, 0, 1), (#""result":null,"error":null"#, 0, 1),
    (#""error":[20,"x",null]"#, 0, 1), (#""result":1,"error":null"#, 0, 1), (#""result":"OK","error":null"#, 0, 1),
    (#""result":[],"error":null"#, 0, 1),
  ])
  func `reads every verdict as cgminer does`(verdict: String, accepted: Int, rejected: Int) {
    let turns = Self.login + [Self.submit("7"), Self.answer("7", verdict)]
    #expect(story(turns) == Self.said + [Self.final(1, accepted, rejected, unknown: accepted)])
  }

  @Test func `takes replies out of order, and those to nothing`() {
    let turns =
      Self.login + [
        Self.answer("99"), Self.submit("5"), Self.submit("6"), Self.answer("6"), Self.answer("77"),
        Self.answer("5", #""result":false"#),
      ]
    #expect(story(turns) == Self.said + [Self.final(2, 1, 1, unknown: 1)])
  }

  @Test func `takes a pipelined start`() {
    let turns: [Turn] = [
      .client(#"{"id":1,"method":"mining.subscribe","params":[]}"#),
      .client(#"{"id":2,"method":"mining.authorize","params":["a","x"]}"#),
      .client(#"{"id":3,"method":"mining.authorize","params":["b","x"]}"#),
      .client(#"{"id":4,"method":"mining.authorize","params":["c","x"]}"#),
      Self.submit("5", "a"), .server(#"{"id":1,"result":[[],"5f03",4],"error":null}"#), Self.answer("2"),
      Self.answer("3", #""result":false,"error":[24,"no",null]"#), Self.answer("4"), Self.submit("6", "c"),
      Self.submit("7", "b"),
    ]
    #expect(
      story(turns) == [
        "introduced", "user a by mining.authorize", "user b by mining.authorize", "user c by mining.authorize",
        "refused b",
        "order share after a refused authorize", Self.final(3),
      ])
  }

  @Test(arguments: [
    ([0, 1, 2, 3, 4], []),
    (
      [4],
      ["introduced", "user acme.rig1 by mining.submit", "order share before subscribe", "order share before authorize"]
    ),
    ([0, 1, 4], ["introduced", "user acme.rig1 by mining.submit", "order share before authorize"]),
    ([2, 3, 4], Self.said + ["order share before subscribe"]),
  ])
  func `tells shares that come too early`(order: [Int], said: [String]) {
    let turns = Self.login + [Self.submit()]
    let expected = (said.isEmpty ? Self.said : said) + [Self.final(1)]
    #expect(story(order.map { turns[$0] }) == expected)
    let joined = story(order.map { turns[$0] }, midstream: true)
    #expect(!joined.contains { $0.hasPrefix("order") })
  }

  // MARK: Numbers

  @Test(
    arguments: [
      ("512", 512.0), ("0.002", 0.002), ("1e-9", 1e-9), ("0", nil), ("-1", nil), ("1e300", nil), ("1e999", nil),
      (#""512""#, nil), ("null", nil),
      ("[1]", nil),
    ] as [(String, Double?)])
  func `takes a difficulty that can be`(value: String, worth: Double?) {
    let turns = Self.login + [Self.difficulty(value), Self.notify("j1"), Self.submit(), Self.answer()]
    let said = worth == nil ? ["anomaly parameter out of range server"] : []
    #expect(
      story(turns) == Self.said + said + [Self.final(1, 1, worth: worth ?? 0, unknown: worth == nil ? 1 : 0, jobs: 1)])
  }

  @Test func `takes NaN for no JSON`() {
    #expect(story(Self.login + [Self.difficulty("NaN")]) == Self.said + ["anomaly not JSON server", Self.final()])
  }

  @Test func `counts a share at its job's difficulty`() {
    let turns =
      Self.login + [
        Self.difficulty("8"), Self.notify("j1"), Self.difficulty("63"), Self.submit(job: "j1"), Self.answer(),
        Self.notify("j2"),
        Self.submit(job: "j1"), Self.submit(job: "j2"), Self.answer(), Self.answer(),
      ]
    #expect(story(turns) == Self.said + [Self.final(3, 3, worth: 79, jobs: 2)])
  }

  @Test(arguments: [
    (#"mining.set_extranonce","params":["5f03036b",8]"#, true),
    (#"mining.set_extranonce","params":["5f03036b",0]"#, false),
    (#"mining.set_extranonce","params":["5f03036b",17]"#, false),
    (#"mining.set_extranonce","params":["5f03036b",-1]"#, false),
    (#"mining.set_extranonce","params":["5f0",8]"#, false), (#"mining.set_extranonce","params":["zz",8]"#, false),
    (#"mining.set_extranonce","params":["5f03","8"]"#, false), (#"mining.set_extranonce","params":["5f03"]"#, true),
    (#"mining.set_version_mask","params":["1fffe000"]"#, true),
    (#"mining.set_version_mask","params":["1fffffe0"]"#, true),
    (#"mining.set_version_mask","params":["ffffffff"]"#, false),
    (#"mining.set_version_mask","params":["1fffe00"]"#, false),
    (#"mining.set_version_mask","params":[]"#, false), (#"client.show_message","params":[7]"#, false),
    (#"mining.notify","params":{}"#, false), (#"mining.notify","params":[null]"#, false),
  ])
  func `checks what the pool sets`(message: String, isFine: Bool) {
    let story = story(Self.login + [.server(#"{"id":null,"method":"\#(message)}"#)])
    #expect(story.contains("anomaly parameter out of range server") == !isFine)
  }

  @Test(arguments: [
    ("00c00000", true), ("1fffe000", true), ("20000000", false), ("00c0000", false), ("0000c001", false),
  ])
  func `checks rolled version bits against what was agreed`(bits: String, isFine: Bool) {
    let turns: [Turn] = [
      .client(
        #"{"id":1,"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"ffffffff"}]}"#),
      .server(#"{"id":1,"result":{"version-rolling":true,"version-rolling.mask":"1fffe000"},"error":null}"#),
    ]
    let story = story(turns + Self.login + [Self.submit(version: bits)])
    #expect(story.contains("anomaly parameter out of range client") == !isFine)
    #expect(!story.contains("anomaly parameter out of range server"))
  }

  // MARK: Reconnect

  @Test(arguments: [
    (#","params":[]"#, "- - -", true), (#","params":null"#, "- - -", true), ("", "- - -", true),
    (#","params":["evil.example"]"#, "evil.example - -", true),
    (#","params":["evil.example",3333]"#, "evil.example 3333 -", true),
    (#","params":["evil.example","443","5"]"#, "evil.example 443 5.0", true),
    (#","params":["evil.example",25,0]"#, "evil.example 25 0.0", true),
    (#","params":["198.51.100.7",1]"#, "198.51.100.7 1 -", true),
    (#","params":["2001:db8::7",65535]"#, "2001:db8::7 65535 -", true),
    (#","params":["EVIL.Example.",3333]"#, "EVIL.Example. 3333 -", true),
    (#","params":["xn--bcher-kva.example",1]"#, "xn--bcher-kva.example 1 -", true),
    (#","params":["h",0]"#, "h - -", false),
    (#","params":["h",65536]"#, "h - -", false), (#","params":["h",-1]"#, "h - -", false),
    (#","params":["h","x"]"#, "h - -", false),
    (#","params":["h",true]"#, "h - -", false), (#","params":[7,1]"#, "- 1 -", false),
    (#","params":["h",1,-5]"#, "h 1 -", false),
    (#","params":["",3333]"#, "- 3333 -", true), (#","params":{"host":"h"}"#, "- - -", false),
    (#","params":[null,null,null]"#, "- - -", true), (#","params":["",0,3]"#, "- - 3.0", true),
    (#","params":["",70000]"#, "- - -", false), (#","params":[7,0]"#, "- - -", false),
  ])
  func `reads every form of reconnect`(params: String, target: String, isFine: Bool) {
    let story = story(Self.login + [.server(#"{"id":null,"method":"client.reconnect"\#(params)}"#)])
    let said = isFine ? [] : ["anomaly parameter out of range server"]
    #expect(story == Self.said + ["redirect \(target)"] + said + [Self.final()])
  }

  // MARK: Names

  @Test(arguments: [
    "bc1qAr0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq.rig", ".worker", "acct+sub.worker", "acct_worker", "~split", "a%2Eb",
    "", "⛏️.rig", "a\\tb",
    String(repeating: "x", count: 200),
  ])
  func `keeps names as they are`(name: String) {
    let turns: [Turn] = [
      Self.login[0], .client(#"{"id":2,"method":"mining.authorize","params":["\#(name)","d=1e6,md=4"]}"#),
    ]
    #expect(
      story(turns) == ["introduced", "user \(name == "a\\tb" ? "a\tb" : name) by mining.authorize", Self.final()])
  }

  @Test func `cuts long names`() {
    let turns: [Turn] = [
      .client(#"{"id":2,"method":"mining.authorize","params":["\#(String(repeating: "y", count: 5_000))",""]}"#)
    ]
    #expect(story(turns)[1] == "user \(String(repeating: "y", count: 256))… by mining.authorize")
  }

  // MARK: Before the first message

  @Test(arguments: [
    "PROXY TCP4 192.0.2.1 192.0.2.2 40000 3333\r\n", "PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n", "PROXY UNKNOWN\r\n",
  ])
  func `takes a PROXY line first`(line: String) {
    for segment in [1, 7, .max] {
      #expect(story([.raw(.client, Array(line.utf8))] + Self.login, segment: segment) == Self.said + [Self.final()])
    }
  }

  @Test(arguments: [
    "PROXY TCP4 192.0.2.1 192.0.2.2 40000 3333\n", "PROXY SMTP x\r\n",
    "PROXY TCP4 \(String(repeating: "1", count: 100))\r\n", "POST / HTTP/1.1\r\n",
  ])
  func `takes no other line first`(line: String) {
    for segment in [1, 7, .max] {
      let story = story([.raw(.client, Array(line.utf8))] + Self.login, segment: segment)
      #expect(story == ["anomaly not JSON client"] + Self.said + [Self.final()])
    }
  }
}
