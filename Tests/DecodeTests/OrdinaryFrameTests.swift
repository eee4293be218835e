import Capture
import Testing

import struct Simulator.SplitMix64

@testable import Decode

/// The short way says of every frame what the long one says, or nothing.
@Suite struct OrdinaryFrameTests {
  /// Both ways' results, the short one's first; nil for it where it leaves the frame to the other.
  private static func both(_ bytes: [UInt8], wireLength: Int) -> (short: String?, long: String) {
    let frame = Frame(
      bytes: bytes.rawSpan, timestamp: Timestamp(nanoseconds: 7), originalLength: wireLength, linkType: .ethernet,
      source: 3)
    var (short, long) = (Packet(), Packet())
    let isOrdinary = PacketDecoder.decodeOrdinary(frame, into: &short)
    let outcome = PacketDecoder.decode(frame, into: &long)
    return (isOrdinary ? "packet \(short)" : nil, "\(outcome) \(long)")
  }

  @Test func `takes ordinary frames, whole, padded and cut`() {
    let frame = ethernet(0x0800, ipv4(6, tcp()))
    for (bytes, wireLength) in [
      (frame, frame.count), (frame + [0, 0, 0], frame.count + 3), (Array(frame.dropLast(2)), frame.count),
      (ethernet(0x0800, ipv4(6, tcp([]))), 54),
      (ethernet(0x0800, ipv4(6, tcp(offset: 0x80, options: [UInt8](repeating: 1, count: 12)))), 69),
    ] {
      let (short, long) = Self.both(bytes, wireLength: wireLength)
      #expect(short == long)
    }
  }

  @Test(arguments: [
    ethernet(0x86dd, ipv6(6, tcp())), ethernet(0x0800, ipv4(17, udp())),
    ethernet(0x0800, ipv4(6, tcp(), fragment: 0x2000)),
    ethernet(0x0800, ipv4(6, tcp(), options: [1, 1, 1, 1])), ethernet(0x0800, ipv4(6, tcp(offset: 0x40))),
    ethernet(0x0800, ipv4(6, tcp(), length: 1_500)), ethernet(0x0800, ipv4(6, tcp(), length: 30)),
    ethernet(0x8100, hex("000a 0800") + ipv4(6, tcp())),
  ])
  func `leaves others to the long way`(frame: [UInt8]) {
    #expect(Self.both(frame, wireLength: frame.count).short == nil)
  }

  @Test func `agrees with the long way on whatever bytes`() {
    var generator = SplitMix64(seed: 0x6f72_6469)
    let frames = [
      ethernet(0x0800, ipv4(6, tcp())), ethernet(0x0800, ipv4(6, tcp([]))),
      ethernet(0x0800, ipv4(6, tcp(hex("00112233445566778899"), offset: 0x70, options: [2, 4, 5, 0xb4, 1, 1, 1, 0]))),
    ]
    var ordinary = 0
    for round in 0..<20_000 {
      var frame = frames[round % frames.count]
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        frame[Int.random(in: 12..<frame.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      let wireLength = frame.count + Int.random(in: -4...4, using: &generator)
      if round % 5 == 0 { frame.removeLast(Int.random(in: 0..<frame.count, using: &generator)) }
      let (short, long) = Self.both(frame, wireLength: wireLength)
      guard let short else { continue }
      ordinary += 1
      #expect(short == long, "round \(round)")
    }
    #expect(ordinary > 5_000)
  }
}
