import Capture
import Decode

/// Puts the handshake messages of one direction together, across records and segments.
///
/// A message is left with the caller until it is whole, so nothing is kept here but positions. Each record header is
/// looked at once for a message, however small the pieces in which the bytes come.
struct TLSHandshakeStream {
  enum Step {
    /// Nothing more is whole.
    case needMore
    /// A message: its type, its body, and where it ends.
    case message(type: UInt8, body: [UInt8], end: Int)
    /// A record of another kind starts where the bytes do.
    case record(TLSRecord)
    /// This is no TLS (any more), or a message longer than ``Capture/Limits/tlsHandshake``.
    case broken
  }

  /// Type and length in front of a message (RFC 8446 §4).
  private static let header = 4

  /// Bytes left of the handshake record that the unread bytes begin in.
  private var open = 0
  /// Where the first record header that was not looked at is expected, from the first unread byte.
  private var nextHeader = 0
  /// Record headers in front of it.
  private var headers = 0
  /// What stands there is no header of a handshake record.
  private var isBlocked = false

  /// - Parameter bytes: all that is unread; at the next call they start where the last message ended.
  mutating func next(in bytes: RawSpan) -> Step {
    guard payload(in: bytes, atLeast: Self.header) else { return incomplete(bytes) }
    let (start, _) = gather(Self.header, from: bytes)
    let length = Int(start[1]) << 16 | Int(start[2]) << 8 | Int(start[3])
    guard length <= Limits.tlsHandshake else { return .broken }
    guard payload(in: bytes, atLeast: Self.header + length) else { return incomplete(bytes) }
    let (message, end) = gather(Self.header + length, from: bytes)
    open = end.left
    nextHeader = end.left
    headers = 0
    return .message(type: start[0], body: Array(message.dropFirst(Self.header)), end: end.offset)
  }

  /// The caller has passed over a record that is not the handshake's.
  mutating func passRecord() {
    self = TLSHandshakeStream()
  }

  /// Looks at headers until `count` bytes of handshake are there.
  private mutating func payload(in bytes: RawSpan, atLeast count: Int) -> Bool {
    while !isBlocked, available(in: bytes) < count, nextHeader + TLSRecord.byteCount <= bytes.byteCount {
      guard let record = TLSRecord(bytes, at: nextHeader), record.type == .handshake else {
        isBlocked = true
        break
      }
      nextHeader += TLSRecord.byteCount + record.length
      headers += 1
    }
    return available(in: bytes) >= count
  }

  private func available(in bytes: RawSpan) -> Int {
    min(bytes.byteCount, nextHeader) - headers * TLSRecord.byteCount
  }

  private func incomplete(_ bytes: RawSpan) -> Step {
    guard isBlocked else { return .needMore }
    // Another record in the middle of a message is forbidden (RFC 8446 §5.1).
    guard nextHeader == 0, let record = TLSRecord(bytes, at: 0) else { return .broken }
    return .record(record)
  }

  /// Copies the first `count` bytes of handshake, which are there.
  ///
  /// - Returns: them, and where they end: the offset, and how much is left of the record there.
  private func gather(_ count: Int, from bytes: RawSpan) -> ([UInt8], end: (offset: Int, left: Int)) {
    var gathered: [UInt8] = []
    gathered.reserveCapacity(count)
    var offset = 0
    var left = open
    while true {
      if left == 0, gathered.count < count {
        left = Int(bytes.uint16(at: offset + 3))
        offset += TLSRecord.byteCount
      }
      let part = min(left, count - gathered.count)
      for position in offset..<offset + part { gathered.append(bytes.byte(at: position)) }
      offset += part
      left -= part
      if gathered.count == count { return (gathered, (offset, left)) }
    }
  }
}
