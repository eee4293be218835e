import Decode

/// The header of a TLS record, five bytes (RFC 8446 §5.1, RFC 5246 §6.2.1).
///
///      0      7 8            23 24           39
///     +--------+---------------+---------------+
///     |  Type  |    Version    |    Length     |
///     +--------+---------------+---------------+
///
/// The version says 3.0 to 3.4, whatever is really spoken; it is not compared with the hello's.
struct TLSRecord: Equatable {
  enum ContentType: UInt8 {
    case changeCipherSpec = 20
    case alert
    case handshake
    case applicationData
    /// RFC 6520.
    case heartbeat
  }

  static let byteCount = 5
  /// Longest payload, in bytes: 2^14 and 2,048 for protection (RFC 5246 §6.2.3).
  static let lengthLimit = 16_384 + 2_048

  let type: ContentType
  /// Of what follows, in bytes. Never zero: only encrypted fragments may be empty, and those are padded.
  let length: Int

  /// - Returns: `nil` when no TLS implementation would write this. The caller has checked that five bytes are there.
  init?(_ bytes: RawSpan, at offset: Int) {
    guard let type = ContentType(rawValue: bytes.byte(at: offset)) else { return nil }
    let version = bytes.uint16(at: offset + 1)
    guard (0x0300...0x0304).contains(version) else { return nil }
    let length = Int(bytes.uint16(at: offset + 3))
    guard (1...Self.lengthLimit).contains(length) else { return nil }
    self.type = type
    self.length = length
  }
}
