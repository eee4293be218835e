import Capture

/// What is held of one stream or datagram: pieces in order, without overlap, each in a buffer of its own.
struct PieceChain: Zeroable {
  /// The piece with the lowest number, as buffer + 1; 0 when nothing is held.
  var first: UInt32 = 0
  var count: UInt32 = 0
  var byteCount: UInt32 = 0

  init() {}

  var isEmpty: Bool { first == 0 }
}

/// How many pieces and bytes one chain may hold.
struct PieceBounds {
  var pieces: Int
  var bytes: Int
}

struct HeldPiece: Zeroable {
  /// The next piece, as buffer + 1; 0 after the last.
  var next: UInt32
  /// Of its first byte.
  var sequence: UInt32
  var byteCount: UInt32
  var arrived: Timestamp

  var end: UInt32 { sequence &+ byteCount }
}

/// Bytes that arrived before what belongs in front of them: chains of pieces in buffers of one pool.
///
/// Where pieces overlap the first to arrive wins; whether the later one says the same is told.
struct HeldPieces: ~Copyable {
  struct Insertion {
    /// Bytes that found no place.
    var droppedBytes = 0
    /// Bytes that were held already.
    var repeatedBytes = 0
    /// Where the new bytes first differ from what was held.
    var difference: Difference?
  }

  struct Difference {
    /// In the new bytes.
    var offset: Int
    var heldIn: BufferIndex
    var offsetInHeld: Int
  }

  var buffers: StreamBuffers
  /// By buffer.
  private var pieces: Slab<HeldPiece>

  init(budget: Int) {
    buffers = StreamBuffers(budget: budget)
    pieces = Slab(count: buffers.indexCount)
  }

  func first(of chain: PieceChain) -> HeldPiece? {
    chain.isEmpty ? nil : pieces[Int(chain.first) - 1]
  }

  /// The number after the last byte held.
  func end(of chain: PieceChain) -> UInt32? {
    var end: UInt32?
    var place = chain.first
    while place != 0 {
      end = pieces[Int(place) - 1].end
      place = pieces[Int(place) - 1].next
    }
    return end
  }

  /// Takes the first piece out of the chain. Its buffer is the caller's to release.
  mutating func popFirst(of chain: inout PieceChain) -> (HeldPiece, BufferIndex)? {
    guard let piece = first(of: chain) else { return nil }
    let buffer = BufferIndex(rawValue: chain.first - 1)
    chain.first = piece.next
    chain.count -= 1
    chain.byteCount -= piece.byteCount
    return (piece, buffer)
  }

  mutating func removeAll(of chain: inout PieceChain) {
    while let (_, buffer) = popFirst(of: &chain) {
      buffers.release(buffer)
    }
  }

  /// Puts `bytes` where they belong, leaving out what is held already. Work is bounded by the pieces that a chain may have.
  mutating func insert(
    _ bytes: RawSpan, at sequence: UInt32, into chain: inout PieceChain, within bounds: PieceBounds, arrived: Timestamp
  ) -> Insertion {
    var result = Insertion()
    var offset = 0
    var previous: UInt32 = 0
    var place = chain.first
    while offset < bytes.byteCount {
      let piece = place == 0 ? nil : pieces[Int(place) - 1]
      let start = piece.map { $0.sequence.distance(from: sequence) } ?? bytes.byteCount
      if offset < start {
        let end = min(start, bytes.byteCount)
        let part = bytes.extracting(offset..<end)
        let number = sequence.advanced(byBytes: offset)
        guard let new = add(part, number, after: previous, to: &chain, bounds, arrived) else {
          result.droppedBytes = bytes.byteCount - offset
          return result
        }
        previous = new
        offset = end
        continue
      }
      guard let piece else { return result }
      let end = min(start + Int(piece.byteCount), bytes.byteCount)
      if offset < end {
        note(bytes, offset..<end, startOfHeld: start, heldIn: BufferIndex(rawValue: place - 1), &result)
        offset = end
      }
      previous = place
      place = piece.next
    }
    return result
  }

  private func note(
    _ bytes: RawSpan, _ range: Range<Int>, startOfHeld: Int, heldIn buffer: BufferIndex, _ result: inout Insertion
  ) {
    result.repeatedBytes += range.count
    guard result.difference == nil else { return }
    let offsetInHeld = range.lowerBound - startOfHeld
    let held = buffers.bytes(buffer).extracting(offsetInHeld..<offsetInHeld + range.count)
    guard let difference = bytes.extracting(range).firstDifference(from: held) else { return }
    result.difference = Difference(
      offset: range.lowerBound + difference, heldIn: buffer, offsetInHeld: offsetInHeld + difference)
  }

  private mutating func add(
    _ bytes: RawSpan, _ sequence: UInt32, after previous: UInt32, to chain: inout PieceChain, _ bounds: PieceBounds,
    _ arrived: Timestamp
  ) -> UInt32? {
    guard Int(chain.count) < bounds.pieces, Int(chain.byteCount) + bytes.byteCount <= bounds.bytes else { return nil }
    guard var buffer = buffers.acquire(capacity: bytes.byteCount) else { return nil }
    _ = buffers.append(bytes, to: &buffer)
    let new = buffer.rawValue + 1
    let next = previous == 0 ? chain.first : pieces[Int(previous) - 1].next
    pieces[Int(buffer.rawValue)] = HeldPiece(
      next: next, sequence: sequence, byteCount: UInt32(truncatingIfNeeded: bytes.byteCount), arrived: arrived)
    if previous == 0 { chain.first = new } else { pieces[Int(previous) - 1].next = new }
    chain.count += 1
    chain.byteCount += UInt32(truncatingIfNeeded: bytes.byteCount)
    return new
  }
}
