import Capture
import Decode

// How bytes of HTTP become texts.

extension UInt8 {
  /// In lower case, where it is an ASCII letter.
  var lowercased: UInt8 {
    UInt8(ascii: "A") <= self && self <= UInt8(ascii: "Z") ? self | 0x20 : self
  }

  /// In upper case, where it is an ASCII letter.
  var uppercased: UInt8 {
    UInt8(ascii: "a") <= self && self <= UInt8(ascii: "z") ? self & 0xdf : self
  }

  /// A character of a field name or a method (RFC 9110 §5.6.2).
  var isTokenCharacter: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
      true
    default: false
    }
  }
}

extension RawSpan {
  /// The bytes of `range`, `limit` at the most.
  func array(_ range: Range<Int>, limit: Int = .max) -> [UInt8] {
    range.prefix(limit).map { byte(at: $0) }
  }

  /// `range` without the blanks and tabs at its ends (OWS, RFC 9110 §5.6.3).
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, byte(at: start) == 0x20 || byte(at: start) == 0x09 { start += 1 }
    while end > start, byte(at: end - 1) == 0x20 || byte(at: end - 1) == 0x09 { end -= 1 }
    return start..<end
  }
}
