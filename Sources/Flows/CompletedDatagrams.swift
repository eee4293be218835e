import Capture
import Decode

/// The datagrams that were put together last, so that a fragment which comes too late for one of them and contradicts it is noticed.
///
/// Without that a short false end, which the receiver never gets, would have the true rest pass for a datagram that is never whole.
struct CompletedDatagrams: ~Copyable {
  struct Entry: Zeroable {
    var hash: UInt64 = 0
    var completedAt = Timestamp(nanoseconds: 0)
    var total: UInt32 = 0
    /// The transport header's first four bytes.
    var ports: UInt32 = 0
  }

  /// By hash; a newer one takes an older one's place. A gateway sees a few fragmented datagrams in a second.
  private var entries = Slab<Entry>(count: 256)

  mutating func note(_ hash: UInt64, total: UInt32, ports: UInt32, at time: Timestamp) {
    entries[place(hash)] = Entry(hash: hash, completedAt: time, total: total, ports: ports)
  }

  /// Whether a fragment reaches past the end of a datagram that was complete within the last second. One from the start makes a new
  /// datagram instead: identifications come round again.
  ///
  /// - Returns: that datagram's ports; 0 for none.
  func contradicted(by packet: Packet, _ hash: UInt64) -> UInt32 {
    let entry = entries[place(hash)]
    let end = packet.fragment.offset + UInt32(truncatingIfNeeded: packet.payloadLength)
    guard entry.total > 0, entry.hash == hash, packet.fragment.offset > 0, end > entry.total,
      packet.timestamp.nanoseconds(since: entry.completedAt) < FlowTimeouts.inFlight
    else { return 0 }
    return entry.ports
  }

  private func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash & 255) }
}
