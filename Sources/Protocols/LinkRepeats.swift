import Capture
import Decode
import Flows

/// Keeps what hosts say to a link from being observed more often than it means something.
///
/// A host asks the same question every few seconds all day, and a storm is the same packet a thousand times: what is said
/// again within ``Capture/Limits/linkRepeatSeconds`` is counted and passed over. Beyond ``Capture/Limits/linkMessagesPerSecond``
/// different ones in a second nothing is observed, so that forged senders cost no more than that.
struct LinkRepeats: ~Copyable {
  struct Entry: Zeroable {
    var key: UInt64 = 0
    var time: Int64 = 0
  }

  private var entries = Slab<Entry>(count: Limits.linkRepeats)
  private let seed: UInt64
  /// The second that is being counted, and what it has had.
  private var second: Int64 = 0
  private var observed = 0
  /// Messages passed over because they were just said, and because there were too many.
  private(set) var repeated: UInt64 = 0
  private(set) var overflow: UInt64 = 0

  init(seed: UInt64) {
    self.seed = seed
  }

  /// Whether a message is to be observed.
  ///
  /// - Parameters:
  ///   - packet: not changed; `inout` because the compiler copies all of a borrowed one.
  ///   - payload: of the packet. Its first 256 bytes tell messages apart.
  mutating func admit(_ packet: inout Packet, _ payload: RawSpan) -> Bool {
    let key = key(&packet, payload)
    let now = packet.timestamp.nanoseconds
    let index = Int(truncatingIfNeeded: key) & (Limits.linkRepeats - 1)
    let age = packet.timestamp.nanoseconds(since: Timestamp(nanoseconds: entries[index].time))
    if entries[index].key == key, age.magnitude < UInt64(Limits.linkRepeatSeconds) * 1_000_000_000 {
      repeated &+= 1
      return false
    }
    if packet.timestamp.seconds != second {
      second = packet.timestamp.seconds
      observed = 0
    }
    guard observed < Limits.linkMessagesPerSecond else {
      overflow &+= 1
      return false
    }
    observed += 1
    entries[index] = Entry(key: key, time: now)
    return true
  }

  private func key(_ packet: inout Packet, _ payload: RawSpan) -> UInt64 {
    var hash = seed
    hash = (hash ^ packet.source.high).mixed ^ packet.source.low
    hash = (hash ^ packet.destination.high).mixed ^ packet.destination.low
    hash = (hash ^ packet.sourceMAC.rawValue ^ UInt64(packet.interface) << 48).mixed
    hash = (hash ^ UInt64(packet.outerVLAN) << 32 ^ UInt64(packet.innerVLAN) << 16 ^ UInt64(packet.sourcePort)).mixed
    let count = min(payload.byteCount, 256)
    var offset = 0
    while offset + 8 <= count {
      hash = (hash ^ payload.word(at: offset)).mixed
      offset += 8
    }
    while offset < count {
      hash = hash << 8 ^ UInt64(payload.byte(at: offset)) ^ hash >> 56
      offset += 1
    }
    // Zero marks an empty place.
    return max(hash.mixed, 1)
  }
}
