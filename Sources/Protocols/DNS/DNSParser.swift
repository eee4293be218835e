import Capture
import Decode

/// Reads DNS messages (RFC 1035 §4): the first question, and in a response the addresses that answer it.
///
/// Records other than A, AAAA and CNAME, and the authority and additional sections, EDNS among them (RFC 6891), are
/// not looked at. Addresses for names that the question does not lead to are left out: no resolver may believe them.
package enum DNSParser {
  /// - Parameters:
  ///   - bytes: one message, without the length that goes before it over TCP.
  ///   - isComplete: false when the capture cut it, so that its missing end is nobody's fault.
  /// - Returns: what could be read, with the first anomaly met; `nil` when not even a header is there.
  package static func parse(_ bytes: RawSpan, isComplete: Bool = true) -> DNSMessage? {
    guard let header = DNSHeader(bytes) else { return nil }
    var message = DNSMessage(
      identifier: header.identifier, isResponse: header.isResponse, question: "", questionType: 0)
    message.responseCode = header.responseCode
    message.byteCount = bytes.byteCount
    message.isTruncated = header.isTruncated
    // More than one question is answered by nobody, and an answer without question has nothing to answer (RFC 9619).
    guard header.questionCount > 0 else { return message }
    var answers: [Answer] = []
    do {
      var offset = DNSHeader.byteCount
      let question = try DNSQuestion(bytes, at: &offset)
      message.question = question.name.text
      message.questionType = question.type
      guard header.isResponse, header.opcode == 0, header.questionCount == 1 else { return message }
      let count = min(Int(header.answerCount), Limits.dnsAnswers)
      message.answersLeftOut = Int(header.answerCount) - count
      // Addresses that were read before a fault still count: a stub resolver may take them.
      defer { message.take(answers, to: question.name) }
      for _ in 0..<count {
        if let answer = try Answer.read(bytes, at: &offset) { answers.append(answer) }
      }
    } catch {
      message.anomaly = error == .truncatedMessage && !isComplete ? nil : error
    }
    return message
  }

  /// One record of the answer section that matters here.
  fileprivate struct Answer {
    enum Content {
      case address(DNSMessage.Address)
      case alias(DNSName)
    }

    let owner: DNSName
    let content: Content

    /// Reads one resource record (RFC 1035 §4.1.3) and moves `offset` behind it; `nil` for a record of another kind.
    static func read(_ message: RawSpan, at offset: inout Int) throws(DNSMessage.Anomaly) -> Answer? {
      let owner = try DNSName(message, at: &offset)
      guard message.byteCount - offset >= 10 else { throw .truncatedMessage }
      let type = message.uint16(at: offset)
      let isInternet = message.uint16(at: offset + 2) == 1
      let timeToLive = message.uint32(at: offset + 4)
      let length = Int(message.uint16(at: offset + 8))
      var data = offset + 10
      guard message.byteCount - data >= length else { throw .truncatedMessage }
      offset = data + length
      switch (type, length) {
      case (1, 4) where isInternet:  // A
        let address = IPAddress(v4: message.uint32(at: data))
        return Answer(owner: owner, content: .address(.init(address: address, timeToLive: timeToLive)))
      case (28, 16) where isInternet:  // AAAA (RFC 3596)
        let address = IPAddress(high: message.uint64(at: data), low: message.uint64(at: data + 8))
        return Answer(owner: owner, content: .address(.init(address: address, timeToLive: timeToLive)))
      case (5, _) where isInternet:  // CNAME
        return Answer(owner: owner, content: .alias(try DNSName(message, at: &data)))
      default:
        return nil
      }
    }
  }
}

/// The question: a name, a type, a class (RFC 1035 §4.1.2).
package struct DNSQuestion: Sendable {
  package let name: DNSName
  package let type: UInt16
  package let questionClass: UInt16

  /// Reads a question and moves `offset` behind it.
  package init(_ message: RawSpan, at offset: inout Int) throws(DNSMessage.Anomaly) {
    name = try DNSName(message, at: &offset)
    guard message.byteCount - offset >= 4 else { throw .truncatedMessage }
    type = message.uint16(at: offset)
    questionClass = message.uint16(at: offset + 2)
    offset += 4
  }
}

extension DNSMessage {
  /// Follows the CNAMEs from `question` on, in whatever order the records stand, and keeps what they lead to.
  fileprivate mutating func take(_ answers: [DNSParser.Answer], to question: DNSName) {
    var names = [question]
    while names.count <= Limits.dnsAliases, let next = answers.alias(of: names[names.count - 1]), !names.contains(next)
    {
      names.append(next)
      aliases.append(next.text)
    }
    for answer in answers {
      guard case .address(let address) = answer.content, names.contains(answer.owner) else { continue }
      addresses.append(address)
    }
  }
}

extension [DNSParser.Answer] {
  fileprivate func alias(of name: DNSName) -> DNSName? {
    for answer in self where answer.owner == name {
      if case .alias(let target) = answer.content { return target }
    }
    return nil
  }
}
