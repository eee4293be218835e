/// Names of hosts, as policies and indicator lists write them (RFC 1035 §2.3, RFC 1123 §2.1).
package enum HostName {
  /// Longest name, in bytes without the trailing dot (RFC 1035 §2.3.4).
  static let lengthLimit = 253

  /// Lower case, without trailing dot.
  ///
  /// - Throws: ``WrongValue`` when it cannot be a name. An underscore may stand in one: DNS knows service labels.
  package static func parse(_ text: some StringProtocol) throws(WrongValue) -> String {
    let name = String(text.hasSuffix(".") ? text.dropLast() : text[...]).lowercased()
    let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...lengthLimit).contains(name.utf8.count), labels.allSatisfy(isLabel) else {
      throw WrongValue("\(String(text).quoted) is no name or address of a host")
    }
    // A last label of digits alone is a mistyped address: no top-level domain is numeric (RFC 3696 §2).
    guard let last = labels.last, !last.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw WrongValue("\(String(text).quoted) is no IPv4 address: four numbers from 0 to 255 without leading zeros")
    }
    return name
  }

  private static func isLabel(_ label: Substring.UTF8View.SubSequence) -> Bool {
    (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
      && label.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x5f }
  }

  /// The names above `name`, nearest first: `b.c` and `c` of `a.b.c`. None of what is too long to be a name.
  static func parents(of name: String) -> [Substring] {
    guard name.utf8.count <= lengthLimit else { return [] }
    return name.indices.filter { name[$0] == "." }.map { name[name.index(after: $0)...] }
  }
}
