import Decode

/// The header of a frame (RFC 6455 §5.2): 2 to 14 bytes.
///
///      0 1 2 3 4     7 8 9          15
///     +-+-+-+-+-------+-+-------------+-------------------------------+----------------+
///     |F|R|R|R| opcode|M|   length,   | 16 bits where length is 126,  | 32 bits of key |
///     |I|S|S|S|       |A|   bytes     | 64 bits where it is 127       | where MASK is  |
///     |N|1|2|3|       |S|             |                               | set            |
///     +-+-+-+-+-------+-+-------------+-------------------------------+----------------+
///
/// Who masks is not compared with who may: clients must and servers must not (§5.1), and a reader can take both.
struct WebSocketFrame: Equatable, Sendable {
  enum Opcode: UInt8, Sendable {
    case continuation = 0
    case text, binary
    case close = 8
    case ping, pong

    var isControl: Bool { rawValue >= Opcode.close.rawValue }
  }

  enum Reading: Equatable {
    case whole(WebSocketFrame)
    /// The header is not all there.
    case more
    /// No frame begins like this.
    case broken
  }

  var opcode: Opcode
  /// The last frame of its message.
  var isFinal: Bool
  /// RSV1: the message is compressed (RFC 7692 §6).
  var isCompressed: Bool
  /// To be combined with the payload, byte by byte in turn; nil where it is not masked.
  var key: UInt32?
  /// Bytes of payload.
  var length: UInt64
  /// Of the header itself.
  var byteCount: Int

  private static let controlLimit: UInt64 = 125

  static func read(_ bytes: RawSpan, at offset: Int) -> Reading {
    let left = bytes.byteCount - offset
    guard left >= 2 else { return .more }
    let (first, second) = (bytes.byte(at: offset), bytes.byte(at: offset + 1))
    guard first & 0x30 == 0, let opcode = Opcode(rawValue: first & 0x0f) else { return .broken }
    let short = second & 0x7f
    let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
    let isMasked = second & 0x80 != 0
    let count = 2 + lengthBytes + (isMasked ? 4 : 0)
    let isFinal = first & 0x80 != 0
    let isCompressed = first & 0x40 != 0
    // Control frames are short, whole and never compressed (§5.5, RFC 7692 §6.1); only a message's first frame says it is.
    if opcode.isControl, !isFinal || isCompressed || UInt64(short) > controlLimit { return .broken }
    if opcode == .continuation, isCompressed { return .broken }
    guard left >= count else { return .more }
    let length: UInt64 =
      switch lengthBytes {
      case 2: UInt64(bytes.uint16(at: offset + 2))
      case 8: bytes.uint64(at: offset + 2)
      default: UInt64(short)
      }
    // The shortest form must be used, and the highest bit is zero (§5.2).
    let least: UInt64 = lengthBytes == 0 ? 0 : lengthBytes == 2 ? 126 : 1 << 16
    guard length >= least, length >> 63 == 0 else { return .broken }
    let key = isMasked ? bytes.uint32(at: offset + 2 + lengthBytes) : nil
    return .whole(
      WebSocketFrame(
        opcode: opcode, isFinal: isFinal, isCompressed: isCompressed, key: key, length: length, byteCount: count))
  }

  /// A byte of the payload, without its mask.
  func unmasked(_ byte: UInt8, at place: UInt64) -> UInt8 {
    guard let key else { return byte }
    return byte ^ UInt8(truncatingIfNeeded: key >> (24 - 8 * UInt32(place & 3)))
  }
}
