import Capture
import Decode

/// A request target as web servers understand it, so that no spelling of a path hides it. For matching only.
///
/// Scheme and authority are dropped (RFC 9112 §3.2.2), escapes undone, twice if need be, parameters of a segment dropped
/// (`..;/`), `//`, `.` and `..` resolved, letters lowered.
struct HTTPPath {
  private(set) var text = "/"
  /// It was written in a way that no ordinary client has.
  private(set) var isDisguised = false
  /// The path as it was sent, without scheme, query and fragment.
  private(set) var path: ArraySlice<UInt8>
  /// The query as it was sent, if there is one.
  private(set) var query: ArraySlice<UInt8> = []

  init(_ target: [UInt8]) {
    path = Self.withoutAuthority(target)
    if let mark = path.firstIndex(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
      if path[mark] == UInt8(ascii: "?") { query = path[(mark + 1)...] }
      path = path[..<mark]
    }
    var plain = Array(path)
    for _ in 0..<2 where plain.contains(UInt8(ascii: "%")) {
      if plain.undoEscapes() { isDisguised = true }
    }
    resolve(plain)
  }

  /// Resolves dots and lowers letters, segment by segment.
  private mutating func resolve(_ plain: [UInt8]) {
    var result: [UInt8] = []
    /// Where each segment of `result` starts, at its slash.
    var starts: [Int] = []
    for segment in plain.split(
      omittingEmptySubsequences: false, whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
    ).dropFirst() {
      let name = segment.prefix { $0 != UInt8(ascii: ";") }
      if name.count < segment.count { isDisguised = true }
      if name.elementsEqual([0x2e]) {
        isDisguised = true
      } else if name.elementsEqual([0x2e, 0x2e]) {
        isDisguised = true
        if let start = starts.popLast() { result.removeSubrange(start...) }
      } else if !name.isEmpty {
        starts.append(result.count)
        result.append(UInt8(ascii: "/"))
        result.append(contentsOf: name.map(\.lowercased))
      } else if segment.endIndex < plain.endIndex {
        isDisguised = true
      }
    }
    text = result.isEmpty ? "/" : String(wire: result[...])
  }

  /// The target behind `scheme://authority`.
  private static func withoutAuthority(_ target: [UInt8]) -> ArraySlice<UInt8> {
    guard target.first != UInt8(ascii: "/"), let colon = target.firstIndex(of: UInt8(ascii: ":")), colon > 0,
      target[(colon + 1)...].starts(with: [UInt8(ascii: "/"), UInt8(ascii: "/")])
    else { return target[...] }
    return target[(colon + 3)...].drop { ![UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) }
  }
}

extension [UInt8] {
  /// Undoes percent escapes (RFC 3986 §2.1); what is none stays.
  ///
  /// - Returns: whether a character was escaped that needs no escape: a letter, a digit, a dot, a slash.
  mutating func undoEscapes() -> Bool {
    var isNeedless = false
    var written = 0
    var index = 0
    while index < count {
      var byte = self[index]
      if byte == UInt8(ascii: "%"), index + 2 < count, let high = self[index + 1].hexDigit,
        let low = self[index + 2].hexDigit
      {
        byte = high << 4 | low
        index += 2
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "\\"),
          UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "%"):
          isNeedless = true
        default: break
        }
      }
      self[written] = byte
      written += 1
      index += 1
    }
    removeSubrange(written...)
    return isNeedless
  }
}
