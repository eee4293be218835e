import Decode

/// One direction of a WebSocket (RFC 6455): cuts it into frames and takes their masks off.
///
/// Nothing is kept of a message but its kind: what it says is handed on as it comes.
struct WebSocketReader: Sendable {
  enum Step {
    /// The next frame's header is not whole.
    case wait
    /// Read up to this offset.
    case read(to: Int)
    /// No frame begins here.
    case broken
  }

  /// Frames that must follow on one another to the end of what came, where the first one's place is a guess.
  private static let chainLimit = 64

  /// The frame that is being read, and how much of its payload was.
  private var frame: WebSocketFrame?
  private var taken: UInt64 = 0
  /// Of the message that is being read: whether it is text, and whether it says anything to us.
  private var isText = false
  private var isCompressed = false
  /// What the last byte of the message was, for messages that end without ending their line.
  private var last: UInt8 = 0x0a
  private var object = WholeObject()
  /// Bytes were lost: frames must be found again.
  private var isLost = false
  private(set) var hasRead = false

  /// Reads a header or the payload behind it.
  ///
  /// - Parameter said: gets what the messages of this direction say, each text a line.
  mutating func step(_ bytes: RawSpan, from position: Int, into said: inout [UInt8]) -> Step {
    guard let frame else { return begin(bytes, from: position, &said) }
    let count = Int(min(frame.length - taken, UInt64(bytes.byteCount - position)))
    if !frame.opcode.isControl, !isCompressed {
      for index in 0..<count {
        last = frame.unmasked(bytes.byte(at: position + index), at: taken + UInt64(index))
        said.append(last)
        object.read(last)
      }
    }
    taken += UInt64(count)
    if taken == frame.length { end(of: frame, &said) }
    return .read(to: position + count)
  }

  mutating func lose() {
    frame = nil
    isLost = true
    last = 0x0a
  }

  private mutating func begin(_ bytes: RawSpan, from position: Int, _ said: inout [UInt8]) -> Step {
    if isLost {
      // What comes next mostly starts a segment, and so a frame.
      guard Self.isChain(bytes, from: position) else { return .read(to: bytes.byteCount) }
      isLost = false
    }
    switch WebSocketFrame.read(bytes, at: position) {
    case .more: return .wait
    case .broken: return .broken
    case .whole(let next):
      hasRead = true
      frame = next
      taken = 0
      if next.opcode == .text || next.opcode == .binary {
        isText = next.opcode == .text
        isCompressed = next.isCompressed
        last = 0x0a
        object = WholeObject()
      }
      if next.length == 0 { end(of: next, &said) }
      return .read(to: position + next.byteCount)
    }
  }

  /// A message of text is whole, though its line may lack a line feed. Binary ones are often a stream cut anywhere, unless there is an
  /// object in them, and nothing else.
  private mutating func end(of frame: WebSocketFrame, _ said: inout [UInt8]) {
    self.frame = nil
    guard frame.isFinal, !frame.opcode.isControl, isText || object.isWhole, last != 0x0a else { return }
    said.append(0x0a)
    last = 0x0a
  }

  private static func isChain(_ bytes: RawSpan, from position: Int) -> Bool {
    var position = position
    for _ in 0..<chainLimit {
      guard case .whole(let frame) = WebSocketFrame.read(bytes, at: position),
        frame.length <= UInt64(bytes.byteCount - position - frame.byteCount)
      else { return false }
      position += frame.byteCount + Int(frame.length)
      if position == bytes.byteCount { return true }
    }
    return false
  }
}

/// Whether bytes that go by are one object of JSON and nothing else, as far as its brackets tell.
private struct WholeObject: Sendable {
  /// Brackets open; those of lists count as well.
  private var depth = 0
  private var isQuoted = false
  private var isEscaped = false
  private var isOther = false
  private var count = 0

  var isWhole: Bool { count > 0 && depth == 0 && !isOther }

  mutating func read(_ byte: UInt8) {
    if depth == 0, count > 0 || byte != UInt8(ascii: "{") { isOther = true }
    count &+= 1
    if isQuoted {
      if !isEscaped, byte == UInt8(ascii: "\"") { isQuoted = false }
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      return
    }
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth &-= 1
    case UInt8(ascii: "\""): isQuoted = true
    default: break
    }
  }
}
