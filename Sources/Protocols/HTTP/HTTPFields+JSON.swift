import Capture
import Decode

extension HTTPFields {
  /// Levels below which nothing is named; Bitmain's and Braiins' settings have four.
  private static var depthLimit: Int { 8 }

  /// An object or array, or the start of one: what comes before the first error or the end counts.
  ///
  /// - Returns: false when not a single value could be read.
  mutating func addJSON(_ bytes: RawSpan) -> Bool {
    let before = list.count
    /// Names of the open levels; empty for an array, and for an object in one.
    var names: [String] = []
    /// Which levels are objects.
    var isObject: [Bool] = []
    var key: String?
    var position = 0
    while let byte = Self.nextToken(bytes, &position), list.count < Limits.httpFormFields {
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard isObject.count < Self.depthLimit else { return list.count > before }
        names.append(key ?? "")
        isObject.append(byte == UInt8(ascii: "{"))
        key = nil
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard isObject.popLast() != nil else { return list.count > before }
        names.removeLast()
        key = nil
        position += 1
        if isObject.isEmpty { return list.count > before }
      default:
        let isKey = isObject.last == true && key == nil
        guard let value = Self.scalar(bytes, &position, isString: byte == UInt8(ascii: "\"")) else {
          return list.count > before
        }
        if isKey {
          guard byte == UInt8(ascii: "\"") else { return list.count > before }
          key = bytes.text(value)
        } else {
          let path = (names.dropFirst() + [key ?? ""]).filter { !$0.isEmpty }.joined(separator: ".")
          add(path, Array(bytes.text(value).utf8)[...])
          key = nil
        }
      }
    }
    return list.count > before
  }

  /// The byte at the next token. Commas and colons are taken on trust: this is no validator.
  private static func nextToken(_ bytes: RawSpan, _ position: inout Int) -> UInt8? {
    while position < bytes.byteCount {
      let byte = bytes.byte(at: position)
      guard byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") else { return byte }
      position += 1
    }
    return nil
  }

  private static func scalar(_ bytes: RawSpan, _ position: inout Int, isString: Bool) -> JSONValue? {
    let start = position
    var faults: JSONFaults = []
    if isString {
      let value = JSONString.read(bytes, &position, &faults)
      return value.kind == .missing ? nil : value
    }
    let kind = JSONLeaf.read(bytes, &position, bytes.byte(at: start))
    return kind == .missing ? nil : JSONValue(kind, from: start, to: position)
  }
}
