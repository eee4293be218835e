import Decode
import Testing

import struct Simulator.SplitMix64

@testable import Protocols

/// Ways in and ways round, told by their first bytes.
@Suite
struct TunnelRecogniserTests {
  private static let session = hex("334857703d96db39")
  private static let auth = SplitMix64.sample(3, 20)
  private static let time = hex("57a1c15f")
  private static let wireGuardData = hex("04000000 11223344 0500000000000000") + SplitMix64.sample(5, 32)

  static let datagrams: [(bytes: [UInt8], ports: (UInt16, UInt16), AppProtocol, Role?)] = [
    (hex("01000000") + SplitMix64.sample(1, 144), (40_000, 51_820), .wireGuard, .client),
    (hex("02000000") + SplitMix64.sample(2, 88), (51_820, 40_000), .wireGuard, .server),
    (hex("03000000") + SplitMix64.sample(2, 60), (51_820, 40_000), .wireGuard, .server),
    (wireGuardData, (40_000, 53), .wireGuard, nil),
    ([0x38] + session + [0, 0, 0, 0, 0], (40_000, 1_194), .openVPN, .client),
    ([0x40] + auth.prefix(8) + [1, 0, 0, 0, 0] + session + [0, 0, 0, 0], (443, 40_000), .openVPN, .server),
    ([0x38] + session + auth + [0, 0, 0, 1] + time + [0, 0, 0, 0, 0], (40_000, 443), .openVPN, .client),
    ([0x38] + session + [0, 0, 0, 1] + time + SplitMix64.sample(4, 37), (40_000, 443), .openVPN, .client),
    (
      [0x50] + session + [0x0f, 0, 0, 1] + time + SplitMix64.sample(4, 37) + SplitMix64.sample(6, 298) + [1, 0x2c],
      (40_000, 443), .openVPN, .client
    ),
    (session + hex("0000000000000000 21 20 22 08 00000000 0000001c"), (500, 500), .ipsec, .client),
    (session + auth.prefix(8) + hex("08 10 02 01 00000000 0000001c"), (500, 500), .ipsec, nil),
    ([0, 0, 0, 0] + session + hex("0000000000000000 21 20 22 08 00000000 0000001c"), (4_500, 4_500), .ipsec, .client),
    (hex("c1c2c3c4 00000009") + SplitMix64.sample(7, 84), (4_500, 40_000), .ipsec, nil),
    (hex("0001 0000 2112a442") + SplitMix64.sample(8, 12), (40_000, 3_478), .stun, .client),
    (hex("0101 0008 2112a442") + SplitMix64.sample(8, 20), (3_478, 40_000), .stun, .server),
    ([0, 1] + Array("update.bin".utf8) + [0] + Array("OCTET".utf8) + [0], (40_000, 69), .tftp, .client),
    (
      hex("16 fefd 0000 000000000000 0036 01 00002a 0000 000000 00002a fefd") + SplitMix64.sample(9, 40),
      (40_000, 4_433),
      .dtls, .client
    ),
    (hex("0d b2de5df14f5545eb 51303234 01") + SplitMix64.sample(9, 40), (40_000, 443), .quic, .client),
    (hex("c3 00000001 08 8394c8f03e515708 00 00 449e") + SplitMix64.sample(9, 1_184), (40_000, 443), .quic, .client),
  ]

  private func datagram(_ bytes: [UInt8], _ ports: (UInt16, UInt16)) -> (AppProtocol, Probe) {
    withSpan(bytes) { span in
      var first = FirstBytes(opening: span, answer: span.extracting(0..<0))
      (first.openerPort, first.answererPort) = ports
      return Recogniser.recognise(first, among: Recogniser.datagrams)
    }
  }

  @Test(arguments: datagrams.indices)
  func `tells a datagram`(index: Int) {
    let (bytes, ports, expected, opener) = Self.datagrams[index]
    #expect(datagram(bytes, ports) == (expected, .match(opener: opener)))
    // One byte more or less is another size: what is told by size is then not told.
    for other in [Array(bytes.dropLast()), bytes + [0xff]] {
      let (found, _) = datagram(other, ports)
      #expect(found == expected || found == .unknown)
    }
    for count in 0..<bytes.count { _ = datagram(Array(bytes.prefix(count)), ports) }
  }

  @Test func `does not take the like for it`() {
    #expect(datagram(hex("01000000") + SplitMix64.sample(1, 140), (1, 2)).0 == .unknown)
    #expect(datagram(hex("04000000 11223344 0500000001000000") + SplitMix64.sample(5, 32), (1, 2)).0 == .unknown)
    #expect(datagram([0x38] + Self.session + [1, 0, 0, 0, 0], (1, 1_194)).0 == .unknown)
    #expect(datagram([0x48] + SplitMix64.sample(1, 60), (1, 1_194)).0 == .unknown)
    #expect(datagram(hex("c1c2c3c4 00000009") + SplitMix64.sample(7, 84), (1, 2)).0 == .unknown)
    #expect(datagram(hex("0001 0004 2112a442") + SplitMix64.sample(8, 12), (1, 3_478)).0 == .unknown)
  }

  // MARK: Streams

  static let streams: [(opening: [UInt8], answer: [UInt8], AppProtocol, Role?)] = [
    (hex("fffd03 fffb18"), [], .telnet, nil),
    (hex("fffd25"), hex("fffc25"), .telnet, nil),
    (hex("fffd18 fffa1801fff0"), [], .telnet, nil),
    (hex("10 40 0004") + Array("MQTT".utf8) + hex("04 02 003c 0000"), [], .mqtt, .client),
    (hex("10 9a02 0006") + Array("MQIsdp".utf8) + hex("03 02 003c"), [], .mqtt, .client),
    ([0, 14, 0x38] + session + [0, 0, 0, 0, 0], [], .openVPN, .client),
    ([0, 42, 0x38] + session + auth + [0, 0, 0, 1] + time + [0, 0, 0, 0, 0], [], .openVPN, .client),
    (hex("0001 0000 2112a442") + SplitMix64.sample(8, 12), [], .stun, .client),
    ([5, 1, 0], [5, 0], .socks, .client),
    ([4, 1, 0x0d, 0x05, 203, 0, 113, 9, 0], [0, 0x5a, 0, 0, 0, 0, 0, 0], .socks, .client),
    (hex("802e 01 0301 0015 0000 0010") + SplitMix64.sample(4, 37), [], .tls, .client),
  ]

  private func stream(_ opening: [UInt8], _ answer: [UInt8]) -> (AppProtocol, Probe) {
    withSpan(opening) { first in
      withSpan(answer) { second in
        Recogniser.recognise(FirstBytes(opening: first, answer: second), among: Recogniser.streams)
      }
    }
  }

  @Test(arguments: streams.indices)
  func `tells a stream, however it is cut`(index: Int) {
    let (opening, answer, expected, opener) = Self.streams[index]
    #expect(stream(opening, answer) == (expected, .match(opener: opener)))
    for count in 1..<opening.count {
      let (found, probe) = stream(Array(opening.prefix(count)), [])
      #expect(probe == .needMore || (found == expected && probe == .match(opener: opener)), "first \(count) bytes")
    }
  }
}
