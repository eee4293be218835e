/// What was wrong with a message's bytes: two readers may understand it differently, which is how requests are smuggled
/// (RFC 9112 §11.2). A fact beside the message, never a verdict.
package enum HTTPAnomaly: String, CaseIterable, Sendable {
  /// Content-Length and Transfer-Encoding: the second counts (RFC 9112 §6.3).
  case bothLengths = "Content-Length and Transfer-Encoding"
  case differentLengths = "Content-Length twice, with different values"
  case badLength = "a length that is no number"
  /// Transfer-Encoding that does not end in `chunked`.
  case otherCoding = "a transfer coding that does not tell where the body ends"
  case badChunk = "a broken chunk"
  /// Tabs, more blanks than one, or a method in small letters.
  case oddStartLine = "a request line that not every server takes"
  /// A line that ends without carriage return (RFC 9112 §2.2).
  case bareLineFeed = "a bare line feed"
  /// A field line continued on the next (obs-fold, RFC 9112 §5.2).
  case foldedField = "a folded field line"
  case spaceBeforeColon = "a blank before a colon"
  case noColon = "a field line without colon"
  case controlCharacter = "a control character"
  case lineTooLong = "a line over the limit"
  case headTooLong = "a head over the limit"
  /// Bytes were lost before it, so what it is and what it answers is not certain.
  case afterLoss = "read on after lost bytes"

  /// Readers disagree on what such a message is, or on where it ends (RFC 9112 §11.2).
  var isAmbiguous: Bool {
    switch self {
    case .bothLengths, .differentLengths, .badLength, .otherCoding, .badChunk, .oddStartLine, .foldedField,
      .spaceBeforeColon, .controlCharacter:
      true
    default: false
    }
  }
}
