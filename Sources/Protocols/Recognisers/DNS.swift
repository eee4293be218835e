import Decode

/// Tells DNS by its header and first question (RFC 1035 §4.1), over UDP and behind TCP's length.
enum DNS {
  static let port: UInt16 = 53

  /// A whole datagram. On port 53 a plausible header is enough, so that what is broken behind it is still read as DNS.
  static func probeDatagram(_ bytes: FirstBytes) -> Probe {
    guard let header = DNSHeader(bytes.opening), header.isPlausible else { return .reject }
    let isOnPort = bytes.openerPort == port || bytes.answererPort == port
    return isOnPort ? match(header) : probeMessage(bytes.opening, header)
  }

  /// The start of a stream: a length of two bytes, then a message (RFC 1035 §4.2.2).
  static func probeStream(_ bytes: RawSpan) -> Probe {
    guard bytes.byteCount >= 2 else { return .needMore }
    // A header, a root question.
    guard bytes.uint16(at: 0) >= 17 else { return .reject }
    let end = min(bytes.byteCount, 2 + Int(bytes.uint16(at: 0)))
    let message = bytes.extracting(2..<end)
    guard let header = DNSHeader(message) else { return mayBeHeader(message) ? .needMore : .reject }
    guard header.isPlausible else { return .reject }
    let isWhole = end == 2 + Int(bytes.uint16(at: 0))
    return probeMessage(message, header, isWhole: isWhole)
  }

  private static func probeMessage(_ message: RawSpan, _ header: DNSHeader, isWhole: Bool = true) -> Probe {
    var offset = DNSHeader.byteCount
    do {
      let question = try DNSQuestion(message, at: &offset)
      // IN, CH, HS, NONE, ANY (IANA DNS CLASSes). NetBIOS names look alike otherwise.
      guard [1, 3, 4, 254, 255].contains(question.questionClass), !question.name.isNetBIOS else { return .reject }
      // A record takes eleven bytes at the least.
      guard !isWhole || message.byteCount - offset >= 11 * header.recordCount || header.isTruncated else {
        return .reject
      }
      return match(header)
    } catch {
      return error == .truncatedMessage && !isWhole ? .needMore : .reject
    }
  }

  private static func match(_ header: DNSHeader) -> Probe {
    .match(opener: header.isResponse ? .server : .client)
  }

  /// Whether the flags and counts seen so far fit a header with one question.
  private static func mayBeHeader(_ message: RawSpan) -> Bool {
    if message.byteCount >= 4 {
      // The reserved bit, and in a query a response code.
      let isResponse = message.byte(at: 2) & 0x80 != 0
      if message.byte(at: 3) & (isResponse ? 0x40 : 0x4f) != 0 { return false }
    }
    if message.byteCount >= 3, ![0, 2, 4, 5].contains(message.byte(at: 2) >> 3 & 0xf) { return false }
    if message.byteCount >= 5, message.byte(at: 4) != 0 { return false }
    if message.byteCount >= 6, message.byte(at: 5) != 1 { return false }
    return true
  }
}
