import Capture
import Testing

import struct Simulator.SplitMix64

@testable import Protocols

/// What a request says with a long body, many fields, several files, or a GraphQL document.
@Suite
struct HTTPContentTests {
  private static func request(_ body: String, type: String = "application/json", more: String = "") throws
    -> HTTPRequest
  {
    try #require(
      httpRequests(
        "POST /x HTTP/1.1\r\nContent-Type: \(type)\r\n\(more)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
      ).first)
  }

  private static let pools = #""pools":[{"url":"stratum+tcp://evil.example:3333","user":"mallory.x","pass":"x"}]"#
  private static let url = HTTPField("pools.url", "stratum+tcp://evil.example:3333")

  // MARK: Padding

  @Test(arguments: [10, 60, 127, 128, 140, 1_000])
  func `pools behind many fields are read`(count: Int) throws {
    let padding = (0..<count).map { #""k\#($0)":1,"# }.joined()
    let request = try Self.request("{\(padding)\(Self.pools)}")
    #expect(request.fields.contains(Self.url))
    #expect(request.fields.contains(HTTPField("pools.user", "mallory.x")))
    #expect(!request.isPartlyRead && request.fields.count <= Limits.httpFormFields + Limits.httpTargets)
    let command = APIRequest(request, number: 0)
    #expect(command.parameters["pools.url"] == Self.url.value && !command.isPartlyRead)
  }

  @Test func `pools behind more pools than any miner has are missed, and that is said`() throws {
    let padding = (0..<400).map { #""pool\#($0)":"x","# }.joined()
    let request = try Self.request("{\(padding)\(Self.pools)}")
    #expect(request.isPartlyRead && !request.fields.contains(Self.url))
    #expect(APIRequest(request, number: 0).isPartlyRead)
  }

  @Test func `a form of many fields`() throws {
    let padding = (0..<300).map { "k\($0)=1&" }.joined()
    let request = try Self.request(
      "\(padding)pool1=stratum%2Btcp://evil.example:3333", type: "application/x-www-form-urlencoded")
    #expect(request["pool1"] == Self.url.value && !request.isPartlyRead)
  }

  @Test(arguments: [5_000, 15_000, 17_000, 60_000])
  func `pools behind a long text are read, or it is said that they are not`(count: Int) throws {
    let request = try Self.request(#"{"pad":"\#(String(repeating: "x", count: count))",\#(Self.pools)}"#)
    #expect(request.fields.contains(Self.url) != request.isPartlyRead)
    #expect(request.isPartlyRead == (count > Limits.httpRequestBody))
  }

  @Test func `a form is one by its look, and a file that is called a form is a file`() throws {
    let plain = try Self.request("a=1&pool1=stratum%2Btcp://evil.example:3333", type: "text/plain")
    #expect(plain["pool1"] == Self.url.value && plain.uploads.count == 1)
    let image = try Self.request(
      "\u{1}\u{2}=" + String(repeating: "z", count: 20_000), type: "application/x-www-form-urlencoded")
    #expect(image.uploads.count == 1 && !image.isPartlyRead)
  }

  @Test func `a pool far inside a long text is read`() throws {
    let text = String(repeating: "a ", count: 400) + "url: stratum+tcp://evil.example:3333 and more"
    #expect(try Self.request(#"{"script":"\#(text)"}"#).fields.contains { $0.value == Self.url.value })
  }

  @Test func `a body that is compressed, or blank as far as it is read, says that it is not read`() throws {
    #expect(try Self.request("abc", more: "Content-Encoding: gzip\r\n").isPartlyRead)
    #expect(try !Self.request("{}", more: "Content-Encoding: identity\r\n").isPartlyRead)
    #expect(try Self.request(String(repeating: " ", count: 20_000) + "{\(Self.pools)}").isPartlyRead)
  }

  // MARK: Files

  private static func form(_ parts: [(head: String, content: String)], preamble: String = "") throws -> HTTPRequest {
    let body =
      preamble + parts.map { "--b\r\nContent-Disposition: form-data; \($0.head)\r\n\r\n\($0.content)\r\n" }.joined()
      + "--b--\r\n"
    return try request(body, type: "multipart/form-data; boundary=b")
  }

  @Test func `every file of a form is told`() throws {
    let file = (head: #"name="f"; filename="a.bmu""#, content: "{type:pool}abc")
    let others = [(head: #"name="x""#, content: String(repeating: "q", count: 5_000))]
    #expect(try Self.form(others + [file]).uploads.map(\.fileName) == ["a.bmu"])
    let text = (head: #"name="t"; filename="t.txt""#, content: "hello")
    let both = try Self.form([text, file])
    #expect(both.uploads.map(\.fileName) == ["t.txt", "a.bmu"] && !both.isPartlyRead)
    #expect(both.uploads.last?.start == Array("{type:pool}abc".utf8))
    let late = try Self.form([file], preamble: String(repeating: "preamble\r\n", count: 600))
    #expect(late.uploads.map(\.fileName) == ["a.bmu"])
    #expect(try Self.form([(head: #"name="x""#, content: "a"), (head: #"name="y""#, content: "b")]).uploads.count == 2)
  }

  @Test func `a file behind more than is read is missed, and that is said`() throws {
    let file = (head: #"name="f"; filename="a.bmu""#, content: "{type:pool}abc")
    let long = (head: #"name="x""#, content: String(repeating: "q", count: 20_000))
    #expect(try Self.form([long, file]).isPartlyRead)
    let small = (head: #"name="x"; filename="x""#, content: "q")
    #expect(try Self.form(Array(repeating: small, count: 20) + [file]).isPartlyRead)
    let image = (head: #"name="f"; filename="a.bmu""#, content: "&" + String(repeating: "z", count: 40_000))
    #expect(try !Self.form([image]).isPartlyRead, "an image is longer than what is kept")
  }

  // MARK: GraphQL

  static let documents: [(text: String, operation: String?)] = [
    ("query { bosminer { info { version } } }", "query"), ("{ bosminer { info } }", "query"),
    ("  query Q($a: [Int] = 1) @x(a: {b: 1}) { a }", "query"), ("mutation { stop }", "mutation"),
    ("# mutation\n{ a }", "query"), ("query { a(b: \"}mutation{\") }", "query"),
    ("query { a(b: \"\"\"}\n\" mutation{\"\"\") }", "query"), ("query A { a } mutation B { b }", "mutation"),
    ("fragment F on X { a } { ...F }", "query"), ("subscription { a }", "subscription"),
    ("query { mutation }", "query"), ("query { a", "unknown"), ("query { a(b: \"x) }", "unknown"),
    ("what { a }", "unknown"), ("abc", nil),
  ]

  @Test(arguments: documents.indices)
  func `an operation is told by the word in front of it`(index: Int) throws {
    let (text, operation) = Self.documents[index]
    let escaped = text.replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    #expect(try Self.request(#"{"query":"\#(escaped)"}"#)["graphql"] == operation)
  }

  @Test func `of several documents the gravest counts, and of one that is cut nothing is sure`() throws {
    #expect(try Self.request(#"[{"query":"{a}"},{"query":"mutation{b}"}]"#)["graphql"] == "mutation")
    let long = String(repeating: "a ", count: 10_000)
    #expect(try Self.request(#"{"query":"query{\#(long)}"}"#)["graphql"] == "unknown")
    #expect(httpRequests("GET /graphql?query=%7Ba%7D HTTP/1.1\r\n\r\n").first?["graphql"] == "query")
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `survives mutation`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for (text, _) in Self.documents { _ = GraphQLOperation(Array(text.utf8).mutated(&random)[...]) }
  }
}
