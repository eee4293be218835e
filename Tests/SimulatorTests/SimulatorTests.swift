import Capture
import Decode
import Simulator
import Testing

@Suite
struct SimulatorTests {
  @Test
  func `the same seed gives the same site`() {
    #expect(Self.site(seed: 7).captureFile == Self.site(seed: 7).captureFile)
    #expect(Self.site(seed: 7).captureFile != Self.site(seed: 8).captureFile)
  }

  @Test
  func `a healthy site sends at the rates of a real one`() {
    let tape = Self.site(seed: 1, seconds: 620)
    let settled = tape.frames.filter { $0.time >= Timestamp(seconds: 1_790_000_020) }
    let perMinerAndSecond = Double(settled.count) / 600 / 20
    // By our count, 0.4 packets a second for a share each 10 s and a job each 30 s; a job of two segments adds some.
    #expect((0.35...0.65).contains(perMinerAndSecond), "\(perMinerAndSecond) packets a second and miner")
  }

  @Test
  func `frames are in order of time`() {
    for tape in [Self.site(seed: 3), AttackedSite.tape()] {
      #expect(zip(tape.frames, tape.frames.dropFirst()).allSatisfy { $0.time <= $1.time })
    }
  }

  @Test(arguments: [1, 2, 7, 64, 1_448])
  func `a conversation says the same in segments of any size`(segmentSize: Int) {
    var conversation = Conversation(
      from: Host("10.20.0.2"), to: Host("203.0.113.10"), port: 3333,
      turns: [.client("hello"), .server("a longer answer, in more than one segment when they are small")])
    conversation.segmentSize = segmentSize
    let tape = conversation.tape(at: Timestamp(seconds: 1))
    // Ethernet, IPv4 and TCP without options are 54 bytes.
    let said = { (client: Bool) in
      tape.frames.filter { ($0.bytes[29] == 2) == client }.flatMap { $0.bytes.dropFirst(54) }
    }
    #expect(said(true) == Array("hello\n".utf8))
    #expect(said(false) == Array("a longer answer, in more than one segment when they are small\n".utf8))
  }

  @Test
  func `checksums are those of a network card`() {
    for frame in Self.site(seed: 5, seconds: 2).frames {
      #expect(Self.onesComplementSum(frame.bytes[14..<34]) == 0xffff)
      let segment = frame.bytes[34...]
      let pseudo = Array(frame.bytes[26..<34]) + [0, frame.bytes[23], 0, 0]
      let sum = Self.onesComplementSum(pseudo[...]) + Self.onesComplementSum(segment) + UInt32(segment.count)
      #expect((sum & 0xffff) + (sum >> 16) == 0xffff || (sum & 0xffff) + (sum >> 16) == 0x1fffe - 0xffff)
    }
  }

  private static func site(seed: UInt64, seconds: Int = 30) -> Tape {
    var plan = HealthySite.Plan()
    plan.miners = 20
    plan.seed = seed
    var site = HealthySite(plan)
    return site.tape(until: plan.start.advanced(by: .seconds(seconds)))
  }

  /// RFC 1071, folded.
  private static func onesComplementSum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() { sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte) }
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    return sum
  }
}
