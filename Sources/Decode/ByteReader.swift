/// Reads numbers and runs of bytes one after the other, for the protocols that are parsed a few times a session.
///
/// Headers that every packet has are read at constant offsets instead: that takes a third of the instructions.
@frozen
public struct ByteReader: ~Escapable {
  /// All bytes, read or not.
  public let source: RawSpan
  @usableFromInline
  var position = 0

  @inlinable
  @_lifetime(copy source)
  public init(_ source: RawSpan) {
    self.source = source
  }
}

/// Why bytes could not be read.
public enum DecodeError: Error, Equatable, Sendable {
  /// A read at offset `at` needed more bytes than were left.
  case truncated(needed: Int, available: Int, at: Int)
}

extension ByteReader {
  /// How many bytes were read. Never more than there are.
  @inlinable
  public var offset: Int { position }

  /// How many bytes are left.
  @inlinable
  public var remaining: Int { source.byteCount &- position }

  @inlinable
  @_lifetime(self: copy self)
  public mutating func readUInt8() throws(DecodeError) -> UInt8 {
    source.byte(at: try advance(1))
  }

  /// Reads two bytes in network order.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func readUInt16BE() throws(DecodeError) -> UInt16 {
    source.uint16(at: try advance(2))
  }

  /// Reads four bytes in network order.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func readUInt32BE() throws(DecodeError) -> UInt32 {
    source.uint32(at: try advance(4))
  }

  /// Reads eight bytes in network order.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func readUInt64BE() throws(DecodeError) -> UInt64 {
    source.uint64(at: try advance(8))
  }

  /// Passes over `count` bytes. A negative count fails like one that is too large.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func skip(_ count: Int) throws(DecodeError) {
    _ = try advance(count)
  }

  /// Reads `count` bytes without copying them. A negative count fails like one that is too large.
  @inlinable
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  public mutating func bytes(_ count: Int) throws(DecodeError) -> RawSpan {
    let start = try advance(count)
    return source.extracting(droppingFirst: start).extracting(first: count)
  }

  /// Takes `count` bytes.
  ///
  /// - Returns: where they start.
  @inlinable
  @_lifetime(self: copy self)
  mutating func advance(_ count: Int) throws(DecodeError) -> Int {
    guard count >= 0, count <= remaining else {
      throw .truncated(needed: count, available: remaining, at: position)
    }
    defer { position &+= count }
    return position
  }
}
