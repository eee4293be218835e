import Testing

import struct Simulator.SplitMix64

@testable import Protocols

/// Arguments of gRPC calls: protobuf's wire format by its own examples, and Braiins's calls (braiins/bos-plus-api proto/bos/v1).
@Suite
struct GRPCTests {
  private static func message(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, 0, UInt8(bytes.count)] + bytes }
  private static func text(_ number: UInt8, _ text: String) -> [UInt8] {
    [number << 3 | 2, UInt8(text.utf8.count)] + Array(text.utf8)
  }
  private static func inner(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(bytes.count)] + bytes
  }

  static let vectors: [(bytes: [UInt8], fields: [String])] = [
    (hex("08 9601"), ["1=150"]),
    (hex("12 07 74657374696e67"), ["2=testing"]),
    (hex("1a 03 08 9601"), ["3.1=150"]),
    (hex("11 0000000000405540"), ["2=85"]),
    (hex("15 0000c03f"), ["2=1.5"]),
    (hex("0a 00"), ["1="]),
    (hex("08 ffffffffffffffffff01"), ["1=18446744073709551615"]),
    // Neither text nor a message.
    (hex("0a 03 000102"), []),
    // A length beyond the end, a group, field 0, a number that never ends.
    (hex("08 01 12 7f 61"), ["1=1"]),
    (hex("08 01 1b"), ["1=1"]),
    (hex("08 01 00 01"), ["1=1"]),
    (hex("08 ffffffffffffffffffffff01"), []),
  ]

  @Test(arguments: vectors.indices)
  func `reads the wire format`(index: Int) {
    let (bytes, fields) = Self.vectors[index]
    #expect(GRPCMessage(Self.message(bytes)).fields.map { "\($0.name)=\($0.value)" } == fields)
  }

  @Test func `goes no deeper than it must`() {
    var bytes = hex("08 01")
    for _ in 0..<30 { bytes = Self.inner(1, bytes) }
    #expect(GRPCMessage(Self.message(bytes)).fields.isEmpty)
    #expect(GRPCMessage([1, 0, 0, 0, 2, 8, 1]).fields.isEmpty, "compressed")
  }

  private static let pools =
    hex("08 02")
    + inner(
      2,
      text(2, "main")
        + inner(5, text(2, "stratum+tcp://pool.evil.example:3333") + text(3, "mallory.x") + text(4, "hunter2")))

  private static func call(_ path: String, _ body: [UInt8], status: String = "0", pad: Int? = nil) -> [Conversation
    .Step]
  {
    typealias H2 = HTTP2DissectorTests
    let head =
      H2.field(":method", "POST") + H2.field(":path", path) + H2.field("content-type", "application/grpc")
    let padded = pad.map { [UInt8($0)] + body + [UInt8](repeating: 0, count: $0) }
    return [
      .handshake,
      .client(
        H2.preface + H2.frame(4, 0, 0, []) + H2.frame(1, 4, 1, head)
          + H2.frame(0, pad == nil ? 1 : 9, 1, padded ?? body)),
      .server(
        H2.frame(4, 0, 0, []) + H2.frame(1, 4, 1, [0x88] + H2.field("content-type", "application/grpc"))
          + H2.frame(1, 5, 1, H2.field("grpc-status", status))),
      .finish,
    ]
  }

  private static func lines(_ steps: [Conversation.Step], _ size: Int = 1_448) -> [String] {
    Conversation(steps, serverPort: 50_051).observations(segmentSize: size).map(\.line)
      .filter { $0.hasPrefix("request") || $0.hasPrefix("answer") }
  }

  @Test(arguments: [1, 3, 17, 1_448], [nil, 0, 9])
  func `a call is told with its pool, and without the password`(size: Int, pad: Int?) {
    let path = "/braiins.bos.v1.PoolService/SetPoolGroups"
    #expect(
      Self.lines(Self.call(path, Self.message(Self.pools), pad: pad), size) == [
        "request 0 http POST \(path) 1=2 2.2=main 2.5.2=stratum+tcp://pool.evil.example:3333 2.5.3=mallory.x 2.5.4=",
        "answer 0 accepted",
      ])
  }

  @Test func `a power target`() {
    let body = Self.message(hex("08 02 12 03 08 ac1b"))
    #expect(
      Self.lines(Self.call("/braiins.bos.v1.PerformanceService/SetPowerTarget", body, status: "16")) == [
        "request 0 http POST /braiins.bos.v1.PerformanceService/SetPowerTarget 1=2 2.1=3500", "answer 0 denied",
      ])
  }

  @Test func `a login is a credential, and its password is nowhere`() throws {
    let steps = Self.call(
      "/braiins.bos.v1.AuthenticationService/Login", Self.message(Self.text(1, "root") + Self.text(2, "hunter2")))
    let found = Conversation(steps, serverPort: 50_051).observations()
    let request = found.compactMap {
      if case .http(.request(let request)) = $0.content { request } else { nil }
    }.first
    let credential = try #require(request?.credentials.first)
    #expect(credential.user == "root" && credential.isPassword("hunter2"))
    #expect(!found.contains { $0.line.contains("hunter2") })
    let other = Self.lines(
      Self.call("/braiins.bos.v1.AuthenticationService/SetPassword", Self.message(Self.text(1, "hunter2"))))
    #expect(!other.contains { $0.contains("hunter2") })
  }

  @Test func `a call whose body never ends is told when the flow does`() {
    let steps = Array(Self.call("/braiins.bos.v1.ActionsService/Stop", Self.message([])).prefix(2))
    let cut = Conversation(steps, serverPort: 50_051)
    guard case .client(let bytes) = cut.steps[1] else { return }
    let told = Self.lines([.handshake, .client(Array(bytes.dropLast(3))), .finish])
    #expect(told == ["request 0 http POST /braiins.bos.v1.ActionsService/Stop"])
  }

  @Test func `survives truncation at every length`() {
    let body = Self.message(Self.pools)
    for count in 0...body.count { _ = GRPCMessage(Array(body.prefix(count))) }
  }

  @Test(arguments: 0..<200)
  func `survives mutation`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    _ = GRPCMessage(Self.message(Self.pools).mutated(&random))
    let steps = Self.call("/x", Self.message(Self.pools), pad: 3).map { step -> Conversation.Step in
      switch step {
      case .client(let bytes): .client(bytes.mutated(&random))
      case .server(let bytes): .server(bytes.mutated(&random))
      default: step
      }
    }
    _ = Self.lines(steps, 1 + Int(random.next() % 60))
  }
}
