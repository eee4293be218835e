import Decode

/// Finding the way back to the start of a message, behind a gap, a line over the limit or a broken frame.
extension StratumSessionState {
  mutating func skipLine(_ bytes: RawSpan, from start: Int, _ sender: Role) -> Int {
    guard let lineFeed = bytes.lineFeed(from: start) else { return bytes.byteCount }
    self[from: sender].place = flags.contains(.hasFrames) ? .resuming : .aligned
    return lineFeed &+ 1
  }

  /// Somewhere in a message: finds where the next one may start.
  ///
  /// - Returns: `start` when it may be there, otherwise an offset behind it; nil when more bytes are needed to tell.
  mutating func findMessage(_ bytes: RawSpan, from start: Int, _ sender: Role, atEnd: Bool) -> Int? {
    if bytes.byte(at: start) == UInt8(ascii: "{") { return start }
    var position = start
    while position < bytes.byteCount {
      let byte = bytes.byte(at: position)
      if byte == UInt8(ascii: "\n") {
        self[from: sender].place = .resuming
        return position &+ 1
      }
      if byte == BTCAgentFrame.magic {
        switch Self.mayBeFrame(bytes, at: position, atEnd: atEnd) {
        case true?: return position
        case nil: return position == start ? nil : position
        case false?: break
        }
      }
      position &+= 1
    }
    return bytes.byteCount
  }

  /// Whether a well-formed frame stands here, with nothing or the start of a message behind it. Nil when that cannot be told yet.
  private static func mayBeFrame(_ bytes: RawSpan, at position: Int, atEnd: Bool) -> Bool? {
    let left = bytes.byteCount &- position
    guard left >= BTCAgentFrame.headerByteCount else { return atEnd ? false : nil }
    guard let frame = BTCAgentFrame(bytes, at: position) else { return false }
    guard left >= frame.length else { return atEnd || frame.length > BTCAgentFrame.plausibleLength ? false : nil }
    guard frame.isWellFormed(bytes, at: position) else { return false }
    guard left > frame.length else { return true }
    let next = bytes.byte(at: position &+ frame.length)
    return next == BTCAgentFrame.magic || next == UInt8(ascii: "{")
  }
}
