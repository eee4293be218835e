import Capture
import Decode
import Testing

@testable import Flows

struct FragmentTableTests {
  static let original = (0..<100).map { UInt8($0) }

  static func packet(_ offset: Int, _ count: Int, more: Bool, identification: UInt32 = 7) -> Packet {
    var packet = Packet()
    packet.timestamp = Timestamp(seconds: 1_000)
    packet.network = .ipv4
    packet.source = IPAddress(v4: 0x0a00_0001)
    packet.destination = IPAddress(v4: 0x0a00_0002)
    packet.ipProtocol = 17
    packet.fragment = Fragment(
      isFragment: true, moreFollow: more, identification: identification, offset: UInt32(offset))
    packet.payloadOffset = 34
    packet.payloadLength = count
    packet.claimedPayloadLength = count
    return packet
  }

  /// Sends a fragment and gives back the datagram if it is whole.
  static func send(_ packet: Packet, _ bytes: [UInt8], to table: inout FragmentTable) -> [UInt8]? {
    let frame = frame(34, bytes)
    guard let datagram = table.receive(packet, frame.bytes(0..<frame.count)) else { return nil }
    let result = everything(table.bytes(datagram))
    table.release(datagram)
    return result
  }

  static func send(
    _ range: Range<Int>, more: Bool, identification: UInt32 = 7, to table: inout FragmentTable
  ) -> [UInt8]? {
    send(
      packet(range.lowerBound, range.count, more: more, identification: identification), Array(original[range]),
      to: &table)
  }

  @Test
  func `puts every order of four fragments together`() {
    let ranges = [0..<24, 24..<48, 48..<96, 96..<100]
    for order in StreamTests.permutations.map({ $0.filter { $0 < 4 } }) {
      var table = FragmentTable(capacity: 4, seed: 1)
      var whole: [UInt8]?
      for (position, index) in order.enumerated() {
        whole = Self.send(ranges[index], more: index < 3, to: &table)
        #expect((whole != nil) == (position == 3))
      }
      #expect(whole == Self.original)
      #expect(table.bytesInUse == 0)
      #expect(table.statistics.completed == 1)
    }
  }

  @Test
  func `overlaps and repeats that agree are taken`() {
    var table = FragmentTable(capacity: 4, seed: 1)
    #expect(Self.send(0..<24, more: true, to: &table) == nil)
    #expect(Self.send(0..<24, more: true, to: &table) == nil)
    #expect(Self.send(56..<100, more: false, to: &table) == nil)
    #expect(Self.send(16..<64, more: true, to: &table) == Self.original)
  }

  @Test
  func `of fragments that disagree the first wins, and the datagram is disputed`() throws {
    var table = FragmentTable(capacity: 4, seed: 1)
    #expect(Self.send(0..<24, more: true, to: &table) == nil)
    var other = Array(Self.original[16..<40])
    other[3] ^= 1
    #expect(Self.send(Self.packet(16, 24, more: true), other, to: &table) == nil)
    #expect(Self.send(0..<96, more: true, to: &table) == nil)
    let frame = frame(34, Array(Self.original[96...]))
    let completed = table.receive(Self.packet(96, 4, more: false), frame.bytes(0..<frame.count))
    let datagram = try #require(completed)
    let whole = everything(table.bytes(datagram))
    #expect(whole == Self.original)
    let isDisputed = table.isDisputed(datagram)
    #expect(isDisputed)
    table.release(datagram)
    #expect(table.statistics.conflicting == 1)
    #expect(table.bytesInUse == 0)
  }

  @Test
  func `of two different ends the second is left out`() {
    for ranges in [
      [(40..<100, false), (40..<99, false)], [(40..<100, false), (96..<104, true)],
      [(40..<96, true), (40..<60, false)],
    ] {
      var table = FragmentTable(capacity: 4, seed: 1)
      for (range, more) in ranges {
        let bytes = [UInt8](repeating: 0, count: range.count)
        #expect(Self.send(Self.packet(range.lowerBound, range.count, more: more), bytes, to: &table) == nil)
      }
      #expect(table.statistics.conflicting == 1)
    }
  }

