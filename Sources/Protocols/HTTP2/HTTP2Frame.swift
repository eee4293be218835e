import Decode

/// The header of a frame (RFC 9113 §4.1), nine bytes.
///
///      0                      23 24   31 32   39 40                                  71
///     +-------------------------+-------+-------+-+-----------------------------------+
///     |         length          | type  | flags |R|             stream                |
///     +-------------------------+-------+-------+-+-----------------------------------+
struct HTTP2Frame: Equatable, Sendable {
  static let byteCount = 9

  enum Kind: UInt8, Sendable {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
  }

  /// Of the payload, in bytes. Not compared with the receiver's SETTINGS_MAX_FRAME_SIZE.
  let length: Int
  /// Nil for a kind that is not known: it must be ignored (RFC 9113 §5.5).
  let kind: Kind?
  let flags: UInt8
  /// 0 for the connection itself.
  let stream: UInt32

  init?(_ bytes: RawSpan, at offset: Int) {
    guard bytes.byteCount - offset >= Self.byteCount else { return nil }
    let lengthAndType = bytes.uint32(at: offset)
    length = Int(lengthAndType >> 8)
    kind = Kind(rawValue: UInt8(truncatingIfNeeded: lengthAndType))
    flags = bytes.byte(at: offset + 4)
    stream = bytes.uint32(at: offset + 5) & 0x7fff_ffff
  }

  /// The most that a receiver takes which has not asked for more, in bytes (RFC 9113 §6.5.2).
  private static let lengthLimit = 1 << 14

  /// Whether length, flags and stream are what the kind may have (RFC 9113 §6), and the stream is one that a client opened.
  var isPlausible: Bool {
    guard let kind, length <= Self.lengthLimit else { return false }
    let allowed: UInt8 =
      switch kind {
      case .data: 0x09
      case .headers: 0x2d
      case .pushPromise: 0x0c
      case .continuation: 0x04
      case .settings, .ping: 0x01
      case .priority, .reset, .goAway, .windowUpdate: 0
      }
    guard flags & ~allowed == 0 else { return false }
    let isOfStream = stream & 1 == 1
    return switch kind {
    case .data: isOfStream
    case .headers, .continuation, .pushPromise: isOfStream && length > 0
    case .priority: isOfStream && length == 5
    case .reset: isOfStream && length == 4
    case .settings: stream == 0 && length.isMultiple(of: 6) && (flags == 0 || length == 0)
    case .ping: stream == 0 && length == 8
    case .goAway: stream == 0 && length >= 8
    case .windowUpdate: (stream == 0 || isOfStream) && length == 4
    }
  }

  /// Of DATA and HEADERS.
  var endsStream: Bool { flags & 0x01 != 0 }
  var endsHeaders: Bool { flags & 0x04 != 0 }
  var isPadded: Bool { flags & 0x08 != 0 }
  var hasPriority: Bool { flags & 0x20 != 0 }

  /// The header fragment in a payload of HEADERS, PUSH_PROMISE or CONTINUATION: without padding, priority and promised
  /// stream (RFC 9113 §6.2, §6.6, §6.10). Nil when they do not fit.
  func fragment(of payload: [UInt8]) -> ArraySlice<UInt8>? {
    var rest = payload[...]
    var padding = 0
    if isPadded, kind != .continuation {
      guard let length = rest.popFirst() else { return nil }
      padding = Int(length)
    }
    let skipped = kind == .headers && hasPriority ? 5 : kind == .pushPromise ? 4 : 0
    guard rest.count >= skipped + padding else { return nil }
    return rest.dropFirst(skipped).dropLast(padding)
  }
}
