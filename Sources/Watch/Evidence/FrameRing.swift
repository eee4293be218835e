import Capture
import Decode
import Flows

/// The last frames that were read, so that an alert can be kept with the packets before it.
///
///     bytes    | ... older ... | 74 bytes | 1,514 bytes | 66 bytes | next frame -> |
///     entries  when, who to whom, and where the bytes are: 64 bytes each
///
/// Frames lie whole, one behind the other, and the oldest make room. Keeping one costs an entry and a copy of its bytes.
/// Frames that no decoder could read belong to nobody's traffic and are not kept.
struct FrameRing: ~Copyable, Sendable {
  private var bytes: Slab<UInt8>
  private var entries: Slab<Entry>
  /// Where the oldest entry is, and how many there are.
  private var first = 0
  private(set) var count = 0
  /// Where the next frame's bytes go.
  private var place = 0
  /// Frames and bytes kept since the start.
  private(set) var mark = Mark()

  /// What is known of a kept frame. All zero bytes are an entry of nobody's.
  struct Entry: Zeroable, Sendable {
    var time = Timestamp(nanoseconds: 0)
    var source = IPAddress(high: 0, low: 0)
    var destination = IPAddress(high: 0, low: 0)
    /// Of the first byte, and how many there are.
    var offset: UInt32 = 0
    var length: UInt32 = 0
    var originalLength: UInt32 = 0
    /// As ``Capture/LinkType``: all numbers that Decode reads fit.
    var linkType: UInt16 = 0
    var interface: UInt16 = 0
    /// As ``Decode/Packet`` has them: for ICMP type and code.
    var sourcePort: UInt16 = 0
    var destinationPort: UInt16 = 0
    var ipProtocol: UInt8 = 0
    var traits: Traits = []
  }

  struct Traits: OptionSet, Sendable, BitwiseCopyable {
    let rawValue: UInt8
    /// A piece of a datagram: it has no ports.
    static var fragment: Traits { Traits(rawValue: 1) }
    /// Found inside another packet; the addresses are those of the inner one.
    static var tunnelled: Traits { Traits(rawValue: 2) }
  }

  /// How far the ring has come.
  struct Mark: Equatable, Sendable {
    var frames: UInt64 = 0
    var bytes: UInt64 = 0
  }

  /// - Parameters:
  ///   - frames: kept at the most.
  ///   - bytes: of all of them together.
  init(frames: Int = Limits.evidenceFrames, bytes: Int = Limits.evidenceBytes) {
    entries = Slab(count: max(frames, 1))
    self.bytes = Slab(count: max(bytes, 1))
  }

  /// Decodes it once more: where evidence is wanted that costs less than to have every packet's way know of it.
  @inline(__always)
  mutating func keep(_ frame: borrowing Frame) {
    var packet = Packet()
    guard PacketDecoder.decode(frame, into: &packet).isPacket else { return }
    keep(frame, &packet)
  }

  /// - Parameter packet: the frame as it was decoded. Not changed: it is `inout` because the compiler copies all of a borrowed one.
  @inline(__always)
  mutating func keep(_ frame: borrowing Frame, _ packet: inout Packet) {
    let length = frame.bytes.byteCount
    guard length <= bytes.count else { return }
    makeRoom(for: length)
    bytes.copy(frame.bytes, to: place)
    var slot = first &+ count
    if slot >= entries.count { slot &-= entries.count }
    entries[slot] = Entry(
      time: frame.timestamp, source: packet.source, destination: packet.destination,
      offset: UInt32(truncatingIfNeeded: place), length: UInt32(truncatingIfNeeded: length),
      originalLength: UInt32(truncatingIfNeeded: frame.originalLength),
      linkType: UInt16(truncatingIfNeeded: frame.linkType.rawValue), interface: frame.source,
      sourcePort: packet.sourcePort, destinationPort: packet.destinationPort, ipProtocol: packet.ipProtocol,
      traits: Traits(packet.fragment.isFragment ? .fragment : [], packet.tunnel.kind == .none ? [] : .tunnelled))
    count &+= 1
    place &+= length
    mark.frames &+= 1
    mark.bytes &+= UInt64(truncatingIfNeeded: length)
  }

