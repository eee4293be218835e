import Capture
package import Decode

/// A datagram that was put together, in its ``FragmentTable``.
package struct DatagramIndex: Hashable, Sendable, BitwiseCopyable {
  let rawValue: UInt32
}

/// What the fragment table did, since it was made.
package struct FragmentStatistics: Equatable, Sendable {
  package var fragments: UInt64 = 0
  package var completed: UInt64 = 0
  /// Datagrams whose rest did not come within 30 s.
  package var expired: UInt64 = 0
  /// Datagrams that made room for another, because the table or its memory was full.
  package var evicted: UInt64 = 0
  /// Datagrams whose fragments disagree: about the same bytes, or about where the datagram ends.
  package var conflicting: UInt64 = 0
  /// Fragments that are no part of any datagram: empty, not a multiple of eight bytes, past 65,535, or cut by the snap length.
  package var refused: UInt64 = 0
  /// Datagrams dropped because they came in more pieces than one may have.
  package var tooManyPieces: UInt64 = 0

  package init() {}
}

/// Puts IP datagrams together from their fragments (RFC 791 §3.2, RFC 8200 §4.5).
///
/// Bounded in datagrams, pieces and bytes; the oldest datagram makes room. Where fragments overlap the first one wins, as in a
/// stream. If they differ the datagram is disputed, which is told with it: a receiver may take either, or drop all of it, as
/// RFC 5722 demands for IPv6. No honest sender is harmed by it.
package struct FragmentTable: ~Copyable {
  /// Linux waits as long for IPv4 (ipfrag_time) and half as long as RFC 8200 §4.5 allows for IPv6.
  private static let timeout: Int64 = 30_000_000_000
  private static let datagramLimit = 65_535

  struct Key: Zeroable, Equatable {
    var source: IPAddress
    var destination: IPAddress
    var identification: UInt32
    /// 0 for IPv6, where only the first fragment's counts (RFC 8200 §4.5).
    var ipProtocol: UInt8
    var outerVLAN: UInt16
    var innerVLAN: UInt16
  }

  struct Datagram: Zeroable {
    var key: Key
    var hash: UInt64
    var firstSeen: Timestamp
    var pieces = PieceChain()
    /// Bytes of the whole; 0 until the last fragment came.
    var total: UInt32 = 0
    var ipProtocol: UInt8
    /// Came in too many pieces: kept only so that the rest is not taken for a new datagram.
    var isSpoilt = false
    /// Fragments disagreed.
    var isDisputed = false
    var isInUse = true
    var isComplete = false
    var nextFree: UInt32 = 0
  }

  private var datagrams: Slab<Datagram>
  private var buckets: BucketTable
  private let hash: FlowHash
  private var held: HeldPieces
  private var order: AgeList
  private var completed = CompletedDatagrams()
  /// Ports of a datagram that the last fragment contradicts; 0 for none.
  private var contradiction: UInt32 = 0
  private var whole = Slab<UInt8>(count: 64 << 10)
  private var wholeCount = 0
  private var usedSlots = 0
  private var firstFree: UInt32 = 0

  package private(set) var statistics = FragmentStatistics()

  /// - Parameters:
  ///   - capacity: datagrams put together at one time.
  ///   - budget: bytes of fragments that wait, all together.
  package init(
    capacity: Int = Limits.fragmentedDatagrams, seed: UInt64, budget: Int = Limits.fragmentBytes
  ) {
    precondition(capacity > 0, "a fragment table holds at least one datagram")
    datagrams = Slab(count: capacity)
    buckets = BucketTable(capacity: capacity)
    hash = FlowHash(seed: seed)
    held = HeldPieces(budget: budget)
    order = AgeList(count: capacity)
  }

  /// Memory that waiting fragments take, in bytes.
  package var bytesInUse: Int { held.buffers.bytesInUse }

  /// Takes one fragment in.
  ///
  /// - Parameter packet: one whose ``Decode/Packet/fragment`` says so.
  /// - Returns: the datagram that it completes. Read it before the next call, then release it.
  package mutating func receive(_ packet: Packet, _ frame: RawSpan) -> DatagramIndex? {
    statistics.fragments += 1
    guard Self.isAcceptable(packet) else {
      statistics.refused += 1
      return nil
    }
    expire(packet.timestamp)
    let slot = find(packet)
    if packet.fragment.offset == 0 { datagrams[slot].ipProtocol = packet.ipProtocol }
    guard !datagrams[slot].isSpoilt, !datagrams[slot].isComplete else { return nil }
    guard noteEnd(packet, slot) else {
      dispute(slot)
      return nil
    }
    place(frame.extracting(packet.payload), packet, slot)
    let datagram = datagrams[slot]
    guard datagram.isInUse, datagram.total != 0, datagram.pieces.byteCount == datagram.total else { return nil }
    assemble(slot)
    let ports = wholeCount >= 4 ? whole.bytes(0..<4).uint32(at: 0) : 0
    completed.note(datagram.hash, total: datagram.total, ports: ports, at: packet.timestamp)
    return DatagramIndex(rawValue: UInt32(truncatingIfNeeded: slot))
  }

  /// The datagram's bytes, from the transport header on. Only the last completed one can be read.
  @_lifetime(borrow self)
  package func bytes(_ datagram: DatagramIndex) -> RawSpan {
    whole.bytes(0..<wholeCount)
  }

  /// IANA protocol number of what the datagram carries, as its first fragment says.
  package func ipProtocol(_ datagram: DatagramIndex) -> UInt8 {
    datagrams[Int(datagram.rawValue)].ipProtocol
  }

  /// Whether its fragments contradict each other, so that the receiver may have read something else.
  package func isDisputed(_ datagram: DatagramIndex) -> Bool {
    datagrams[Int(datagram.rawValue)].isDisputed
  }

  /// Ports, the source's in the upper half, of a datagram that was complete and that the last fragment contradicts; once. 0 for none.
  package mutating func takeContradiction() -> UInt32 {
    defer { contradiction = 0 }
    return contradiction
  }

  package mutating func release(_ datagram: DatagramIndex) {
    guard datagrams[Int(datagram.rawValue)].isComplete else { return }
    free(Int(datagram.rawValue))
  }
}

