import Testing

import struct Simulator.SplitMix64

@testable import Protocols

@Suite
struct SOCKSDissectorTests {
  typealias Step = Conversation.Step

  private static let inside: [Step] = [
    .clientLine(#"{"id":1,"method":"mining.subscribe","params":["cgminer/4.12.1"]}"#),
    .serverLine(#"{"id":1,"result":[[["mining.notify","ae"]],"08000002",4],"error":null}"#),
  ]
  private static let name = Array("Pool.example".utf8)

  /// SOCKS 5 without authentication, to a name.
  private static let toName: [Step] = [
    .client([5, 2, 0, 2]), .server([5, 0]), .client([5, 1, 0, 3, 12] + name + [0x0d, 0x05]),
    .server([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  ]
  /// With user and password, to an IPv6 address.
  private static let withPassword: [Step] = [
    .client([5, 1, 2]), .server([5, 2]), .client([1, 3, 0x61, 0x62, 0x63, 1, 0x78]), .server([1, 0]),
    .client([5, 1, 0, 4] + hex("20010db8000000000000000000000007") + [0x0d, 0x05]),
    .server([5, 0, 0, 3, 4] + Array("exit".utf8) + [0x1f, 0x90]),
  ]
  /// A client that does not wait for its turn.
  private static let hasty: [Step] = [
    .client([5, 1, 0, 5, 1, 0, 1, 203, 0, 113, 9, 0x0d, 0x05]), .server([5, 0]),
    .server([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  ]
  private static let old: [Step] = [
    .client([4, 1, 0x0d, 0x05, 203, 0, 113, 9] + Array("joe".utf8) + [0]), .server([0, 0x5a, 0, 0, 0, 0, 0, 0]),
  ]
  private static let oldWithName: [Step] = [
    .client([4, 1, 0x0d, 0x05, 0, 0, 0, 1, 0] + name + [0]), .server([0, 0x5a, 0, 0, 0, 0, 0, 0]),
  ]

  private static let all: [([Step], Wrapper)] = [
    (toName, Wrapper(.socks5, host: "pool.example", port: 3_333)),
    (withPassword, Wrapper(.socks5, host: "2001:db8::7", port: 3_333)),
    (hasty, Wrapper(.socks5, host: "203.0.113.9", port: 3_333)),
    (old, Wrapper(.socks4, host: "203.0.113.9", port: 3_333)),
    (oldWithName, Wrapper(.socks4, host: "pool.example", port: 3_333)),
  ]

  private func observations(_ steps: [Step], segmentSize: Int = 1_448) -> [Observation] {
    Conversation([.handshake] + steps + [.finish], serverPort: 1_080).observations(segmentSize: segmentSize)
  }

  @Test(arguments: all.indices, [1, 3, 1_448])
  func `hands over to what is inside`(index: Int, segmentSize: Int) {
    let (steps, wrapper) = Self.all[index]
    let found = observations(steps + Self.inside, segmentSize: segmentSize)
    let wrappers = found.compactMap { if case .wrapped(let wrapper) = $0.content { wrapper } else { nil } }
    #expect(wrappers == [wrapper])
    let names = found.compactMap { if case .flowIdentified(let name) = $0.content { name } else { nil } }
    #expect(names == [.socks, .stratum])
  }

  /// What is said all the same is found as it is behind anything else.
  @Test func `is no tunnel when the proxy refuses`() {
    let refused: [Step] = Self.toName.dropLast() + [.server([5, 2, 0, 1, 0, 0, 0, 0, 0, 0])]
    let found = observations(refused + Self.inside).map(\.line)
    #expect(!found.contains { $0.hasPrefix("wrapped") } && found.last?.hasSuffix("stratum") == true)
  }

  @Test func `is not told without its answer`() {
    for step in [Self.toName[0], Self.old[0]] {
      #expect(!observations([step]).map(\.line).contains("identified socks"))
    }
  }

  @Test(arguments: 0..<200)
  func `survives mutation and truncation`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let (steps, _) = Self.all[Int(seed) % Self.all.count]
    let changed = (steps + Self.inside).map { step -> Step in
      switch step {
      case .client(let bytes): .client(bytes.mutated(&random))
      case .server(let bytes): .server(bytes.mutated(&random))
      default: step
      }
    }
    _ = observations(changed, segmentSize: 1 + Int(random.next() % 20))
  }
}
