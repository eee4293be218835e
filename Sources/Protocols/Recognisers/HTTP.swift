import Decode

/// Tells HTTP/1.x by a request line or status line (RFC 9112 §3, §4).
enum HTTP {
  /// Request targets are read this far for their version; what is visible text so long behind a method is HTTP.
  private static let targetLimit = 1_024

  /// Line ends in front of a request that are passed over.
  private static let emptyLimit = 64

  /// UPDATEREDIRECTREF is the longest method.
  private static let methodLimit = 17

  /// IANA's HTTP Method Registry, in lower case.
  private static let methods = [
    "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LABEL",
    "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS",
    "ORDERPATCH", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PUT", "REBIND", "REPORT", "SEARCH", "TRACE",
    "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
  ].map { Array($0.lowercased().utf8) }
  private static let version = Array("HTTP/1.".utf8)

  /// As a server reads it: empty lines in front of a request do not matter (RFC 9112 §2.2). Nothing but empty lines is no
  /// reason to wait: what follows them is asked about by itself.
  static func probe(_ bytes: RawSpan) -> Probe {
    var start = 0
    while start < min(bytes.byteCount, emptyLimit), bytes.byte(at: start) == 0x0d || bytes.byte(at: start) == 0x0a {
      start += 1
    }
    let message = bytes.extracting(start..<bytes.byteCount)
    guard message.byteCount > 0 else { return .reject }
    let status = probeStatusLine(message)
    return status == .reject ? probeRequestLine(message) : status
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

  /// `GET /path HTTP/1.1`. Some servers take a method in small letters, tabs, and more than one blank: so it is read here, too.
  private static func probeRequestLine(_ bytes: RawSpan) -> Probe {
    var end = 0
    while end < bytes.byteCount, end <= methodLimit, bytes.byte(at: end).isTokenCharacter { end += 1 }
    guard end < bytes.byteCount else {
      return methods.contains { $0.count >= end && bytes.isStart(of: $0, end) } ? .needMore : .reject
    }
    guard bytes.isBlank(at: end), methods.contains(where: { $0.count == end && bytes.isStart(of: $0, end) }) else {
      return .reject
    }
    return probeTarget(bytes, from: bytes.behindBlanks(from: end))
  }

  private static func probeTarget(_ bytes: RawSpan, from start: Int) -> Probe {
    var offset = start
    while offset < bytes.byteCount, bytes.byte(at: offset) > 0x20, bytes.byte(at: offset) != 0x7f { offset += 1 }
    guard offset - start < targetLimit else { return .match(opener: .client) }
    guard offset < bytes.byteCount else { return .needMore }
    guard offset > start, bytes.isBlank(at: offset) else { return .reject }
    offset = bytes.behindBlanks(from: offset)
    switch bytes.extracting(offset..<bytes.byteCount).probe(for: version) {
    case .match:
      let digit = offset + version.count
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

  fileprivate func isBlank(at offset: Int) -> Bool { byte(at: offset) == 0x20 || byte(at: offset) == 0x09 }

  fileprivate func behindBlanks(from offset: Int) -> Int {
    var offset = offset
    while offset < byteCount, isBlank(at: offset) { offset += 1 }
    return offset
  }

  /// Whether the first `count` bytes are those of `text`, which is in lower case and has as many; small or capital letters.
  fileprivate func isStart(of text: [UInt8], _ count: Int) -> Bool {
    (0..<count).allSatisfy { byte(at: $0).lowercased == text[$0] }
  }
}
