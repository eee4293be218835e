import Capture
import Decode

/// The bytes that were delivered last, of all followed streams together: what a retransmission is compared with.
///
/// One ring of bytes and one of segments. A segment names the one before it in its stream, so a retransmission walks back
/// through its own stream only; what the ring has overwritten meanwhile is simply not compared. To remember a segment costs
/// a copy of its bytes and one record.
struct RecentBytes: ~Copyable {
  /// How many segments a retransmission walks back: as many as are held behind a hole.
  static let walk = Limits.heldSegmentsPerStream

  struct Segment: Zeroable {
    /// Of the same stream: its number; 0 for none.
    var previous: UInt32
    /// Modulo 2^32; the place in the ring is its remainder.
    var position: UInt32
    var sequence: UInt32
    var byteCount: UInt32
    /// The stream it belongs to: guards against a number that has come round again.
    var stream: UInt32
  }

  struct Difference {
    /// In the bytes compared.
    var offset: Int
    /// Up to 64 bytes from the difference on, as delivered.
    var delivered: [UInt8]
  }

  private var bytes: Slab<UInt8>
  private var segments: Slab<Segment>
  private let byteMask: Int
  private let segmentMask: Int
  /// Number of the next segment; 0 is never used.
  private var nextNumber: UInt32 = 1
  /// Where the next segment's bytes go, modulo 2^32.
  private var position: UInt32 = 0

  /// - Parameters: both rounded up to powers of two, so that positions wrap with their counters.
  init(byteCount: Int, segmentCount: Int) {
    bytes = Slab(count: Self.powerOfTwo(atLeast: byteCount), isHot: true)
    segments = Slab(count: Self.powerOfTwo(atLeast: segmentCount))
    byteMask = bytes.count - 1
    segmentMask = segments.count - 1
  }

  /// Remembers `count` bytes of the frame from `offset` on.
  ///
  /// - Parameter previous: what this returned for the stream's last segment, or 0.
  /// - Returns: the segment's number, to be passed as `previous` with the next one.
  @inline(__always)
  mutating func append(
    _ frame: RawSpan, _ offset: Int, _ count: Int, stream: Int, previous: UInt32, sequence: UInt32
  ) -> UInt32 {
    var start = Int(position) & byteMask
    if start &+ count > bytes.count {
      // More than the whole ring: cannot be remembered, and needs not be: no IP packet is so long.
      guard count <= bytes.count else { return 0 }
      position &+= UInt32(truncatingIfNeeded: bytes.count &- start)
      start = 0
    }
    bytes.copy(frame, from: offset, count: count, to: start)
    if previous &+ 1 == nextNumber, extend(previous, stream: stream, sequence: sequence, by: count) { return previous }
    let number = nextNumber
    segments[Int(number) & segmentMask] = Segment(
      previous: previous, position: position, sequence: sequence, byteCount: UInt32(truncatingIfNeeded: count),
      stream: UInt32(truncatingIfNeeded: stream))
    position &+= UInt32(truncatingIfNeeded: count)
    nextNumber = number == .max ? 1 : number &+ 1
    return number
  }

  /// Makes the latest segment longer when these bytes follow right on its own: a stream in tiny segments with nothing in
  /// between is then one, and a retransmission need not walk back byte by byte.
  private mutating func extend(_ number: UInt32, stream: Int, sequence: UInt32, by count: Int) -> Bool {
    let place = Int(number) & segmentMask
    let segment = segments[place]
    guard number != 0, Int(segment.stream) == stream, segment.position &+ segment.byteCount == position,
      segment.sequence &+ segment.byteCount == sequence, Int(segment.byteCount) &+ count <= bytes.count / 2
    else { return false }
    segments[place].byteCount = segment.byteCount &+ UInt32(truncatingIfNeeded: count)
    position &+= UInt32(truncatingIfNeeded: count)
    return true
  }

  /// Compares a retransmission with what was delivered, as far as the ring still has it.
  ///
  /// - Parameter last: the number of the stream's last segment.
  func difference(_ later: RawSpan, sequence: UInt32, stream: Int, last: UInt32) -> Difference? {
    var number = last
    for _ in 0..<Self.walk {
      guard let segment = segment(number, of: stream) else { return nil }
      let start = segment.sequence.distance(from: sequence)
      let (from, to) = (max(start, 0), min(start + Int(segment.byteCount), later.byteCount))
      if from < to {
        let place = Int(segment.position) & byteMask
        let delivered = bytes.bytes(place + from - start..<place + to - start)
        if let offset = later.extracting(from..<to).firstDifference(from: delivered) {
          return Difference(offset: from + offset, delivered: delivered.copy(from: offset, limit: 64))
        }
      }
      if start <= 0 { return nil }
      number = segment.previous
    }
    return nil
  }

  private func segment(_ number: UInt32, of stream: Int) -> Segment? {
    guard number != 0, nextNumber &- number <= UInt32(truncatingIfNeeded: segments.count) else { return nil }
    let segment = segments[Int(number) & segmentMask]
    guard Int(segment.stream) == stream, position &- segment.position <= UInt32(truncatingIfNeeded: bytes.count)
    else { return nil }
    return segment
  }

  private static func powerOfTwo(atLeast count: Int) -> Int {
    var power = 16
    while power < count { power *= 2 }
    return power
  }
}
