import Capture
package import Decode

/// Names asked and answered on the link itself: multicast DNS (RFC 6762) and LLMNR (RFC 4795).
///
/// Nobody vouches for such answers: they bind no name to an address here.
package struct LocalNames: Equatable, Sendable {
  package struct Answer: Equatable, Sendable {
    package var name: String
    /// For records that are an address.
    package var address: IPAddress?

    package init(name: String, address: IPAddress? = nil) {
      self.name = name
      self.address = address
    }
  }

  package var isResponse: Bool
  /// As ``DNSMessage/question``; at most ``Capture/Limits/wireList`` of each.
  package var asked: [String] = []
  package var answers: [Answer] = []

  /// - Returns: nil when it is no such message: broken names, or anything but queries and their answers.
  init?(_ message: RawSpan) {
    guard let header = DNSHeader(message), header.opcode == 0 else { return nil }
    isResponse = header.isResponse
    let records = header.recordCount
    guard header.questionCount > 0 || records > 0 else { return nil }
    var offset = DNSHeader.byteCount
    do {
      for _ in 0..<min(Int(header.questionCount), Limits.wireList) {
        asked.append(try DNSQuestion(message, at: &offset).name.text)
      }
      // What stands behind more questions than are read cannot be found.
      guard header.questionCount <= Limits.wireList else { return }
      for _ in 0..<min(Int(header.answerCount), Limits.wireList) {
        answers.append(try Answer(message, at: &offset))
      }
    } catch {
      return nil
    }
  }
}

extension LocalNames.Answer {
  /// Reads one resource record (RFC 1035 §4.1.3) and moves `offset` behind it.
  fileprivate init(_ message: RawSpan, at offset: inout Int) throws(DNSMessage.Anomaly) {
    name = try DNSName(message, at: &offset).text
    guard message.byteCount - offset >= 10 else { throw .truncatedMessage }
    let type = message.uint16(at: offset)
    let length = Int(message.uint16(at: offset + 8))
    let data = offset + 10
    guard message.byteCount - data >= length else { throw .truncatedMessage }
    offset = data + length
    switch (type, length) {
    case (1, 4): address = IPAddress(v4: message.uint32(at: data))
    case (28, 16): address = message.ipv6(at: data)
    default: break
    }
  }
}
