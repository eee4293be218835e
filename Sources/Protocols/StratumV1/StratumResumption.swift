import Decode

/// Finding the way back to the start of a message, behind a gap, a line over the limit or a broken frame.
extension StratumSessionState {
  mutating func skipLine(_ bytes: RawSpan, from start: Int, _ sender: Role) -> Int {
    guard let lineFeed = bytes.lineFeed(from: start) else { return bytes.byteCount }
    self[from: sender].place = placeBehindSkipped
    return lineFeed &+ 1
  }

  /// Where a line over the limit leaves off at its end, which may be a byte of a frame.
  var placeBehindSkipped: Reading.Place { flags.contains(.hasFrames) ? .resuming : .aligned }

  /// Somewhere in a message: finds where the next one may start. It is the same place however the bytes were cut into segments.
  ///
  /// - Returns: `start` when it may be there, otherwise an offset behind it; nil when more bytes are needed to tell.
  mutating func findMessage(_ bytes: RawSpan, from start: Int, _ sender: Role, atEnd: Bool) -> Int? {
    // What is passed over may end in the middle of a line, too.
    self[from: sender].place = .lost
    var position = start
    while position < bytes.byteCount {
      let byte = bytes.byte(at: position)
      if byte == UInt8(ascii: "\n") {
        self[from: sender].place = .resuming
        return position &+ 1
      }
      if byte == BTCAgentFrame.magic || byte == UInt8(ascii: "{") {
        let mayBe =
          byte == BTCAgentFrame.magic
          ? Self.mayBeFrame(bytes, at: position, atEnd: atEnd) : Self.mayBeObject(bytes, at: position, atEnd: atEnd)
        switch mayBe {
        case true?: return position
        case nil: return position == start ? nil : position
        case false?: break
        }
      }
      position &+= 1
    }
    return bytes.byteCount
  }

  /// Whether the brace here opens an object with a key, and is no byte of a frame. Nil when that cannot be told yet.
  private static func mayBeObject(_ bytes: RawSpan, at position: Int, atEnd: Bool) -> Bool? {
    guard position &+ 1 < bytes.byteCount else { return atEnd ? false : nil }
    switch bytes.byte(at: position &+ 1) {
    case UInt8(ascii: "\""), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): return true
    default: return false
    }
  }

  /// Whether a well-formed frame stands here, with the start of a message behind it. Nil when that cannot be told yet.
  private static func mayBeFrame(_ bytes: RawSpan, at position: Int, atEnd: Bool) -> Bool? {
    let left = bytes.byteCount &- position
    guard left >= BTCAgentFrame.headerByteCount else { return atEnd ? false : nil }
    guard let frame = BTCAgentFrame(bytes, at: position), frame.length <= BTCAgentFrame.plausibleLength else {
      return false
    }
    guard left >= frame.length else { return atEnd ? false : nil }
    guard frame.isWellFormed(bytes, at: position) else { return false }
    guard left > frame.length else { return atEnd ? true : nil }
    let next = bytes.byte(at: position &+ frame.length)
    return next == BTCAgentFrame.magic || next == UInt8(ascii: "{")
  }
}
