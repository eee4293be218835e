import Decode

/// Tells SOCKS 5 (RFC 1928 §3) and SOCKS 4 and 4a (openssh.com/txt/socks4.protocol, socks4a.protocol) by the client's first
/// message and the server's answer together: either is too short to tell alone.
enum SOCKS {
  static func probe(_ bytes: FirstBytes) -> Probe {
    guard !bytes.opening.isEmpty else { return .reject }
    switch bytes.opening.byte(at: 0) {
    case 5: return both(isGreeting(bytes.opening), isMethod(bytes.answer))
    case 4: return both(isRequest(bytes.opening), isReply(bytes.answer))
    default: return .reject
    }
  }

  private static func both(_ opening: Probe, _ answer: Probe) -> Probe {
    switch (opening, answer) {
    case (.reject, _), (_, .reject): .reject
    case (.match, .match): .match(opener: .client)
    default: .needMore
    }
  }

  /// `05 | count | methods`: registered, or of the range for private use.
  private static func isGreeting(_ bytes: RawSpan) -> Probe {
    guard bytes.byteCount >= 2 else { return .needMore }
    let count = Int(bytes.byte(at: 1))
    guard count > 0 else { return .reject }
    for offset in 2..<min(bytes.byteCount, 2 + count) {
      let method = bytes.byte(at: offset)
      guard method <= 9 || method >= 0x80 else { return .reject }
    }
    return bytes.byteCount >= 2 + count ? .match(opener: .client) : .needMore
  }

  /// `05 | method`.
  private static func isMethod(_ bytes: RawSpan) -> Probe {
    guard !bytes.isEmpty else { return .needMore }
    guard bytes.byte(at: 0) == 5 else { return .reject }
    guard bytes.byteCount >= 2 else { return .needMore }
    return bytes.byte(at: 1) <= 9 || bytes.byte(at: 1) >= 0x80 ? .match(opener: .client) : .reject
  }

  /// `04 | 01 or 02 | port | address | user and zero byte | [name and zero byte]`.
  private static func isRequest(_ bytes: RawSpan) -> Probe {
    if bytes.byteCount >= 2, bytes.byte(at: 1) != 1, bytes.byte(at: 1) != 2 { return .reject }
    return bytes.byteCount >= 9 ? .match(opener: .client) : .needMore
  }

  /// `00 | 5a...5d | port | address`.
  private static func isReply(_ bytes: RawSpan) -> Probe {
    if bytes.byteCount >= 1, bytes.byte(at: 0) != 0 { return .reject }
    if bytes.byteCount >= 2, !(0x5a...0x5d).contains(bytes.byte(at: 1)) { return .reject }
    return bytes.byteCount >= 8 ? .match(opener: .client) : .needMore
  }
}
