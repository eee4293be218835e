import Capture
import Decode

/// How the texts of single settings are read. Each function says in ``WrongValue`` what is wrong with its text.
package enum SettingText {
  /// `500ms`, `30s`, `10m`, `24h`, `30d`, up to ten years.
  package static func duration(_ text: String) throws(WrongValue) -> Duration {
    let units: [(String, milliseconds: Int)] = [
      ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    let (number, unit) = try numberAndUnit(text, "a time with its unit (write 500ms, 30s, 10m, 24h or 30d)")
    guard let factor = units.first(where: { $0.0 == unit })?.milliseconds else {
      guard unit.isEmpty else { throw WrongValue("\(text.quoted) has no unit of time (ms, s, m, h or d)") }
      throw WrongValue("\(text.quoted) has no unit (did you mean \"\(number)s\"?)")
    }
    let (value, overflow) = number.multipliedReportingOverflow(by: factor)
    guard !overflow, value <= 3_650 * 86_400_000 else { throw WrongValue("\(text.quoted) is longer than ten years") }
    return .milliseconds(value)
  }

  /// `64MiB`, `1GiB`, `512KiB` or bytes, up to 1 EiB.
  static func byteCount(_ text: String) throws(WrongValue) -> Int {
    let (number, unit) = try numberAndUnit(text, "a size (write 65536, 512KiB, 64MiB or 1GiB)")
    let shifts = ["": 0, "B": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40]
    guard let shift = shifts[unit] else {
      let near = unit.first.map { "\($0.uppercased())iB" } ?? ""
      let hint = shifts[near] == nil ? "(B, KiB, MiB, GiB or TiB)" : "(did you mean \"\(number)\(near)\"?)"
      throw WrongValue("\(text.quoted) has no unit of size \(hint)")
    }
    guard number <= (1 << 60) >> shift else { throw WrongValue("\(text.quoted) is larger than any memory") }
    return number << shift
  }

  /// A whole number from 0 in decimal digits.
  static func count(_ text: String) throws(WrongValue) -> Int {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) else {
      throw WrongValue("\(text.quoted) is no whole number from 0")
    }
    return number
  }

  static func count(_ text: String, in range: ClosedRange<Int>) throws(WrongValue) -> Int {
    let number = try count(text)
    guard range.contains(number) else {
      throw WrongValue("\(number) is not from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// `0.05` or `5%`: 0 to 1.
  static func fraction(_ text: String) throws(WrongValue) -> Double {
    let isPercent = text.hasSuffix("%")
    let digits = isPercent ? text.dropLast() : text[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
      let number = Double(digits)
    else {
      throw WrongValue("\(text.quoted) is no share (write 0.05 or 5%)")
    }
    let value = isPercent ? number / 100 : number
    guard value <= 1 else {
      let hint = isPercent || number > 100 ? "" : " (did you mean \"\(text)%\"?)"
      throw WrongValue("\(text.quoted) is more than all\(hint)")
    }
    return value
  }

  /// One of `words`, by its text.
  static func word<Word: RawRepresentable<String> & CaseIterable>(
    _ text: String, _: Word.Type
  ) throws(WrongValue) -> Word {
    guard let word = Word(rawValue: text) else {
      throw WrongValue("unknown value \(text.quoted)\(Nearest.hint(for: text, in: Word.allCases.map(\.rawValue)))")
    }
    return word
  }

  /// A text of one line for people: not empty, at most 200 characters, no control characters.
  static func line(_ text: String) throws(WrongValue) -> String {
    guard !text.allSatisfy(\.isWhitespace) else { throw WrongValue("is empty") }
    guard text.unicodeScalars.count <= 200 else { throw WrongValue("is longer than 200 characters") }
    guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      throw WrongValue("\(text.quoted) has a control character or a line break in it")
    }
    return text
  }

  /// A path from the root: a daemon has no folder of its own.
  static func absolutePath(_ text: String) throws(WrongValue) -> String {
    let path = try line(text)
    guard path.hasPrefix("/"), !path.hasSuffix("/") else {
      throw WrongValue("\(text.quoted) is no path from the root (write /var/log/minewatch/name)")
    }
    return path
  }

  /// A network interface's name: at most 15 bytes (Linux IFNAMSIZ), no space, no slash.
  static func interface(_ text: String) throws(WrongValue) -> String {
    guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x2f }),
      text != ".", text != ".."
    else {
      throw WrongValue("\(text.quoted) is no name of a network interface (1 to 15 letters without space or slash)")
    }
    return text
  }

  /// A glob over user names: `*` and `?` only.
  package static func account(_ text: String) throws(WrongValue) -> AccountGlob {
    guard (1...256).contains(text.unicodeScalars.count) else {
      throw WrongValue(text.isEmpty ? "an account is empty" : "an account is longer than 256 characters")
    }
    guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control && $0 != " " }) else {
      throw WrongValue("\(text.quoted) has a space or control character in it; user names have none")
    }
    guard !text.contains(where: { "[]{}\\".contains($0) }) else {
      throw WrongValue("\(text.quoted) has more than * and ? for a pattern; there is nothing else")
    }
    return AccountGlob(text)
  }

  /// `tcp/443`, `udp/6000-6100`, `tcp`, `icmp`.
  static func portMatch(_ text: String) throws(WrongValue) -> Policy.PortMatch {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let protocols: [String: UInt8] = ["icmp": IPProtocol.icmp, "tcp": IPProtocol.tcp, "udp": IPProtocol.udp]
    guard let head = parts.first, let ipProtocol = protocols[String(head)] else {
      throw WrongValue("\(text.quoted) is no port (write tcp/443, udp/6000-6100 or icmp)")
    }
    guard parts.count == 2 else { return Policy.PortMatch(ipProtocol: ipProtocol, ports: nil) }
    guard ipProtocol != IPProtocol.icmp else {
      throw WrongValue("\(text.quoted): ICMP has no ports (did you mean \"icmp\"?)")
    }
    let ends = parts[1].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let first = try port(ends[0])
    let last = ends.count == 2 ? try port(ends[1]) : first
    guard first <= last else {
      throw WrongValue("\(text.quoted) ends before it begins (did you mean \"\(head)/\(last)-\(first)\"?)")
    }
    return Policy.PortMatch(ipProtocol: ipProtocol, ports: first...last)
  }

  static func port(_ text: some StringProtocol) throws(WrongValue) -> UInt16 {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = UInt16(text), port > 0
    else {
      throw WrongValue("\(String(text).quoted) is no port from 1 to 65535")
    }
    return port
  }

  private static func numberAndUnit(_ text: String, _ kind: String) throws(WrongValue) -> (Int, String) {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard !digits.isEmpty, let number = Int(digits) else { throw WrongValue("\(text.quoted) is not \(kind)") }
    return (number, String(text[digits.endIndex...]))
  }
}
