import Decode

/// A string: plain ASCII at a run, the rest of it character by character where it holds something else.
struct JSONString {
  /// Offset behind the closing quote, or of what stopped the reading.
  private(set) var end: Int
  private(set) var isWhole = false
  private(set) var hasEscapes = false
  private(set) var faults: JSONFaults = []

  /// Reads from the opening quote on behind the closing one. Missing when it does not end; then the position is where reading
  /// stopped.
  @inline(__always)
  static func read(_ bytes: RawSpan, _ position: inout Int, _ faults: inout JSONFaults) -> JSONValue {
    let start = position &+ 1
    let end = bytes.endOfPlainText(from: start)
    if end < bytes.byteCount, bytes.byte(at: end) == UInt8(ascii: "\"") {
      position = end &+ 1
      return JSONValue(.string, from: start, to: end)
    }
    let rest = rest(bytes, from: end)
    position = rest.end
    faults.formUnion(rest.faults)
    guard rest.isWhole else { return .missing }
    return JSONValue(.string, from: start, to: position &- 1, hasEscapes: rest.hasEscapes)
  }

  /// Reads on from inside a string.
  @inline(never)
  private static func rest(_ bytes: RawSpan, from start: Int) -> JSONString {
    var string = JSONString(end: start)
    string.read(bytes)
    return string
  }

  private init(end: Int) {
    self.end = end
  }

  private mutating func read(_ bytes: RawSpan) {
    while true {
      end = bytes.endOfPlainText(from: end)
      guard end < bytes.byteCount else { return }
      switch bytes.byte(at: end) {
      case UInt8(ascii: "\""):
        isWhole = true
        end &+= 1
        return
      case UInt8(ascii: "\\"):
        hasEscapes = true
        escape(bytes)
      case UInt8(ascii: "\n"): return
      case 0x00..<0x20:
        faults.insert(.text)
        end &+= 1
      default:
        let length = bytes.sequenceLength(at: end)
        if length == 0 { faults.insert(.encoding) }
        end &+= max(length, 1)
      }
    }
  }

  private mutating func escape(_ bytes: RawSpan) {
    let behind = end &+ 1
    // The caller notices the end of the bytes, or the line feed, in its next turn.
    guard behind < bytes.byteCount, bytes.byte(at: behind) != UInt8(ascii: "\n") else { return end &+= 1 }
    switch bytes.byte(at: behind) {
    case UInt8(ascii: "u"):
      let escaped = JSONScalars.escapedUnit(in: bytes, at: end, to: bytes.byteCount)
      if escaped.isMalformed { faults.insert(.text) }
      if escaped.isLoneSurrogate { faults.insert(.encoding) }
      end &+= escaped.length
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      end &+= 2
    default:
      faults.insert(.text)
      end &+= 1
    }
  }
}