  @inline(__always)
  private mutating func makeRoom(for length: Int) {
    if place &+ length > bytes.count {
      // The end of the slab stays empty in this round: what still lies there is the oldest.
      while count > 0, Int(entries[first].offset) >= place { dropOldest() }
      place = 0
    }
    let end = place &+ length
    while count > 0, entries[first].lies(in: place..<end) { dropOldest() }
    if count == entries.count { dropOldest() }
  }

  @inline(__always)
  private mutating func dropOldest() {
    first &+= 1
    if first == entries.count { first = 0 }
    count &-= 1
  }

  /// Whether half of the ring was written since `mark`: what was in it then will soon be gone.
  func hasHalfTurned(since mark: Mark) -> Bool {
    let (frames, written) = (self.mark.frames &- mark.frames, self.mark.bytes &- mark.bytes)
    return frames >= UInt64(entries.count / 2) || written >= UInt64(bytes.count / 2)
  }
}

// MARK: - Reading

extension FrameRing {
  /// The entry at a place in time: 0 is the oldest.
  private func entry(_ index: Int) -> Entry {
    let slot = first + index
    return entries[slot < entries.count ? slot : slot - entries.count]
  }

  /// The last frames of a conversation up to and at a time, the oldest first.
  func frames(of wanted: FrameSelector, upTo time: Timestamp, limit: FrameLimit) -> [KeptFrame] {
    var found: [KeptFrame] = []
    var room = limit
    for index in stride(from: count - 1, through: 0, by: -1) {
      let entry = entry(index)
      guard entry.time <= time, matches(wanted, entry) else { continue }
      guard room.take(Int(entry.length)) else { break }
      found.append(frame(entry))
    }
    return found.reversed()
  }

  /// The first frames of a conversation after a time.
  func frames(of wanted: FrameSelector, after time: Timestamp, limit: FrameLimit) -> [KeptFrame] {
    var found: [KeptFrame] = []
    var room = limit
    for index in 0..<count {
      let entry = entry(index)
      guard entry.time > time, matches(wanted, entry) else { continue }
      guard room.take(Int(entry.length)) else { break }
      found.append(frame(entry))
    }
    return found
  }

  private func matches(_ wanted: FrameSelector, _ entry: Entry) -> Bool {
    if wanted.matches(entry) { return true }
    guard wanted.mayBeOuter, entry.traits.contains(.tunnelled) else { return false }
    // Rare enough to look into the frame once more for who sent the packet around it.
    var packet = Packet()
    guard PacketDecoder.decode(lend(entry), into: &packet).isPacket else { return false }
    return wanted.isBetween(packet.tunnel.source, packet.tunnel.destination)
  }

  @_lifetime(borrow self)
  private func lend(_ entry: Entry) -> Frame {
    let start = Int(entry.offset)
    return Frame(
      bytes: bytes.bytes(start..<start + Int(entry.length)), timestamp: entry.time,
      originalLength: Int(entry.originalLength), linkType: LinkType(rawValue: Int32(entry.linkType)),
      source: entry.interface)
  }

  private func frame(_ entry: Entry) -> KeptFrame {
    let frame = lend(entry)
    var copy: [UInt8] = []
    copy.reserveCapacity(frame.bytes.byteCount)
    for offset in 0..<frame.bytes.byteCount { copy.append(frame.bytes.byte(at: offset)) }
    return KeptFrame(
      time: entry.time, originalLength: frame.originalLength, linkType: frame.linkType, bytes: copy)
  }
}

extension FrameRing.Entry {
  /// Whether some of its bytes are there.
  @inline(__always)
  fileprivate func lies(in range: Range<Int>) -> Bool {
    Int(offset) < range.upperBound && Int(offset) &+ Int(length) > range.lowerBound
  }
}

extension FrameRing.Traits {
  fileprivate init(_ one: Self, _ other: Self) {
    self.init(rawValue: one.rawValue | other.rawValue)
  }
}

/// A frame that was copied out of the ring.
struct KeptFrame: Equatable, Sendable {
  let time: Timestamp
  /// Bytes on the wire.
  let originalLength: Int
  let linkType: LinkType
  let bytes: [UInt8]
}

/// How much is copied at the most.
struct FrameLimit {
  var frames: Int
  var bytes: Int

  /// Takes the room of one frame; false when there is none.
  mutating func take(_ length: Int) -> Bool {
    guard frames > 0, length + PcapFormat.recordHeader <= bytes else { return false }
    frames -= 1
    bytes -= length + PcapFormat.recordHeader
    return true
  }
}
