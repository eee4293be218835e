import Capture
import Decode
import Flows
import Simulator

extension FuzzTarget {
  /// What stands before a stream: frames, fragments, segments.
  static let packets: [FuzzTarget] = [decoder, fragments, reassembly]

  private static let linkTypes: [LinkType] = [.ethernet, .linuxCooked, .linuxCooked2, .raw, .ipv4, .ipv6]

  /// The first byte names the link type, and whether the snap length cut the frame.
  private static let decoder = FuzzTarget("decoder", seeds: { Seeds.frames.map { [0] + $0 } }) { input in
    var rest = FuzzInput(input)
    guard let first = rest.byte() else { return nil }
    let bytes = Array(input.dropFirst())
    return bytes.withBytes { span in
      var packet = Packet()
      var counters = DecodeCounters()
      let frame = Frame(
        bytes: span, timestamp: Timestamp(seconds: 1), originalLength: bytes.count + (first & 0x80 == 0 ? 0 : 700),
        linkType: linkTypes[Int(first & 0x7f) % linkTypes.count], source: 0)
      guard PacketDecoder.decode(frame, into: &packet, counting: &counters).isPacket else { return nil }
      let end = packet.payloadOffset + packet.payloadLength
      guard packet.payloadOffset >= 0, packet.payloadLength >= 0, end <= bytes.count else {
        return "the payload \(packet.payloadOffset)..<\(end) is not in a frame of \(bytes.count)"
      }
      guard packet.claimedPayloadLength >= packet.payloadLength else { return "more payload than is claimed" }
      return nil
    }
  }

  /// Frames, each behind its length in two bytes, as far as a datagram that is put together from some.
  private static let fragments = FuzzTarget("fragments", seeds: { Seeds.fragmentTrains }) { input in
    var table = FragmentTable(capacity: 4, seed: 1, budget: 64 << 10)
    var rest = FuzzInput(input)
    var packet = Packet()
    var second: Int64 = 1
    while let high = rest.byte(), let low = rest.byte() {
      let frame = rest.bytes(Int(high) << 8 | Int(low))
      second += Int64(high >> 6)
      let span = frame.span
      let bytes = unsafe span.bytes
      let captured = Frame(
        bytes: bytes, timestamp: Timestamp(seconds: second), originalLength: frame.count, linkType: .ethernet, source: 0
      )
      guard PacketDecoder.decode(captured, into: &packet).isPacket, packet.fragment.isFragment,
        let datagram = table.receive(packet, bytes)
      else { continue }
      _ = PacketDecoder.decodeTransport(&packet, table.bytes(datagram), offset: 0)
      table.release(datagram)
    }
    return table.bytesInUse > 64 << 10 ? "\(table.bytesInUse) bytes held of 64 KiB" : nil
  }

  /// Segments of one stream in any order, against ``StreamReference``.
  private static let reassembly = FuzzTarget("reassembly", seeds: { Seeds.segmentations }) { input in
    var rest = FuzzInput(input)
    let first = UInt32(rest.byte() ?? 0) << 24 | UInt32(rest.byte() ?? 0)
    var segments: [StreamReference.Segment] = []
    while segments.count < 40, let offset = rest.byte(), let count = rest.byte(), let twist = rest.byte() {
      segments.append(.init(offset: Int(offset), count: Int(count) % 64 + 1, twist: twist < 200 ? 0 : twist))
    }
    return StreamReference.objection(to: segments, initial: first)
  }
}
