import Flows
import Protocols
import Testing

import struct Simulator.SplitMix64

/// HTTP/1.x from both ends of a connection, however it is cut.
struct HTTPDissectorTests {
  typealias Step = Conversation.Step
  static let sizes = [1, 2, 7, 64, 1_448]

  /// Conversations, and all that is told of them between the identification and the end.
  static let told: [(name: String, steps: [Step], lines: [String])] = [
    (
      "empty lines in front",
      [.client("\r\n\r\nGET /a HTTP/1.1\r\n\r\n"), .server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")],
      ["introduced", "request GET /a 0", "response 200 /a 0"]
    ),
    (
      "small letters and tabs",
      [.client("\npost\t/a \tHTTP/1.1\nContent-Length: 3\n\na=1"), .server("HTTP/1.1 204 No\r\n\r\n")],
      ["request POST /a 3 a=1", "introduced", "response 204 /a 0"]
    ),
    (
      "a plain exchange",
      [.client("GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n"), .server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")],
      ["introduced", "request GET /a 0 b=1", "response 200 /a 2"]
    ),
    (
      "three requests at once, answered in order",
      [
        .client("GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n"),
        .server(
          "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"
        ),
      ],
      [
        "introduced", "request GET /1 0", "request HEAD /2 0", "request GET /3 0", "response 204 /1 0",
        "response 200 /2 0", "response 304 /3 0",
      ]
    ),
    (
      "a chunked form with trailers",
      [
        .client(
          "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"),
        .client("3\r\na=1\r\n4;x=y\r\n&b=2\r\n0\r\nX-Trailer: 1\r\n\r\nGET /next HTTP/1.1\r\n\r\n"),
      ],
      ["request POST /f 7 a=1 b=2", "introduced", "request GET /next 0"]
    ),
    (
      "a body that waits to be asked for",
      [
        .client("PUT /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
        .server("HTTP/1.1 100 Continue\r\n\r\n"),
        .client("abc"), .server("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
      ],
      ["introduced", "request PUT /p 3", "response 201 /p 0"]
    ),
    (
      "a body that is refused and left out",
      [
        .client("PUT /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3000\r\n\r\n"),
        .server("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"), .client("GET /q HTTP/1.1\r\n\r\n"),
      ],
      ["introduced", "response 417 /p 0", "request PUT /p 0", "request GET /q 0"]
    ),
    (
      "a body that is refused and sent all the same",
      [
        .client("PUT /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
        .server("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"), .client("ABC"), .client("GET /q HTTP/1.1\r\n\r\n"),
      ],
      ["introduced", "response 417 /p 0", "request PUT /p 3", "request GET /q 0"]
    ),
    (
      "a body that ends with the connection",
      [.client("GET / HTTP/1.0\r\n\r\n"), .server("HTTP/1.0 200 OK\r\n\r\nabc"), .server("def"), .finish],
      ["introduced", "request GET / 0", "response 200 / 6"]
    ),
    (
      "settings as JSON under another type",
      [
        .client(
          "POST /cgi-bin/set_miner_conf.cgi HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 88\r\n\r\n"
            + "{\n \"pools\": [{\"url\": \"a:1\", \"user\": \"u\", \"pass\": \"p\"}, {\"url\": \"b\"}], \"miner-mode\":1}   "
        )
      ],
      [
        "request POST /cgi-bin/set_miner_conf.cgi 88 pools.url=a:1 pools.user=u pools.pass= pools.url=b miner-mode=1",
        "introduced",
      ]
    ),
    (
      "an upload in parts",
      [
        .client(
          "POST /cgi-bin/upgrade.cgi HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=\"xyz\"\r\nContent-Length: 147\r\n\r\n"
            + "--xyz\r\nContent-Disposition: form-data; name=\"keep\"\r\n\r\n1\r\n--xyz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.bmu\"\r\n\r\n{type:pool}\r\n--xyz--\r\n"
        )
      ],
      ["request POST /cgi-bin/upgrade.cgi 147 keep=1", "introduced"]
    ),
    (
      "work over HTTP, then the pool's own words, then Stratum",
      [
        .client(
          "POST / HTTP/1.1\r\nAuthorization: Basic Qmlnc2t5OjEyMw==\r\nContent-Length: 43\r\n\r\n{\"method\": \"getwork\", \"params\": [], \"id\":0}"
        ),
        .serverLine(#"{"id":0,"result":null,"error":[20,"Parse error",null]}"#),
        .clientLine(#"{"id":1,"method":"mining.subscribe","params":[]}"#),
      ],
      [
        "identified getwork", "request POST / 43 method=getwork id=0", "mines getwork Bigsky", "identified stratum",
        "introduced", "shares 0 0",
      ]
    ),
    (
      "a tunnel",
      [
        .client("CONNECT [2001:db8::1]:3333 HTTP/1.1\r\n\r\n"), .server("HTTP/1.1 200 Connection established\r\n\r\n"),
        .client("SSH-2.0-x\r\n"), .server("SSH-2.0-y\r\n"),
      ],
      [
        "introduced", "request CONNECT / 0", "response 200 / 0", "wrapped http-connect", "identified ssh",
        "ssh client SSH-2.0-x", "ssh server SSH-2.0-y",
      ]
    ),
    (
      "a tunnel that is refused",
      [
        .client("CONNECT a:1 HTTP/1.1\r\n\r\n"), .server("HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"),
        .client("GET / HTTP/1.1\r\n\r\n"),
      ],
      ["introduced", "request CONNECT / 0", "response 405 / 0", "request GET / 0"]
    ),
    (
      "an upgrade that nobody answers to hides nothing",
      [
        .client(
          "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nGET /cgi-bin/reboot.cgi HTTP/1.1\r\n\r\n")
      ],
      ["introduced", "request GET / 0", "request GET /cgi-bin/reboot.cgi 0"]
    ),
  ]

  @Test(arguments: told.indices, sizes)
  func `tells the same however it is cut`(index: Int, size: Int) {
    let (name, steps, lines) = Self.told[index]
    #expect(Self.lines([.handshake] + steps, size) == lines, "\(name)")
  }

  /// Joined in the middle, only whole messages are told of.
  @Test func `reads on behind what was lost`() {
    let found = Self.requests([
      .handshake, .client("POST /1 HTTP/1.1\r\nContent-Length: 50\r\n\r\nabc"), .lost(.client, 47),
      .client("GET /2 HTTP/1.1\r\n\r\n"),
    ])
    #expect(found.map(\.path) == ["/2"])
    #expect(found.first?.anomalies == [.afterLoss])
  }

  @Test func `a long body is told of when its start is there, and as it grows`() {
    let chunk = "40000\r\n" + String(repeating: "x", count: 0x40000) + "\r\n"
    let lines = Self.lines(
      [
        .handshake, .client("GET /f HTTP/1.1\r\n\r\n"),
        .server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), .server(chunk), .server(chunk),
      ], 1_448)
    #expect(
      lines.map { String($0.prefix(18)) } == [
        "introduced", "request GET /f 0", "response 200 /f 43", "transfer server 26", "transfer server 52",
      ])
  }

  @Test func `what the body is, is told by its first bytes`() {
    func upload(_ type: String, _ body: String) -> HTTPUpload? {
      Self.requests([
        .handshake,
        .client("POST / HTTP/1.1\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"),
      ]).first?.uploads.first
    }
    #expect(upload("application/octet-stream", "&abc") == HTTPUpload(start: Array("&abc".utf8)))
    let part =
      "--b\r\nContent-Disposition: form-data; name=f; filename=\"x.bmu\"\r\nContent-Type: a/b\r\n\r\n&123\r\n--b--\r\n"
    #expect(upload("multipart/form-data; boundary=b", part) == HTTPUpload(fileName: "x.bmu", start: Array("&123".utf8)))
    #expect(upload("multipart/form-data", part) == HTTPUpload(fileName: "x.bmu", start: Array("&123".utf8)))
    #expect(upload("multipart/form-data; boundary=other", part)?.start.first == UInt8(ascii: "-"))
    #expect(upload("text/plain", "{type:root}")?.start == Array("{type:root}".utf8))
    #expect(upload("application/json", #"{"a":1}"#) == nil)
    #expect(upload("application/json", #"{"a":1}"#) == nil)
  }

  // MARK: Ambiguity

  static let odd: [(head: String, anomaly: HTTPAnomaly)] = [
    ("POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .bothLengths),
    ("POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n", .differentLengths),
    ("POST / HTTP/1.1\r\nContent-Length: 4, 5\r\n\r\n", .differentLengths),
    ("POST / HTTP/1.1\r\nContent-Length: +4\r\n\r\n", .badLength),
    ("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", .badLength),
    ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked, x\r\n\r\n", .otherCoding),
    ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .badChunk),
    ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", .badChunk),
    ("GET / HTTP/1.1\nHost: x\n\n", .bareLineFeed),
    ("get / HTTP/1.1\r\n\r\n", .oddStartLine),
    ("GET  / HTTP/1.1\r\n\r\n", .oddStartLine),
    ("GET /\tHTTP/1.1\r\n\r\n", .oddStartLine),
    ("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", .foldedField),
    ("GET / HTTP/1.1\r\nContent-Length : 0\r\n\r\n", .spaceBeforeColon),
    ("GET / HTTP/1.1\r\nwhat\r\n\r\n", .noColon),
    ("GET / HTTP/1.1\r\nA: \u{1}\r\n\r\n", .controlCharacter),
    ("GET /x HTTP/1.1\r\nA: \(String(repeating: "b", count: 9_000))\r\nGET / HTTP/1.1\r\n\r\n", .lineTooLong),
    ("GET /x HTTP/1.1\r\n\(String(repeating: "a: b\r\n", count: 200))GET / HTTP/1.1\r\n\r\n", .headTooLong),
  ]

  @Test(arguments: odd.indices, sizes)
  func `notes what two readers may read differently`(index: Int, size: Int) {
    let found = Self.requests([.handshake, .client(Self.odd[index].head)], size)
    #expect(found.contains { $0.path == "/" && $0.anomalies.contains(Self.odd[index].anomaly) })
  }

  @Test func `every anomaly is noted somewhere`() {
    #expect(Set(Self.odd.map(\.anomaly)).union([.afterLoss]) == Set(HTTPAnomaly.allCases))
  }

  @Test func `answers that nobody asked for, or behind a line of JSON, are told of`() {
    let answers = Self.observed([
      .handshake, .client("GET / HTTP/1.1\r\n\r\n"), .serverLine("{}"),
      .server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n"),
    ]).compactMap { if case .response(let response) = $0 { response } else { nil } }
    #expect(answers.map(\.status) == [200, 404])
    #expect(answers.map(\.request?.path) == ["/", nil])
  }

  @Test(arguments: sizes)
  func `a smuggled request is seen by either reading`(size: Int) {
    // By Content-Length the second request is in the body, by Transfer-Encoding it is not.
    let found = Self.requests(
      [
        .handshake,
        .client(
          "POST /a HTTP/1.1\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /cgi-bin/reboot.cgi HTTP/1.1\r\n\r\n"
        ),
      ], size)
    #expect(found.map(\.path) == ["/a", "/cgi-bin/reboot.cgi"])
    // Two lengths: everything that looks like a request behind them is told of.
    let other = Self.requests(
      [
        .handshake,
        .client(
          "POST /a HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 60\r\n\r\nGET /cgi-bin/reboot.cgi HTTP/1.1\r\n\r\n"),
      ], size)
    #expect(other.map(\.path) == ["/a", "/cgi-bin/reboot.cgi"])
  }

  // MARK: Robustness

  @Test(arguments: told.indices)
  func `ends well wherever it stops, and whatever is lost`(index: Int) {
    let steps = Self.told[index].steps
    for (place, step) in steps.enumerated() {
      guard let (role, bytes) = step.said else { continue }
      for count in 0..<bytes.count {
        let start: [Step] = [.handshake] + steps[..<place]
        _ = Self.lines(
          start + [role == .client ? .client(Array(bytes.prefix(count))) : .server(Array(bytes.prefix(count)))], 1_448)
      }
      var holed = steps
      holed[place] = .lost(role, bytes.count)
      let lines = Self.lines([.handshake] + holed, 100)
      #expect(lines.count { $0 == "introduced" } <= 2)
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `survives changed bytes`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for (_, steps, _) in Self.told {
      let changed = steps.map { step -> Step in
        guard let (role, said) = step.said, !said.isEmpty else { return step }
        var bytes = said
        for _ in 0..<3 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
        return role == .client ? .client(bytes) : .server(bytes)
      }
      _ = Self.lines([.handshake] + changed, Int(random.next() % 60) + 1)
    }
  }

  // MARK: Running

  private static func lines(_ steps: [Step], _ size: Int) -> [String] {
    Conversation(steps, serverPort: 80).observations(segmentSize: size).map(\.line)
      .filter {
        $0 != "identified http" && !$0.hasPrefix("ended") && !$0.hasPrefix("request ") && !$0.hasPrefix("answer ")
      }
      .map { line in
        ["http ", "stratum "].first { line.hasPrefix($0) }.map { String(line.dropFirst($0.count)) } ?? line
      }
  }

  private static func observed(_ steps: [Step], _ size: Int = 1_448) -> [HTTPEvent] {
    Conversation(steps, serverPort: 80).observations(segmentSize: size)
      .compactMap { if case .http(let event) = $0.content { event } else { nil } }
  }

  private static func requests(_ steps: [Step], _ size: Int = 1_448) -> [HTTPRequest] {
    observed(steps, size).compactMap { if case .request(let request) = $0 { request } else { nil } }
  }
}

extension Conversation.Step {
  /// Who says what, if it is that.
  var said: (Role, [UInt8])? {
    switch self {
    case .client(let bytes): (.client, bytes)
    case .server(let bytes): (.server, bytes)
    default: nil
    }
  }
}
