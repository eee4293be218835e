import Decode
import Flows
import Testing

import struct Simulator.SplitMix64
import enum Simulator.WebSocketBytes

@testable import Protocols

/// WebSockets by RFC 6455, and Stratum inside them.
@Suite
struct WebSocketTests {
  typealias Step = Conversation.Step

  private static let key: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
  private static let subscribe = #"{"id":1,"method":"mining.subscribe","params":["cgminer/4.12.1"]}"#
  private static let subscribed = #"{"id":1,"result":[[["mining.notify","ae"]],"08000002",4],"error":null}"#
  private static let authorize = #"{"id":2,"method":"mining.authorize","params":["mallory.x","x"]}"#
  private static let granted = #"{"id":2,"result":true,"error":null}"#
  private static let grantedLater = #"{"id":3,"result":true,"error":null}"#
  private static let upgrade: [Step] = [
    .client(WebSocketBytes.request(host: "pool.evil.example:8080")), .server(WebSocketBytes.answer()),
  ]

  private static func client(_ text: String, first: UInt8 = 0x81) -> Step {
    .client(WebSocketBytes.frame(Array(text.utf8), first: first, key: key))
  }

  private static func server(_ text: String, first: UInt8 = 0x81) -> Step {
    .server(WebSocketBytes.frame(Array(text.utf8), first: first))
  }

  private static func observations(_ steps: [Step], _ segmentSize: Int = 1_448) -> [Observation] {
    Conversation(steps, serverPort: 8_080).observations(segmentSize: segmentSize)
  }

  private static func users(_ found: [Observation]) -> [String] {
    found.compactMap {
      if case .stratum(let event) = $0.content, case .user(let user, _) = event.what { user } else { nil }
    }
  }

  // MARK: Frames

