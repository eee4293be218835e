package import Decode

/// A DNS message as far as a monitor reads it (RFC 1035 §4.1).
package struct DNSMessage: Sendable {
  /// Types whose answers may be anything (RFC 1035 §3.3.10, §3.3.14).
  package static let typeNULL: UInt16 = 10
  package static let typeTXT: UInt16 = 16

  package var identifier: UInt16
  package var isResponse: Bool
  /// RFC 1035 RCODE: 0 no error, 3 no such name.
  package var responseCode: UInt8
  /// TC: the server left answers out for want of room; the client asks again over TCP.
  package var isTruncated: Bool
  /// Lower case, no trailing dot, bytes other than `a-z 0-9 - _` inside a label as `\DDD` (RFC 4343 §2.1); empty for the
  /// root.
  package var question: String
  package var questionType: UInt16
  /// Addresses of the answer section for the question or the names its CNAMEs lead to.
  package var addresses: [Address]
  /// The chain from the question on, targets only.
  package var aliases: [String]
  /// Answers beyond ``Capture/Limits/dnsAnswers``, not read.
  package var answersLeftOut: Int
  /// A response to a query that was answered before with other addresses.
  package var contradicts: Bool
  /// A response to a query that was not seen, where queries are.
  package var isUnasked: Bool
  /// Over TCP.
  package var overStream: Bool
  /// Bytes of the whole message.
  package var byteCount: Int
  package var anomaly: Anomaly?

  package struct Address: Hashable, Sendable {
    package var address: IPAddress
    /// Seconds.
    package var timeToLive: UInt32

    package init(address: IPAddress, timeToLive: UInt32) {
      self.address = address
      self.timeToLive = timeToLive
    }
  }

  package enum Anomaly: String, Error, CaseIterable, Sendable {
    case truncatedMessage = "message cut short"
    case pointerLoop = "compression pointer that does not go back"
    case nameTooLong = "name over 255 bytes"
    case badLabel = "label of an unknown kind"
  }

  package init(identifier: UInt16, isResponse: Bool, question: String, questionType: UInt16) {
    self.identifier = identifier
    self.isResponse = isResponse
    self.responseCode = 0
    self.isTruncated = false
    self.question = question
    self.questionType = questionType
    self.addresses = []
    self.aliases = []
    self.answersLeftOut = 0
    self.contradicts = false
    self.isUnasked = false
    self.overStream = false
    self.byteCount = 0
  }

  /// Whether a client is told that there is no address of its own kind: SERVFAIL, NXDOMAIN or REFUSED (RFC 1035 §4.1.1) to a
  /// question of type A (§3.2.2) or AAAA (RFC 3596 §2.1).
  package func isFailure(for client: IPAddress) -> Bool {
    isResponse && !isUnasked && [2, 3, 5].contains(responseCode) && questionType == (client.isIPv4 ? 1 : 28)
  }
}