  @Test
  func `refuses what is no part of a datagram`() {
    var table = FragmentTable(capacity: 4, seed: 1)
    var cut = Self.packet(0, 8, more: true)
    cut.claimedPayloadLength = 16
    let refused = [
      Self.packet(0, 0, more: true), Self.packet(8, 0, more: false), Self.packet(0, 7, more: true),
      Self.packet(65_528, 8, more: true), Self.packet(65_528, 16, more: false), Self.packet(3, 8, more: true), cut,
    ]
    for packet in refused {
      let bytes = [UInt8](repeating: 0, count: packet.payloadLength)
      #expect(Self.send(packet, bytes, to: &table) == nil)
    }
    #expect(table.statistics.refused == UInt64(refused.count))
    #expect(table.bytesInUse == 0)
  }

  @Test
  func `the largest datagram fits`() {
    var table = FragmentTable(capacity: 1, seed: 1)
    let large = (0..<65_535).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var whole: [UInt8]?
    for start in stride(from: 0, to: large.count, by: 1_480) {
      let bytes = Array(large[start..<min(start + 1_480, large.count)])
      whole = Self.send(Self.packet(start, bytes.count, more: start + 1_480 < large.count), bytes, to: &table)
    }
    #expect(whole == large)
  }

  @Test
  func `IPv6 is known by addresses and number alone, and carries what its first fragment says`() throws {
    var table = FragmentTable(capacity: 4, seed: 1)
    var last = Self.packet(8, 4, more: false)
    last.network = .ipv6
    last.ipProtocol = 60
    #expect(Self.send(last, [1, 2, 3, 4], to: &table) == nil)
    var first = Self.packet(0, 8, more: true)
    first.network = .ipv6
    let frame = frame(34, [UInt8](repeating: 9, count: 8))
    let completed = table.receive(first, frame.bytes(0..<frame.count))
    let datagram = try #require(completed)
    #expect(table.ipProtocol(datagram) == 17)
    #expect(everything(table.bytes(datagram)) == [9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 3, 4])
  }

  @Test
  func `forgets a datagram after thirty seconds`() {
    var table = FragmentTable(capacity: 4, seed: 1)
    #expect(Self.send(0..<96, more: true, to: &table) == nil)
    var late = Self.packet(96, 4, more: false)
    late.timestamp = Timestamp(seconds: 1_031)
    #expect(Self.send(late, Array(Self.original[96...]), to: &table) == nil)
    #expect(table.statistics.expired == 1)
    late.timestamp = Timestamp(seconds: 1)
    #expect(Self.send(late, Array(Self.original[96...]), to: &table) == nil)
    #expect(table.statistics.expired == 1)
  }

  @Test
  func `a flood of fragments costs bounded memory and spares what is being put together`() {
    var table = FragmentTable(capacity: 64, seed: 1, budget: 256 << 10)
    for round in 0..<200 as Range<UInt32> {
      #expect(Self.send(0..<96, more: true, identification: 1 << 20 + round, to: &table) == nil)
      for index in 0..<50 as Range<UInt32> {
        #expect(Self.send(8..<16, more: true, identification: round * 50 + index, to: &table) == nil)
      }
      #expect(Self.send(96..<100, more: false, identification: 1 << 20 + round, to: &table) == Self.original)
      #expect(table.bytesInUse <= 256 << 10)
    }
    #expect(table.statistics.evicted > 9_000)
  }

  @Test
  func `without memory the oldest datagram gives way`() {
    var table = FragmentTable(capacity: 64, seed: 1, budget: 64 << 10)
    for index in 0..<40 as Range<UInt32> {
      #expect(Self.send(0..<96, more: true, identification: index, to: &table) == nil)
    }
    #expect(table.statistics.evicted == 8)
    #expect(Self.send(96..<100, more: false, identification: 39, to: &table) == Self.original)
  }

  @Test
  func `a datagram in too many pieces is dropped`() {
    var table = FragmentTable(capacity: 4, seed: 1)
    for index in 0..<70 {
      #expect(Self.send(Self.packet(index * 16, 8, more: true), [UInt8](repeating: 1, count: 8), to: &table) == nil)
    }
    #expect(table.statistics.tooManyPieces == 1)
    #expect(table.bytesInUse == 0)
  }
}
