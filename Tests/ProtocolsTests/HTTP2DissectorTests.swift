import Protocols
import Testing

import struct Simulator.SplitMix64

/// HTTP/2 in the clear, and HPACK by the examples of RFC 7541 Appendix C.
struct HTTP2DissectorTests {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// A frame: its kind, flags, stream and payload.
  static func frame(_ kind: UInt8, _ flags: UInt8 = 0, _ stream: UInt8 = 1, _ payload: [UInt8]) -> [UInt8] {
    [0, UInt8(payload.count >> 8), UInt8(payload.count & 255), kind, flags, 0, 0, 0, stream] + payload
  }

  /// A field that is spelled out and not added to the table.
  static func field(_ name: String, _ value: String) -> [UInt8] {
    [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
  }

  /// Appendix C.4: three requests whose texts are in Huffman's code, each building on the table that the one before left.
  static let blocks = [
    "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf",
    "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
  ].map(hex)

  private static func requests(_ bytes: [UInt8], _ size: Int = 1_448) -> [HTTPRequest] {
    events([.client(bytes)], size).compactMap { if case .request(let request) = $0 { request } else { nil } }
  }

  private static func events(_ steps: [Conversation.Step], _ size: Int = 1_448) -> [HTTPEvent] {
    Conversation([.handshake] + steps, serverPort: 50_051).observations(segmentSize: size)
      .compactMap { if case .http(let event) = $0.content { event } else { nil } }
  }

  @Test(arguments: [1, 2, 7, 64, 1_448])
  func `reads the requests of RFC 7541 C.4`(size: Int) {
    let bytes =
      Self.preface + Self.frame(4, 0, 0, [])
      + Self.blocks.enumerated().flatMap { index, block in
        Self.frame(1, 5, UInt8(2 * index + 1), block)
      }
    let found = Self.requests(bytes, size)
    #expect(found.map(\.method) == ["GET", "GET", "GET"])
    #expect(found.map(\.path) == ["/", "/", "/index.html"])
    #expect(found.allSatisfy { $0.host == "www.example.com" && $0.isHTTP2 })
  }

  @Test func `the same without Huffman's code, as in C.3`() {
    let block = hex("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d")
    let second = hex("8286 84be 5808 6e6f 2d63 6163 6865")
    let found = Self.requests(Self.preface + Self.frame(1, 5, 1, block) + Self.frame(1, 5, 3, second))
    #expect(found.map(\.host) == ["www.example.com", "www.example.com"])
  }

  @Test(arguments: [1, 5, 1_448])
  func `a gRPC call in pieces, and its answer`(size: Int) {
    let path = Self.field(":path", "/braiins.bos.v1.ActionsService/PauseMining")
    let rest = Self.field("user-agent", "grpc-go/1.60")
    let events = Self.events(
      [
        .client(
          Self.preface + Self.frame(4, 0, 0, [0, 3, 0, 0, 0, 100])
            + Self.frame(1, 0x28, 3, [2, 0, 0, 0, 0, 16, 0x83] + path + [0, 0]) + Self.frame(9, 4, 3, rest)
            + Self.frame(0, 1, 3, [0, 0, 0, 0, 0])),
        .server(
          Self.frame(4, 0, 0, []) + Self.frame(1, 4, 3, [0x88]) + Self.frame(1, 5, 3, Self.field("grpc-status", "0"))),
      ], size)
    let told = events.map { event -> String in
      switch event {
      case .request(let request): "\(request.method) \(request.target) \(request.path) \(request.agent ?? "-")"
      case .response(let response): "\(response.status) \(response.request?.path ?? "-")"
      default: "\(event)"
      }
    }
    #expect(
      told == [
        "POST /braiins.bos.v1.ActionsService/PauseMining /braiins.bos.v1.actionsservice/pausemining grpc-go/1.60",
        "200 /braiins.bos.v1.actionsservice/pausemining",
      ])
  }

  // MARK: Joined in the middle

  private static func joined(_ steps: [Conversation.Step]) -> [String] {
    Conversation(steps + [.finish], serverPort: 50_051).observations().map(\.line)
      .filter { $0.hasPrefix("request") || $0.hasPrefix("identified") }
  }

  private static let call = "/braiins.bos.v1.PoolService/SetPoolGroups"
  private static let message = [0, 0, 0, 0, 4, 0x12, 2] + Array("ab".utf8)

  @Test func `a connection that is joined in its middle is read from the next frame on`() {
    let head = [0x83, 0x86] + Self.field(":path", Self.call) + Self.field("content-type", "application/grpc")
    let said = Self.frame(1, 4, 7, head) + Self.frame(0, 1, 7, Self.message)
    let answer = Self.frame(1, 4, 7, [0x88]) + Self.frame(1, 5, 7, Self.field("grpc-status", "0"))
    let told = ["identified http2", "request 0 http POST \(Self.call) 2=ab"]
    #expect(Self.joined([.client(said), .server(answer)]) == told)
    #expect(Self.joined([.server(answer), .client(said)]) == told)
    // Keepalives and windows first.
    let ping = Self.frame(6, 0, 0, [UInt8](repeating: 1, count: 8)) + Self.frame(8, 0, 0, [0, 0, 1, 0])
    #expect(Self.joined([.client(ping), .client(said), .server(answer)]) == told)
  }

