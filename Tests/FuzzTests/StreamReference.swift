import Capture
import Decode
import Flows
import Simulator

/// TCP reassembly as simply as it can be said: each byte of a stream is the first that was sent for its place. What
/// ``FlowTable`` delivers is held against that.
enum StreamReference {
  struct Segment {
    /// From the stream's first byte.
    var offset: Int
    var count: Int
    /// Not 0 for bytes other than the stream's.
    var twist: UInt8

    var bytes: [UInt8] {
      (offset..<offset + count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) ^ twist }
    }
  }

  /// - Returns: where the table and the reference part.
  static func objection(to segments: [Segment], initial: UInt32) -> String? {
    var (expected, isDisputed): ([Int: UInt8], Bool) = ([:], false)
    var length = 0
    for segment in segments {
      // A byte in front of the next one is a keep-alive's garbage (RFC 9293 §3.8.4).
      if segment.count == 1, segment.offset == length - 1 { continue }
      for (place, byte) in zip(segment.offset..., segment.bytes) {
        if let known = expected[place] { isDisputed = isDisputed || known != byte } else { expected[place] = byte }
      }
      while expected[length] != nil { length += 1 }
    }
    let (delivered, conflicts) = deliver(segments, initial: initial)
    let whole = (0..<length).compactMap { expected[$0] }
    if delivered != whole { return "delivers \(delivered), not \(whole), of \(segments)" }
    if conflicts != isDisputed { return "tells \(conflicts ? "a" : "no") conflict, of \(segments)" }
    return nil
  }

  /// What the flow table delivers of a client's segments, and whether it tells of a conflict.
  private static func deliver(_ segments: [Segment], initial: UInt32) -> ([UInt8], Bool) {
    var tap = StreamTap()
    tap.send(true, initial, 0, .synchronize, [])
    tap.send(false, 7, initial &+ 1, [.synchronize, .acknowledge], [])
    for segment in segments {
      tap.send(true, initial &+ 1 &+ UInt32(truncatingIfNeeded: segment.offset), 8, .acknowledge, segment.bytes)
    }
    return (tap.delivered, tap.table.statistics.conflicts > 0)
  }
}

/// A flow table that listens to one connection.
private struct StreamTap: ~Copyable {
  private(set) var table = FlowTable(capacity: 2, seed: 1, heldBytes: 1 << 20, recentBytes: 1 << 14)
  private(set) var delivered: [UInt8] = []

  private static let client = Host("10.20.0.1")
  private static let server = Host("203.0.113.10")

  mutating func send(
    _ isClient: Bool, _ sequence: UInt32, _ acknowledgment: UInt32, _ flags: TCPFlags, _ payload: [UInt8]
  ) {
    let (client, server) = (Self.client, Self.server)
    let frame = FrameBytes.tcp(
      from: isClient ? client : server, port: isClient ? 40_000 : 3_333, to: isClient ? server : client,
      port: isClient ? 3_333 : 40_000, sequence: sequence, acknowledgment: acknowledgment, flags: flags,
      payload: payload)
    let span = frame.span
    let bytes = unsafe span.bytes
    var packet = Packet()
    let captured = Frame(
      bytes: bytes, timestamp: Timestamp(seconds: 1_000), originalLength: frame.count, linkType: .ethernet, source: 0)
    guard PacketDecoder.decode(captured, into: &packet).isPacket else { return }
    let update = table.receive(&packet, bytes)
    delivered += frame[update.payloadOffset..<update.payloadOffset + update.payloadLength]
    for end in [update.sender, update.sender.other] {
      while update.hasHeld, let chunk = table.nextHeld(update.flow, end) {
        let held = Self.bytes(of: chunk, in: table)
        delivered += held
        table.release(chunk)
      }
    }
    _ = table.takeConflict()
  }

  private static func bytes(of chunk: HeldChunk, in table: borrowing FlowTable) -> [UInt8] {
    let held = table.heldBytes(chunk)
    var bytes: [UInt8] = []
    for place in 0..<held.byteCount { bytes.append(held.byte(at: place)) }
    return bytes
  }
}