extension FragmentTable {
  /// Every fragment but the last carries a multiple of eight bytes, none is empty, and none reaches past the largest datagram.
  private static func isAcceptable(_ packet: Packet) -> Bool {
    let end = Int(packet.fragment.offset) + packet.payloadLength
    return packet.fragment.isFragment && packet.payloadLength > 0
      && packet.payloadLength == packet.claimedPayloadLength && packet.fragment.offset % 8 == 0
      && (!packet.fragment.moreFollow || packet.payloadLength % 8 == 0) && end <= datagramLimit
  }

  private mutating func find(_ packet: Packet) -> Int {
    let key = Key(
      source: packet.source, destination: packet.destination, identification: packet.fragment.identification,
      ipProtocol: packet.network == .ipv6 ? 0 : packet.ipProtocol, outerVLAN: packet.outerVLAN,
      innerVLAN: packet.innerVLAN)
    var hashed = FlowKey()
    (hashed.aHigh, hashed.aLow) = (key.source.high, key.source.low)
    (hashed.bHigh, hashed.bLow) = (key.destination.high, key.destination.low)
    hashed.rest = UInt64(key.identification) << 8 | UInt64(key.ipProtocol)
    let hash = hash(hashed)
    let found = buckets.find(hash) { datagrams[$0].key == key }
    return found >= 0 ? found : make(key, hash, packet)
  }

  private mutating func make(_ key: Key, _ hash: UInt64, _ packet: Packet) -> Int {
    contradiction = completed.contradicted(by: packet, hash)
    if contradiction != 0 { statistics.conflicting += 1 }
    if buckets.count >= datagrams.count { evictOldest() }
    let slot: Int
    if firstFree != 0 {
      slot = Int(firstFree) - 1
      firstFree = datagrams[slot].nextFree
    } else {
      slot = usedSlots
      usedSlots += 1
    }
    datagrams[slot] = Datagram(
      key: key, hash: hash, firstSeen: packet.timestamp, ipProtocol: packet.ipProtocol)
    buckets.insert(slot, hash)
    order.append(slot)
    return slot
  }

