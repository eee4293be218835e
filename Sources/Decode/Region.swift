/// The part of a frame that the next header is read from.
///
/// Its first byte is the header's first. Bytes are only ever taken off at both ends, so whatever is found in it lies in
/// the frame.
struct Region: ~Escapable {
  /// What was captured of it.
  let bytes: RawSpan
  /// Where it starts in the frame.
  let offset: Int
  /// Bytes that it had on the wire: more than `bytes` holds when the snap length cut the frame.
  let wireLength: Int

  @inline(__always)
  @_lifetime(copy bytes)
  init(bytes: RawSpan, offset: Int, wireLength: Int) {
    self.bytes = bytes
    self.offset = offset
    self.wireLength = wireLength
  }

  /// What follows a header of `count` bytes. When the snap length cut inside the header, it is empty.
  @inline(__always)
  @_lifetime(copy self)
  func dropping(_ count: Int) -> Region {
    let captured = min(count, bytes.byteCount)
    return Region(
      bytes: bytes.extracting(droppingFirst: captured), offset: offset &+ captured, wireLength: wireLength &- count)
  }

  /// The first `count` bytes, or as many of them as were captured: what follows is not the packet's, for example the
  /// zeros that fill an Ethernet frame up.
  @inline(__always)
  @_lifetime(copy self)
  func keeping(_ count: Int) -> Region {
    Region(bytes: bytes.extracting(first: count), offset: offset, wireLength: count)
  }
}
