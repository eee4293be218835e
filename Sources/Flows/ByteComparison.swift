import Decode

extension RawSpan {
  /// Where this and `other` first differ, in bytes from the start; nil when the shorter is the longer's beginning.
  ///
  /// Eight bytes a step.
  func firstDifference(from other: RawSpan) -> Int? {
    let count = Swift.min(byteCount, other.byteCount)
    var offset = 0
    while offset + 8 <= count {
      let difference = word(at: offset) ^ other.word(at: offset)
      if difference != 0 {
        return offset + difference.trailingZeroBitCount / 8
      }
      offset += 8
    }
    while offset < count {
      if byte(at: offset) != other.byte(at: offset) { return offset }
      offset += 1
    }
    return nil
  }

  /// A copy of at most `limit` bytes from `offset` on.
  func copy(from offset: Int, limit: Int) -> [UInt8] {
    guard offset < byteCount else { return [] }
    return (offset..<Swift.min(byteCount, offset + limit)).map { byte(at: $0) }
  }
}
