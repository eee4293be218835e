import Decode

/// Tells HTTP/2 in the clear by the client's preface (RFC 9113 §3.4), or by the SETTINGS frame that the server starts with; joined
/// in the middle, by frames that follow on one another, HEADERS among them.
enum HTTP2 {
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  /// Six bytes a setting; nobody sends a hundred.
  private static let settingsLimit = 600

  static func probe(_ bytes: RawSpan) -> Probe {
    switch bytes.probe(for: preface) {
    case .match: .match(opener: .client)
    case .needMore: .needMore
    case .reject: probeSettings(bytes) == .reject ? probeFrames(bytes) : probeSettings(bytes)
    }
  }

  /// A frame of type 4 on stream 0, which is no acknowledgement.
  private static func probeSettings(_ bytes: RawSpan) -> Probe {
    guard let frame = HTTP2Frame(bytes, at: 0) else {
      // Zeros alone are no reason to wait.
      let isSettings = bytes.byteCount >= 4 && bytes.byte(at: 3) == HTTP2Frame.Kind.settings.rawValue
      return isSettings && bytes.uint16(at: 0) == 0 ? .needMore : .reject
    }
    let isSettings =
      frame.kind == .settings && frame.flags == 0 && frame.stream == 0 && bytes.byte(at: 5) == 0
      && frame.length <= settingsLimit && frame.length.isMultiple(of: 6)
    return isSettings ? .match(opener: .server) : .reject
  }

  /// Two frames at the least, as far as their headers are there: nothing else has lengths, kinds, flags and streams that fit one
  /// another. A segment mostly starts with a frame.
  private static func probeFrames(_ bytes: RawSpan) -> Probe {
    var (offset, count, hasHead) = (0, 0, false)
    var sender: Role?
    while offset < bytes.byteCount, let frame = HTTP2Frame(bytes, at: offset) {
      guard frame.isPlausible, bytes.byte(at: offset + 5) & 0x80 == 0 else { return .reject }
      count += 1
      if frame.kind == .headers {
        hasHead = true
        sender = sender ?? self.sender(of: frame, bytes, at: offset + HTTP2Frame.byteCount)
      }
      offset += HTTP2Frame.byteCount + frame.length
    }
    guard count > 0 else { return .reject }
    return hasHead && count > 1 ? .match(opener: sender) : .needMore
  }

  /// Who says a block of fields, by its first one: a request's begin with method, scheme or path, an answer's with its status
  /// (RFC 9113 §8.3; numbers of RFC 7541 Appendix A).
  private static func sender(of frame: HTTP2Frame, _ bytes: RawSpan, at start: Int) -> Role? {
    let first = start + (frame.isPadded ? 1 : 0) + (frame.hasPriority ? 5 : 0)
    guard first < bytes.byteCount else { return nil }
    let byte = bytes.byte(at: first)
    let number = byte & 0x80 != 0 ? byte & 0x7f : byte & 0x40 != 0 ? byte & 0x3f : byte & 0x0f
    return switch number {
    case 1...7: .client
    case 8...14: .server
    default: nil
    }
  }
}
