import Capture

/// Lists and parameters in field values (RFC 9110 §5.6).
enum HTTPParameters {
  /// Members of a list in one value; more are left out.
  private static let limit = 32

  /// `keep-alive, Upgrade`: in lower case, without blanks and empty ones.
  static func list(_ value: [UInt8]) -> [String] {
    value.split(separator: UInt8(ascii: ","), maxSplits: limit).compactMap { part in
      let word = part.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x20 && $0 != 0x09 && $0 != UInt8(ascii: ";") }
      return word.isEmpty ? nil : String(wire: word.map(\.lowercased)[...])
    }
  }

  /// `Digest realm="x", nonce="y"`: the parameters behind the scheme, by name in lower case; the first of two counts.
  static func ofChallenge(_ value: [UInt8]) -> [String: String] {
    guard let space = value.firstIndex(of: 0x20) else { return [:] }
    return parameters(value[(space + 1)...], separator: UInt8(ascii: ","))
  }

  /// `multipart/form-data; boundary=x`: the parameters behind the first semicolon.
  static func ofType(_ value: [UInt8]) -> [String: String] {
    guard let semicolon = value.firstIndex(of: UInt8(ascii: ";")) else { return [:] }
    return parameters(value[(semicolon + 1)...], separator: UInt8(ascii: ";"))
  }

  private static func parameters(_ value: ArraySlice<UInt8>, separator: UInt8) -> [String: String] {
    var found: [String: String] = [:]
    var rest = value
    while !rest.isEmpty, found.count < limit {
      rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == separator }
      let name = rest.prefix { $0 != UInt8(ascii: "=") && $0 != separator }
      rest = rest[name.endIndex...]
      var text: [UInt8] = []
      if rest.first == UInt8(ascii: "=") {
        rest = rest.dropFirst()
        text = takeValue(&rest, separator)
      }
      let key = String(decoding: name.filter { $0 > 0x20 }.map(\.lowercased), as: UTF8.self)
      if !key.isEmpty, found[key] == nil { found[key] = String(wire: text[...]) }
    }
    return found
  }

  /// A word, or text in quotes whose backslashes are undone.
  private static func takeValue(_ rest: inout ArraySlice<UInt8>, _ separator: UInt8) -> [UInt8] {
    guard rest.first == UInt8(ascii: "\"") else {
      let word = rest.prefix { $0 != separator }
      rest = rest[word.endIndex...]
      return word.filter { $0 > 0x20 }
    }
    var text: [UInt8] = []
    var index = rest.startIndex + 1
    while index < rest.endIndex, rest[index] != UInt8(ascii: "\"") {
      if rest[index] == UInt8(ascii: "\\"), index + 1 < rest.endIndex { index += 1 }
      text.append(rest[index])
      index += 1
    }
    rest = rest[min(index + 1, rest.endIndex)...]
    return text
  }
}