  /// What messages of one direction say; nil where a frame is broken.
  private static func said(_ bytes: [UInt8], pieces: Int = .max) -> String? {
    var reader = WebSocketReader()
    var text: [UInt8] = []
    var rest: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: min(pieces, bytes.count)) {
      rest += bytes[start..<min(start + min(pieces, bytes.count), bytes.count)]
      let isRead = withSpan(rest) { span -> Int? in
        var position = 0
        while position < span.byteCount {
          switch reader.step(span, from: position, into: &text) {
          case .wait: return position
          case .read(let next): position = next
          case .broken: return nil
          }
        }
        return position
      }
      guard let isRead else { return nil }
      rest.removeFirst(isRead)
    }
    return String(decoding: text, as: UTF8.self)
  }

  static let vectors: [(name: String, bytes: [UInt8], says: String?)] = [
    ("text", hex("81 05 48656c6c6f"), "Hello\n"),
    ("masked text", hex("81 85 37fa213d 7f9f4d5158"), "Hello\n"),
    ("fragments", hex("01 03 48656c 80 02 6c6f"), "Hello\n"),
    ("a ping between fragments", hex("01 03 48656c 89 05 48656c6c6f 80 02 6c6f"), "Hello\n"),
    ("an answer to a ping", hex("8a 85 37fa213d 7f9f4d5158"), ""),
    ("binary, which is a stream", hex("82 02 4865 82 03 6c6c6f"), "Hello"),
    ("binary, an object and no more", hex("82 07 7b2261223a317d 82 01 61"), "{\"a\":1}\na"),
    ("binary, an object in two frames", hex("02 04 7b226122 80 03 3a317d"), "{\"a\":1}\n"),
    (
      "binary, an object that goes on", hex("82 07 7b2261223a317d 82 02 2c7d".replacing("7b22", with: "5b22")),
      "[\"a\":1},}"
    ),
    ("binary, half an object", hex("82 04 7b227d22 82 04 3a317d0a"), "{\"}\":1}\n"),
    ("text that ends its line", hex("81 06 48656c6c6f0a"), "Hello\n"),
    ("compressed (RFC 7692 §7.2.3.1)", hex("c1 07 f248cdc9c90700"), ""),
    ("compressed, and then not", hex("c1 07 f248cdc9c90700 81 01 61"), "a\n"),
    ("nothing", hex("81 00"), ""),
    ("256 bytes", hex("82 7e 0100") + [UInt8](repeating: 0x61, count: 256), String(repeating: "a", count: 256)),
    (
      "64 KiB", hex("82 7f 0000000000010000") + [UInt8](repeating: 0x61, count: 65_536),
      String(repeating: "a", count: 65_536)
    ),
    ("a reserved bit", hex("a1 00"), nil),
    ("an unknown opcode", hex("83 00"), nil),
    ("a long ping", hex("89 7e 0080"), nil),
    ("a ping in pieces", hex("09 00"), nil),
    ("a length that is not the shortest", hex("82 7e 007d"), nil),
    ("a length of more than 63 bits", hex("82 7f 8000000000000000"), nil),
  ]

  @Test(arguments: vectors.indices)
  func `frames as the specification has them`(index: Int) {
    let (name, bytes, says) = Self.vectors[index]
    #expect(Self.said(bytes) == says, "\(name)")
    if bytes.count < 1_000 { #expect(Self.said(bytes, pieces: 1) == says, "\(name), byte by byte") }
  }

  // MARK: Sessions

  static let conversations: [(name: String, steps: [Step])] = [
    ("plain", [client(subscribe), server(subscribed), client(authorize), server(granted)]),
    (
      "binary, an object a message",
      [
        client(subscribe, first: 0x82), server(subscribed, first: 0x82), client(authorize, first: 0x82),
        server(granted, first: 0x82),
      ]
    ),
    (
      "binary, the line feeds inside",
      [
        client(subscribe + "\n", first: 0x82), server(subscribed + "\n", first: 0x82),
        client(authorize + "\n", first: 0x82), server(granted + "\n", first: 0x82),
      ]
    ),
    (
      "in fragments, with a ping between",
      [
        client(String(subscribe.prefix(20)), first: 0x01), client("?", first: 0x89),
        client(String(subscribe.dropFirst(20)), first: 0x80), server(subscribed), client(authorize), server(granted),
      ]
    ),
    (
      "a stream cut anywhere",
      [
        client(subscribe + "\n" + authorize.prefix(9), first: 0x82), server(subscribed + "\n", first: 0x82),
        client(authorize.dropFirst(9) + "\n", first: 0x82), server(granted + "\n", first: 0x82),
      ]
    ),
  ]

  @Test(arguments: conversations.indices, [1, 3, 7, 1_448])
  func `reads Stratum inside`(index: Int, segmentSize: Int) {
    let found = Self.observations([.handshake] + Self.upgrade + Self.conversations[index].steps, segmentSize)
    #expect(Self.users(found) == ["mallory.x"])
    let names = found.compactMap { if case .flowIdentified(let name) = $0.content { name } else { nil } }
    #expect(names == [.http, .webSocket, .stratum])
    let wrappers = found.compactMap { if case .wrapped(let wrapper) = $0.content { wrapper } else { nil } }
    #expect(wrappers == [Wrapper(.webSocket, host: "pool.evil.example", port: 8_080)])
    let isAccused = found.contains {
      if case .stratum(let event) = $0.content, case .anomaly = event.what { true } else { false }
    }
    #expect(!isAccused)
    // What wraps is told before what is inside.
    let lines = found.map(\.line)
    #expect(
      lines.firstIndex(of: "wrapped websocket") ?? .max < lines.firstIndex { $0.hasPrefix("stratum") } ?? 0)
    #expect(lines.last { $0.hasPrefix("stratum shares") } == "stratum shares 0 0")
  }

  @Test func `a miner that does not wait for the answer`() {
    let (_, steps) = Self.conversations[0]
    let found = Self.observations([.handshake, Self.upgrade[0], steps[0], Self.upgrade[1]] + steps.dropFirst())
    #expect(Self.users(found) == ["mallory.x"])
  }

  @Test func `joined in the middle`() {
    let (_, steps) = Self.conversations[0]
    let found = Self.observations(Array(steps))
    #expect(Self.users(found) == ["mallory.x"])
    #expect(
      found.map(\.line).filter { $0.hasPrefix("wrapped") || $0.hasPrefix("identified") }
        == ["wrapped websocket", "identified stratum"])
  }

  @Test func `reads on behind what was lost`() {
    let share = #"{"id":3,"method":"mining.submit","params":["mallory.y","1","00","00000000","00000000"]}"#
    let found = Self.observations(
      [.handshake] + Self.upgrade + Self.conversations[0].steps + [
        .lost(.client, 300), Self.client(share), .lost(.server, 40), Self.server(Self.grantedLater), .finish,
      ])
    #expect(Self.users(found) == ["mallory.x", "mallory.y"])
  }

  @Test func `what is compressed is said to be`() {
    let deflate = "permessage-deflate; client_max_window_bits"
    let found = Self.observations([
      .handshake, .client(WebSocketBytes.request(host: "stratum.example", offers: deflate)),
      .server(WebSocketBytes.answer(agreesOn: "permessage-deflate")),
      .client(WebSocketBytes.frame(hex("f248cdc9c90700"), first: 0xc1, key: Self.key)),
    ])
    let wrapper = found.compactMap { if case .wrapped(let wrapper) = $0.content { wrapper } else { nil } }.first
    #expect(wrapper?.isCompressed == true)
    let refused = Self.observations([
      .handshake, .client(WebSocketBytes.request(host: "stratum.example", offers: deflate)),
      .server(WebSocketBytes.answer()),
    ])
    #expect(refused.contains { if case .wrapped(let wrapper) = $0.content { !wrapper.isCompressed } else { false } })
  }

  @Test func `identifiers behind masks are seen`() {
    let report = #"{"mac":"02:00:0a:14:01:02","id":1}"#
    var talk = Conversation([.handshake] + Self.upgrade + [Self.client(report)], serverPort: 8_080)
    talk.clientMAC = MACAddress(rawValue: 0x0200_0a14_0102)
    #expect(talk.observations().map(\.line).contains { $0.hasPrefix("identifier") })
  }

  @Test func `a session's place is given back`() {
    var site = Site(sessions: 1)
    for port in UInt16(40_000)..<40_004 {
      var talk = Conversation(
        [.handshake] + Self.upgrade + Self.conversations[0].steps + [.finish], serverPort: 8_080)
      talk.clientPort = port
      talk.run(through: &site)
      site.wait(seconds: 200)
    }
    #expect(site.stage.counters.stratumSessionsRefused == 0)
    #expect(Self.users(site.take()).count == 4)
  }

  @Test(arguments: [1, 3, 1_448])
  func `survives truncation at every length`(segmentSize: Int) {
    let whole = WebSocketBytes.frame(Array(Self.subscribe.utf8), key: Self.key)
    for count in 0...whole.count {
      _ = Self.observations([.handshake] + Self.upgrade + [.client(Array(whole.prefix(count))), .finish], segmentSize)
    }
  }

  @Test(arguments: 0..<200)
  func `survives mutation`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let steps = (Self.upgrade + Self.conversations[Int(seed) % Self.conversations.count].steps).enumerated().map {
      place, step -> Step in
      guard place > 1 else { return step }
      switch step {
      case .client(let bytes): return .client(bytes.mutated(&random))
      case .server(let bytes): return .server(bytes.mutated(&random))
      default: return step
      }
    }
    _ = Self.observations([.handshake] + steps, 1 + Int(random.next() % 90))
  }
}
