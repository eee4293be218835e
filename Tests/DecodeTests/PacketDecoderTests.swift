import Capture
import Testing

import struct Simulator.SplitMix64

@testable import Decode

struct PacketDecoderTests {
  @Test(arguments: SampleFrame.all)
  func `reads every kind of frame to its end`(frame: SampleFrame) {
    let decoded = decode(frame.bytes, frame.link)
    #expect(decoded.outcome == .packet)
    #expect(decoded.packet.unopened == .packet)
    #expect(decoded.holdsInvariant)
    #expect(decoded.packet.timestamp == Timestamp(nanoseconds: 7))
    #expect(decoded.packet.interface == 3)
    #expect(decoded.payload.upperBound == frame.bytes.count)
    #expect(decoded.packet.claimedPayloadLength == decoded.packet.payloadLength)
  }

  @Test(arguments: SampleFrame.all)
  func `refuses or survives every truncation`(frame: SampleFrame) {
    for count in 0..<frame.bytes.count {
      let lost = decode(Array(frame.bytes.prefix(count)), frame.link)
      #expect(lost.holdsInvariant, "\(count) bytes")
      // Where the frame ended on the wire, the lengths in its headers are wrong; inside a tunnel the outer one stands.
      #expect(
        lost.outcome != .packet || lost.packet.unopened != .packet || lost.packet.network == .arp, "\(count) bytes")

      let cut = decode(Array(frame.bytes.prefix(count)), frame.link, wireLength: frame.bytes.count)
      #expect(cut.holdsInvariant, "snapped at \(count)")
    }
  }

  @Test(arguments: SampleFrame.all)
  func `leaves nothing of the packet before`(frame: SampleFrame) {
    let fresh = decode(frame.bytes, frame.link).packet
    for other in SampleFrame.all {
      let used = decode(frame.bytes, frame.link, reusing: decode(other.bytes, other.link).packet).packet
      #expect(String(reflecting: used) == String(reflecting: fresh), "after \(other)")
    }
  }

  @Test
  func `keeps the payload in the frame whatever is changed`() {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SplitMix64(seed: seed)
    for round in 0..<100_000 {
      let frame = SampleFrame.all[round % SampleFrame.all.count]
      var bytes = frame.bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0 ... .max, using: &generator)
      }
      if round.isMultiple(of: 3) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
      let wireLength = bytes.count + (round.isMultiple(of: 2) ? Int.random(in: -20...70_000, using: &generator) : 0)
      let decoded = decode(bytes, frame.link, wireLength: wireLength)
      guard decoded.holdsInvariant else {
        Issue.record("seed \(seed), round \(round), \(frame): \(bytes)")
        return
      }
    }
  }

  @Test(arguments: [Int.min, -1, 0, .max])
  func `takes any length on the wire`(wireLength: Int) {
    for frame in SampleFrame.all {
      let decoded = decode(frame.bytes, frame.link, wireLength: wireLength)
      #expect(decoded.outcome == .packet)
      #expect(decoded.holdsInvariant)
    }
  }

  @Test
  func `reads the transport of a datagram put together`() {
    var packet = decode(ethernet(0x0800, ipv4(17, hex("0102030405060708"), fragment: 0x2001))).packet
    #expect(packet.fragment.isFragment)
    let datagram = hex("ffff") + udp()
    #expect(PacketDecoder.decodeTransport(&packet, datagram.rawSpan, offset: 2) == .packet)
    #expect(packet.transport == .udp)
    #expect(packet.destinationPort == 53)
    #expect(packet.payloadOffset == 10)
    #expect(packet.payloadLength == 4)
    #expect(packet.source.description == "10.0.0.1")
    #expect(!packet.fragment.isFragment)
  }

  @Test
  func `skips extension headers that came in the fragments`() {
    var packet = decode(ethernet(0x86dd, ipv6(44, hex("3c00 0001 0000 0007") + udp()))).packet
    #expect(packet.ipProtocol == 60)
    let datagram = hex("0600 0104 0000 0000") + tcp()
    #expect(PacketDecoder.decodeTransport(&packet, datagram.rawSpan, offset: 0) == .packet)
    #expect(packet.ipProtocol == 6)
    #expect(packet.tcp.sequence == 0x0102_0304)
    #expect(packet.payloadOffset == 28)
  }

  @Test(arguments: [Int.min, -1, 0, 1, 7, 8, 9, .max])
  func `a transport that is not there is a fault`(offset: Int) {
    var packet = decode(ethernet(0x0800, ipv4(17, [1], fragment: 0x2000))).packet
    let datagram = hex("0000000000000000")
    let outcome = PacketDecoder.decodeTransport(&packet, datagram.rawSpan, offset: offset)
    #expect(outcome == .fault(offset <= 0 ? .udpLengthShorterThanHeader : .udpTruncated))
  }

  @Test
  func `keeps the payload in a datagram put together of any bytes`() {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SplitMix64(seed: seed)
    let protocols: [UInt8] = [0, 1, 4, 6, 17, 41, 43, 44, 47, 51, 58, 60]
    for round in 0..<20_000 {
      var packet = decode(SampleFrame.all[round % SampleFrame.all.count].bytes).packet
      packet.ipProtocol = protocols.randomElement(using: &generator) ?? 6
      packet.network = Bool.random(using: &generator) ? .ipv4 : .ipv6
      let datagram = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
        // Small numbers make plausible lengths and extension headers.
        UInt8.random(in: 0...(round.isMultiple(of: 2) ? 60 : 255), using: &generator)
      }
      let offset = Int.random(in: 0...datagram.count, using: &generator)
      let outcome = PacketDecoder.decodeTransport(&packet, datagram.rawSpan, offset: offset)
      guard Decoded(outcome: outcome, packet: packet, byteCount: datagram.count).holdsInvariant else {
        Issue.record("seed \(seed), round \(round), offset \(offset): \(datagram)")
        return
      }
    }
  }
}
