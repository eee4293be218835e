import Decode

/// The first line of a message (RFC 9112 §3, §4).
enum HTTPStartLine {
  /// - isOdd: with tabs, with blanks where one is enough, or with small letters in the method: some servers take it, and
  ///   others do not (RFC 9112 §3 lets a server split at any white space).
  case request(method: Range<Int>, target: Range<Int>, isOdd: Bool)
  case status(Int)
  /// `PRI * HTTP/2.0`: what follows is HTTP/2 (RFC 9113 §3.4).
  case preface

  /// Longest registered method is UPDATEREDIRECTREF.
  private static let methodLimit = 24
  private static let version = Array("HTTP/1.".utf8)
  private static let prefaceLine = Array("PRI * HTTP/2.0".utf8)

  /// - Parameter line: without its end.
  init?(_ bytes: RawSpan, _ line: Range<Int>) {
    if let status = Self.status(bytes, line) {
      self = .status(status)
    } else if line.count == Self.prefaceLine.count, Self.starts(bytes, line, with: Self.prefaceLine) {
      self = .preface
    } else if let (method, target, isOdd) = Self.request(bytes, line) {
      self = .request(method: method, target: target, isOdd: isOdd)
    } else {
      return nil
    }
  }

  /// `HTTP/1.1 200 OK`.
  private static func status(_ bytes: RawSpan, _ line: Range<Int>) -> Int? {
    let code = line.lowerBound + version.count + 2
    guard line.count >= version.count + 5, starts(bytes, line, with: version), bytes.byte(at: code - 2).isDigit,
      bytes.byte(at: code - 1) == 0x20, bytes.byte(at: code).isDigit, bytes.byte(at: code + 1).isDigit,
      bytes.byte(at: code + 2).isDigit
    else { return nil }
    return (code..<code + 3).reduce(0) { $0 * 10 + Int(bytes.byte(at: $1) - UInt8(ascii: "0")) }
  }

  /// `POST /path HTTP/1.1`. Blanks inside the target belong to it: what is lenient enough to serve it reads it so.
  private static func request(_ bytes: RawSpan, _ whole: Range<Int>) -> (
    method: Range<Int>, target: Range<Int>, isOdd: Bool
  )? {
    let line = whole.lowerBound..<bytes.trimmed(whole).upperBound
    var end = line.lowerBound
    while end < line.upperBound, bytes.byte(at: end).isTokenCharacter { end += 1 }
    guard end > line.lowerBound, end - line.lowerBound <= methodLimit, end < line.upperBound,
      isBlank(bytes.byte(at: end))
    else { return nil }
    let versionStart = line.upperBound - version.count - 1
    guard versionStart > end + 1, isBlank(bytes.byte(at: versionStart - 1)),
      bytes.byte(at: line.upperBound - 1).isDigit,
      starts(bytes, versionStart..<line.upperBound, with: version)
    else { return nil }
    let target = bytes.trimmed(end + 1..<versionStart - 1)
    guard !target.isEmpty else { return nil }
    let hasOneBlank =
      line == whole && target == end + 1..<versionStart - 1 && bytes.byte(at: end) == 0x20
      && bytes.byte(at: versionStart - 1) == 0x20
    let isSmall = (line.lowerBound..<end).contains { bytes.byte(at: $0) != bytes.byte(at: $0).uppercased }
    return (line.lowerBound..<end, target, !hasOneBlank || isSmall)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func starts(_ bytes: RawSpan, _ range: Range<Int>, with text: [UInt8]) -> Bool {
    guard range.count >= text.count else { return false }
    for index in text.indices where bytes.byte(at: range.lowerBound + index) != text[index] { return false }
    return true
  }

  /// Whether a message may start with this byte: a cheap look before a line is searched.
  static func mayStart(_ byte: UInt8) -> Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte.uppercased }
}