  /// Learns from the last fragment where the datagram ends.
  ///
  /// - Returns: false when that contradicts what came before; the fragment is then left out.
  private mutating func noteEnd(_ packet: Packet, _ slot: Int) -> Bool {
    let end = packet.fragment.offset + UInt32(truncatingIfNeeded: packet.payloadLength)
    let total = datagrams[slot].total
    guard packet.fragment.moreFollow else {
      if total != 0, total != end { return false }
      if let reach = held.end(of: datagrams[slot].pieces), reach > end { return false }
      datagrams[slot].total = end
      return true
    }
    return total == 0 || end <= total
  }

  private mutating func place(_ bytes: RawSpan, _ packet: Packet, _ slot: Int) {
    var result = insert(bytes, packet, slot)
    if result.droppedBytes > 0, Int(datagrams[slot].pieces.count) < Limits.fragmentsPerDatagram {
      // Out of memory: the oldest gives way, unless that is this one. Taking the fragment a second time is harmless,
      // because what was placed the first time is there already and the same.
      guard let oldest = order.oldest, oldest != slot else { return evictOldest() }
      evictOldest()
      result = insert(bytes, packet, slot)
    }
    if result.difference != nil { dispute(slot) }
    if result.droppedBytes > 0 {
      statistics.tooManyPieces += 1
      held.removeAll(of: &datagrams[slot].pieces)
      datagrams[slot].isSpoilt = true
    }
  }

  private mutating func insert(_ bytes: RawSpan, _ packet: Packet, _ slot: Int) -> HeldPieces.Insertion {
    held.insert(
      bytes, at: packet.fragment.offset, into: &datagrams[slot].pieces,
      within: PieceBounds(pieces: Limits.fragmentsPerDatagram, bytes: Self.datagramLimit), arrived: packet.timestamp)
  }

  /// Copies the pieces, which do not overlap and leave nothing out, behind each other.
  private mutating func assemble(_ slot: Int) {
    statistics.completed += 1
    datagrams[slot].isComplete = true
    wholeCount = Int(datagrams[slot].total)
    while let (piece, buffer) = held.popFirst(of: &datagrams[slot].pieces) {
      Self.copy(buffer, held.buffers, to: &whole, at: Int(piece.sequence))
      held.buffers.release(buffer)
    }
  }

  private static func copy(
    _ buffer: BufferIndex, _ buffers: borrowing StreamBuffers, to whole: inout Slab<UInt8>, at offset: Int
  ) {
    whole.copy(buffers.bytes(buffer), to: offset)
  }

  // MARK: Dropping

  private mutating func dispute(_ slot: Int) {
    if !datagrams[slot].isDisputed { statistics.conflicting += 1 }
    datagrams[slot].isDisputed = true
  }

  /// Drops what is too old. At most four datagrams a call, so that the work of one packet is bounded; more are not made
  /// by one packet either.
  private mutating func expire(_ now: Timestamp) {
    for _ in 0..<4 {
      guard let oldest = order.oldest, now.nanoseconds(since: datagrams[oldest].firstSeen) > Self.timeout else {
        return
      }
      if !datagrams[oldest].isSpoilt, !datagrams[oldest].isComplete { statistics.expired += 1 }
      free(oldest)
    }
  }

  private mutating func evictOldest() {
    guard let oldest = order.oldest else { return }
    statistics.evicted += 1
    free(oldest)
  }

  private mutating func free(_ slot: Int) {
    held.removeAll(of: &datagrams[slot].pieces)
    buckets.remove(slot, datagrams[slot].hash)
    order.remove(slot)
    datagrams[slot].isInUse = false
    datagrams[slot].isComplete = false
    datagrams[slot].nextFree = firstFree
    firstFree = UInt32(truncatingIfNeeded: slot + 1)
  }
}