  @Test func `what a field referred to before is not known, and the call is told where it says something`() {
    // The path is the 65th field, which was added before.
    let head: [UInt8] = [0x83, 0x86, 0xc1, 0xc0]
    let says = Self.frame(1, 4, 7, head) + Self.frame(0, 1, 7, Self.message)
    let asks = Self.frame(1, 4, 9, head) + Self.frame(0, 1, 9, [0, 0, 0, 0, 0])
    let later =
      Self.frame(1, 4, 11, [0x83, 0x86, 0x44, UInt8(Self.call.utf8.count)] + Array(Self.call.utf8))
      + Self.frame(0, 1, 11, Self.message) + Self.frame(1, 4, 13, [0x83, 0x86, 0xbe])
      + Self.frame(0, 1, 13, Self.message)
    #expect(
      Self.joined([.client(says), .client(asks), .client(later)]) == [
        "identified http2", "request 0 http POST (a path that was not seen) 2=ab",
        "request 2 http POST \(Self.call) 2=ab", "request 3 http POST \(Self.call) 2=ab",
      ])
  }

  @Test func `frames that do not fit are something else`() {
    let head = Self.frame(1, 4, 7, [0x83, 0x86])
    let others: [[UInt8]] = [
      Self.frame(6, 0, 0, [1, 2, 3]) + head, Self.frame(0, 1, 6, [1]) + head, head + Self.frame(8, 0, 7, [1]),
      Self.frame(10, 0, 0, []) + head, head + Self.frame(4, 1, 0, [0, 1, 0, 0, 0, 1]),
      Self.frame(1, 0x40, 7, [0x83]) + head,
    ]
    for bytes in others {
      #expect(Self.joined([.client(bytes)]) == ["identified unknown"] || Self.joined([.client(bytes)]).isEmpty)
    }
  }

  @Test func `goes over from HTTP 1`() {
    let lines = Conversation(
      [
        .handshake, .client("GET /x HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"),
        .server("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
        .server(Self.frame(4, 0, 0, [])), .client(Self.preface + Self.frame(1, 5, 3, Self.blocks[0])),
      ], serverPort: 80
    ).observations().map(\.line)
    #expect(lines.contains("identified http2") && lines.contains("http request GET / 0"))
  }

  @Test func `a block that is malformed ends the reading`() {
    let bad: [[UInt8]] = [
      [0x80], [0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0xfe], [0x40, 0x05, 0x61], [0x40, 0x81, 0xff, 0x00],
      [0x3f, 0xff, 0xff, 0x7f],
      [0x00, 0x81, 0x18, 0x00],
    ]
    for block in bad {
      let found = Self.requests(Self.preface + Self.frame(1, 5, 1, block) + Self.frame(1, 5, 3, hex("8284")))
      #expect(found.isEmpty)
    }
    #expect(Self.requests(Self.preface + Self.frame(1, 5, 1, hex("8284"))).count == 1)
    #expect(Self.requests(Self.preface + Self.frame(1, 0x0d, 1, [9, 0x82])).isEmpty)
  }

  @Test func `a table shrinks and grows as it is told`() {
    // Size 0 drops the entry that the first block added; a reference to it is then an error.
    let found = Self.requests(
      Self.preface + Self.frame(1, 5, 1, Self.blocks[0]) + Self.frame(1, 5, 3, hex("20 3fe11f 8286 84 be")))
    #expect(found.count == 1)
    let kept = Self.requests(
      Self.preface + Self.frame(1, 5, 1, Self.blocks[0]) + Self.frame(1, 5, 3, hex("3fe11f 8286 84 be")))
    #expect(kept.map(\.host) == ["www.example.com", "www.example.com"])
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func `survives changed and missing bytes`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bytes = Self.preface + Self.blocks.flatMap { Self.frame(1, 5, 1, $0) } + Self.frame(0, 1, 1, [1, 2, 3])
    for _ in 0..<4 {
      bytes[Self.preface.count + Int(random.next() % UInt64(bytes.count - Self.preface.count))] = UInt8(
        truncatingIfNeeded: random.next())
    }
    _ = Self.requests(Array(bytes.prefix(Int(random.next() % UInt64(bytes.count)))), Int(random.next() % 30) + 1)
    _ = Self.requests(bytes, 1_448)
    _ = Self.events([.client(bytes), .lost(.server, 5), .server(random.bytes(40)), .lost(.client, 3), .client(bytes)])
  }
}
