import Capture
import Decode
import Protocols
import Testing

import struct Simulator.SplitMix64

struct NTPPacketTests {
  /// A server's answer of 48 bytes, sent at 2026-11-25 21:00:00 UTC.
  static let answer = hex(
    """
    24 02 06 ec 00000123 00000456 c0a80101
    ee28e8a0 00000000 ee28e8d0 00000000 ee28e8d0 10000000
    ee28e8d0 20000000
    """)
  static let sent = Timestamp(seconds: Int64(0xee28_e8d0) - 2_208_988_800)

  static func read(_ payload: [UInt8], claimed: Int? = nil) -> NTPPacket? {
    withSpan(payload) { NTPPacket($0, claimedLength: claimed ?? payload.count) }
  }

  @Test func `reads a server's time`() throws {
    let packet = try #require(Self.read(Self.answer))
    #expect(packet.mode == 4 && packet.version == 4 && packet.stratum == 2 && packet.servesTime)
    #expect(packet.offset(at: Self.sent) == 0)
    #expect(packet.offset(at: Self.sent.advanced(by: .seconds(-7_200))) == 7_200)
    #expect(packet.offset(at: Self.sent.advanced(by: .seconds(90))) == -90)
  }

  /// The count of seconds comes round in 2036 (RFC 5905 §6).
  @Test func `knows the era that is nearest`() {
    var packet = NTPPacket(mode: 4, version: 4, byteCount: 48)
    packet.transmitted = 5
    #expect(packet.offset(at: Timestamp(seconds: (1 << 32) - 2_208_988_800)) == 5)
    #expect(packet.offset(at: Timestamp(seconds: .max)) <= Int(Int32.max))
  }

  @Test func `a clock that is not set serves no time`() throws {
    for (offset, value) in [(0, 0xe4), (1, 0), (1, 16)] as [(Int, UInt8)] {
      var bytes = Self.answer
      bytes[offset] = value
      #expect(try #require(Self.read(bytes)).servesTime == false)
    }
    #expect(
      try #require(Self.read(Array(Self.answer.prefix(40)) + [UInt8](repeating: 0, count: 8))).servesTime == false)
  }

  /// Sizes behind the 48 bytes, and what they are.
  @Test(
    arguments: [
      ("01020304", .extended),  // A crypto-NAK.
      (String(repeating: "ab", count: 20), .extended), (String(repeating: "ab", count: 24), .extended),
      ("0204 0010" + String(repeating: "00", count: 12), .extended),
      ("0204 0010" + String(repeating: "00", count: 12) + String(repeating: "ab", count: 20), .extended),
      ("0204 0008 00000000", .malformed), ("0204 0100" + String(repeating: "00", count: 28), .malformed),
      (String(repeating: "41", count: 200), .malformed),
    ] as [(String, NTPPacket.Layout)])
  func `knows what may follow a time message`(tail: String, layout: NTPPacket.Layout) throws {
    #expect(try #require(Self.read(Self.answer + hex(tail))).layout == layout)
  }

  @Test func `what the capture cut is nobody's fault`() throws {
    #expect(try #require(Self.read(Self.answer, claimed: 148)).layout == .extended)
    #expect(try #require(Self.read(Array(Self.answer.prefix(20)), claimed: 48)).servesTime == false)
  }

  @Test func `observes sums of a minute, and what differs`() {
    var site = Site()
    func say(_ bytes: [UInt8], fromMiner: Bool) {
      let ends: [(IPAddress, UInt16)] = [(Site.miner, 123), (ProtocolStageDatagramTests.resolver, 123)]
      site.datagram(bytes, from: ends[fromMiner ? 0 : 1], to: ends[fromMiner ? 1 : 0])
    }
    for _ in 0..<20 {
      say(RecogniserTests.ntp, fromMiner: true)
      site.now = site.now.advanced(by: .seconds(10))
    }
    // Nine packets are no reason to speak; what is no NTP is, and so is a control message.
    say(Array("exfiltrated, in some way or other, by a port that is open".utf8), fromMiner: true)
    site.now = site.now.advanced(by: .seconds(11))
    say([0x26] + [UInt8](repeating: 0, count: 11), fromMiner: true)
    var found: [String] = []
    for observation in site.take() {
      guard case .ntp(let packet) = observation.content else { continue }
      found.append("\(packet.mode) \(packet.layout) \(packet.count)")
    }
    #expect(found == ["3 plain 1", "3 plain 6", "3 plain 6", "3 plain 6", "5 foreign 2", "6 plain 1"])
  }

  @Test func `survives every truncation and any change`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    let whole = Self.answer + hex("0204 0010") + [UInt8](repeating: 0, count: 12)
    for count in 0...whole.count { _ = Self.read(Array(whole.prefix(count)), claimed: whole.count) }
    for _ in 0..<5_000 {
      var bytes = whole
      for _ in 0...random.next() % 4 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xff) }
      let packet = Self.read(bytes)
      #expect(packet.map { $0.offset(at: Self.sent).magnitude < 1 << 32 } ?? true, "seed \(seed)")
    }
  }
}
