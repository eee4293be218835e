import Decode

/// Vectors as TLS writes them: a length, then that many bytes (RFC 8446 §3.4).
extension ByteReader {
  /// Behind a length of one byte.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  mutating func vector8() throws(DecodeError) -> RawSpan {
    let count = Int(try readUInt8())
    return try bytes(count)
  }

  /// Behind a length of two bytes.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  mutating func vector16() throws(DecodeError) -> RawSpan {
    let count = Int(try readUInt16BE())
    return try bytes(count)
  }

  /// Behind a length of three bytes.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  mutating func vector24() throws(DecodeError) -> RawSpan {
    let high = Int(try readUInt8())
    let low = Int(try readUInt16BE())
    return try bytes(high << 16 | low)
  }
}

extension RawSpan {
  /// Numbers of two bytes, one after the other; an odd byte at the end is left out.
  var numbers: [UInt16] {
    stride(from: 0, to: byteCount - 1, by: 2).map { uint16(at: $0) }
  }

  var byteArray: [UInt8] {
    (0..<byteCount).map { byte(at: $0) }
  }
}
