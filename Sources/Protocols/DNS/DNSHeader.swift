import Decode

/// The header of a DNS message, twelve bytes (RFC 1035 §4.1.1, with AD and CD of RFC 4035 §3.2).
///
///      0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
///     +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
///     |                      ID                       |
///     |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
///     |                    QDCOUNT                    |
///     |                    ANCOUNT                    |
///     |                    NSCOUNT                    |
///     |                    ARCOUNT                    |
///     +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
package struct DNSHeader: Equatable, Sendable {
  package static let byteCount = 12

  package let identifier: UInt16
  package let isResponse: Bool
  /// 0 query, 2 status, 4 notify, 5 update (IANA DNS OpCodes).
  package let opcode: UInt8
  /// TC: the sender left records out for want of room.
  package let isTruncated: Bool
  /// The bit that must be zero until a standard gives it a meaning.
  package let isReservedBitSet: Bool
  package let responseCode: UInt8
  package let questionCount: UInt16
  package let answerCount: UInt16
  package let authorityCount: UInt16
  package let additionalCount: UInt16

  /// Reads the header; nothing is checked but that it is there. `nil` below twelve bytes.
  package init?(_ message: RawSpan) {
    guard message.byteCount >= Self.byteCount else { return nil }
    identifier = message.uint16(at: 0)
    let flags = message.uint16(at: 2)
    isResponse = flags & 0x8000 != 0
    opcode = UInt8(truncatingIfNeeded: flags >> 11) & 0xf
    isTruncated = flags & 0x0200 != 0
    isReservedBitSet = flags & 0x0040 != 0
    responseCode = UInt8(truncatingIfNeeded: flags) & 0xf
    questionCount = message.uint16(at: 4)
    answerCount = message.uint16(at: 6)
    authorityCount = message.uint16(at: 8)
    additionalCount = message.uint16(at: 10)
  }

  /// Whether a DNS implementation would have written this: what tells DNS from other bytes before its names are read.
  ///
  /// One question (RFC 9619), a known opcode, no reserved bit, and in a plain query no answers, no authority and at
  /// most the few additional records that EDNS, TSIG and SIG(0) add.
  package var isPlausible: Bool {
    guard questionCount == 1, !isReservedBitSet else { return false }
    switch opcode {
    case 0: return isResponse || (answerCount == 0 && authorityCount == 0 && additionalCount <= 4 && responseCode == 0)
    case 2, 4, 5: return true
    default: return false
    }
  }

  /// Records that the header promises after the question.
  package var recordCount: Int {
    Int(answerCount) + Int(authorityCount) + Int(additionalCount)
  }
}
