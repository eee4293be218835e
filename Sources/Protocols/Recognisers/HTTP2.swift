import Decode

/// Tells HTTP/2 in the clear by the client's preface (RFC 9113 §3.4), or by the SETTINGS frame that the server starts with.
enum HTTP2 {
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  /// Six bytes a setting; nobody sends a hundred.
  private static let settingsLimit = 600

  static func probe(_ bytes: RawSpan) -> Probe {
    switch bytes.probe(for: preface) {
    case .match: .match(opener: .client)
    case .needMore: .needMore
    case .reject: probeSettings(bytes)
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
}
