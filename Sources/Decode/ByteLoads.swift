/// The one place outside Capture that loads integers from untrusted bytes.
///
/// `RawSpan` has no safe integer load in this toolchain. Every load here is bounds-checked by the standard library
/// (`unsafeLoadUnaligned(fromByteOffset:as:)` traps outside the span) and reads types for which every bit pattern is
/// valid, so none can be unsafe. A trap would still stop the program: callers check lengths first, once a header.
extension RawSpan {
  @inlinable
  @_transparent
  public func byte(at offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// Two bytes in network order.
  @inlinable
  @_transparent
  public func uint16(at offset: Int) -> UInt16 {
    UInt16(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// Four bytes in network order.
  @inlinable
  @_transparent
  public func uint32(at offset: Int) -> UInt32 {
    UInt32(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Eight bytes in network order.
  @inlinable
  @_transparent
  public func uint64(at offset: Int) -> UInt64 {
    UInt64(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// Eight bytes, the first one least significant: the order that word-at-a-time searches count in.
  @inlinable
  @_transparent
  public func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// 128 bytes as they stand, to be compared with others: the order of the bytes in a word is the machine's.
  @inlinable
  @_transparent
  public func sixteenWords(at offset: Int) -> SIMD16<UInt64> {
    unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD16<UInt64>.self)
  }

  /// 32 bytes as four words, each as ``word(at:)`` reads it.
  @inlinable
  @_transparent
  public func fourWords(at offset: Int) -> SIMD4<UInt64> {
    let words = unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
    return SIMD4(
      UInt64(littleEndian: words[0]), UInt64(littleEndian: words[1]), UInt64(littleEndian: words[2]),
      UInt64(littleEndian: words[3]))
  }
}
