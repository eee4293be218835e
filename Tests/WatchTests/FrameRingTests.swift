import Capture
import Decode
import Protocols
import Simulator
import Testing

@testable import Watch

/// The last frames, and which of them belong to a conversation.
struct FrameRingTests {
  private static let start = Timestamp(seconds: 1_795_357_501)

  private static func address(_ last: UInt32) -> IPAddress { IPAddress(v4: 0x0a14_0000 + last) }

  /// What the ring needs of a packet from one host to another.
  private static func packet(_ from: UInt32, _ to: UInt32, _ fromPort: UInt16 = 1, _ toPort: UInt16 = 2) -> Packet {
    var packet = Packet()
    (packet.source, packet.destination) = (address(from), address(to))
    (packet.sourcePort, packet.destinationPort) = (fromPort, toPort)
    packet.ipProtocol = IPProtocol.tcp
    return packet
  }

  private static func flow(_ client: UInt32, _ server: UInt32, _ clientPort: UInt16 = 1, _ serverPort: UInt16 = 2)
    -> FrameSelector
  {
    .flow(
      client: Endpoint(address: address(client), port: clientPort),
      server: Endpoint(address: address(server), port: serverPort), ipProtocol: IPProtocol.tcp)
  }

  /// First bytes of the frames that are found: what each says.
  private static func said(_ frames: [KeptFrame]) -> [UInt8] { frames.map { $0.bytes[0] } }

  private static let plenty = FrameLimit(frames: 100, bytes: 1 << 20)

  @Test func `gives the last frames of a flow, in order, before a time and after it`() {
    var ring = FrameRing(frames: 64, bytes: 4_096)
    for number in 0..<10 {
      ring.keep(number, Self.packet(1, 2), after: number)
      ring.keep(number, Self.packet(2, 1, 2, 1), after: number)
      ring.keep(number, Self.packet(3, 2), after: number)
      ring.keep(number, Self.packet(1, 2, 9), after: number)
    }
    let flow = Self.flow(1, 2)
    let time = Self.start.advanced(by: .seconds(4))
    let three = FrameLimit(frames: 3, bytes: 1 << 20)
    // 76 bytes and 16 of header each.
    let narrow = FrameLimit(frames: 100, bytes: 200)
    let all = Self.said(ring.frames(of: flow, upTo: time, limit: Self.plenty))
    #expect(all == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    let last = Self.said(ring.frames(of: flow, upTo: time, limit: three))
    #expect(last == [3, 4, 4])
    let next = Self.said(ring.frames(of: flow, after: time, limit: three))
    #expect(next == [5, 5, 6])
    let few = Self.said(ring.frames(of: flow, upTo: time, limit: narrow))
    #expect(few == [4, 4])
    let third = ring.frames(of: .hosts([Self.address(3)]), upTo: time, limit: Self.plenty)
    #expect(third.count == 5)
    let nobody = ring.frames(of: .hosts([Self.address(4)]), upTo: time, limit: Self.plenty)
    #expect(nobody.isEmpty)
  }

  @Test func `keeps frames as they were, however often it has gone round`() {
    var random = SplitMix64(seed: 1)
    var ring = FrameRing(frames: 32, bytes: 2_000)
    var all: [KeptFrame] = []
    for number in 0..<5_000 {
      let bytes = (0..<Int.random(in: 0...700, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      let frame = KeptFrame(
        time: Self.start.advanced(by: .seconds(number)), originalLength: bytes.count + 1, linkType: .ethernet,
        bytes: bytes)
      all.append(frame)
      ring.keep(frame, Self.packet(1, 2))
      let held = ring.frames(of: Self.flow(1, 2), upTo: frame.time, limit: Self.plenty)
      #expect(held == Array(all.suffix(held.count)))
      #expect(held.last == frame)
      #expect(held.count <= 32)
      #expect(held.reduce(0) { $0 + $1.bytes.count } <= 2_000)
    }
    // A frame that is larger than the ring is not kept, and costs nothing that is.
    let count = ring.count
    ring.keep(
      KeptFrame(
        time: Self.start, originalLength: 3_000, linkType: .ethernet, bytes: [UInt8](repeating: 0, count: 3_000)),
      Self.packet(1, 2))
    let after = ring.count
    #expect(after == count)
  }

  @Test func `says when what was there will soon be gone`() {
    var ring = FrameRing(frames: 10, bytes: 1_000)
    let mark = ring.mark
    for number in 0..<4 { ring.keep(number, Self.packet(1, 2), after: number) }
    let soon = ring.hasHalfTurned(since: mark)
    ring.keep(4, Self.packet(1, 2), after: 4)
    let now = ring.hasHalfTurned(since: mark)
    #expect(!soon && now)
  }

  @Test func `a fragment belongs to its flow without ports`() {
    var ring = FrameRing(frames: 64, bytes: 64 << 10)
    var fragment = Self.packet(1, 2, 0, 0)
    fragment.fragment = Fragment(isFragment: true, moreFollow: true, identification: 1, offset: 0)
    ring.keep(7, fragment, after: 0)
    let own = ring.frames(of: Self.flow(1, 2, 40_000, 3_333), upTo: Self.start, limit: Self.plenty)
    let other = ring.frames(of: Self.flow(1, 3, 40_000, 3_333), upTo: Self.start, limit: Self.plenty)
    #expect(own.count == 1 && other.isEmpty)
  }
}

extension FrameRing {
  /// Keeps a frame of 76 bytes that all say the same number.
  fileprivate mutating func keep(_ number: Int, _ packet: Packet, after seconds: Int) {
    let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 76)
    let time = Timestamp(seconds: 1_795_357_501).advanced(by: .seconds(seconds))
    keep(KeptFrame(time: time, originalLength: 76, linkType: .ethernet, bytes: bytes), packet)
  }

  fileprivate mutating func keep(_ frame: KeptFrame, _ packet: Packet) {
    var packet = packet
    let span = frame.bytes.span
    let bytes = unsafe span.bytes
    keep(
      Frame(
        bytes: bytes, timestamp: frame.time, originalLength: frame.originalLength, linkType: frame.linkType, source: 0),
      &packet)
  }
}
