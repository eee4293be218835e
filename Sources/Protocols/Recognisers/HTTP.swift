import Decode

/// Tells HTTP/1.x by a request line or status line (RFC 9112 §3, §4).
enum HTTP {
  /// Request targets are read this far for their version; what is visible text so long behind a method is HTTP.
  private static let targetLimit = 1_024

  /// IANA's HTTP Method Registry.
  private static let methods = [
    "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LABEL",
    "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS",
    "ORDERPATCH", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PUT", "REBIND", "REPORT", "SEARCH", "TRACE",
    "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
  ].map { Array($0.utf8) + [UInt8(ascii: " ")] }
  private static let version = Array("HTTP/1.".utf8)

  static func probe(_ bytes: RawSpan) -> Probe {
    let status = probeStatusLine(bytes)
    return status == .reject ? probeRequestLine(bytes) : status
  }

  /// `HTTP/1.1 200 OK`.
  private static func probeStatusLine(_ bytes: RawSpan) -> Probe {
    let start = bytes.probe(for: version)
    guard case .match = start else { return start }
    for offset in version.count..<version.count + 5 {
      guard offset < bytes.byteCount else { return .needMore }
      let isSpace = offset == version.count + 1
      guard isSpace ? bytes.byte(at: offset) == 0x20 : bytes.isDigit(at: offset) else { return .reject }
    }
    return .match(opener: .server)
  }

  /// `GET /path HTTP/1.1`.
  private static func probeRequestLine(_ bytes: RawSpan) -> Probe {
    var hopes = false
    for method in methods {
      switch bytes.probe(for: method) {
      case .match: return probeTarget(bytes, from: method.count)
      case .needMore: hopes = true
      case .reject: continue
      }
    }
    return hopes ? .needMore : .reject
  }

  private static func probeTarget(_ bytes: RawSpan, from start: Int) -> Probe {
    var offset = start
    while offset < bytes.byteCount, bytes.byte(at: offset) > 0x20, bytes.byte(at: offset) != 0x7f { offset += 1 }
    guard offset - start < targetLimit else { return .match(opener: .client) }
    guard offset < bytes.byteCount else { return .needMore }
    guard offset > start, bytes.byte(at: offset) == 0x20 else { return .reject }
    switch bytes.extracting(offset + 1..<bytes.byteCount).probe(for: version) {
    case .match:
      let digit = offset + 1 + version.count
      guard digit < bytes.byteCount else { return .needMore }
      return bytes.isDigit(at: digit) ? .match(opener: .client) : .reject
    case .needMore: return .needMore
    case .reject: return .reject
    }
  }
}

extension RawSpan {
  fileprivate func isDigit(at offset: Int) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte(at: offset))
  }
}
