import Capture
import Decode

/// Reads JSON as miners and their scripts write it: raw line breaks, stray commas, `inf` and objects that were cut
/// off, as UpstreamData/pyasic mends them in pyasic/rpc/base.py, and single quotes. It gives the leaves in order, each
/// with the keys above it, and never says that something is wrong.
///
/// Not for Stratum, whose ``JSONScanner`` is strict because a pool's faults are news.
struct LooseJSON: ~Escapable {
  /// A text, a number or a word, and where it stands.
  struct Leaf {
    /// The text's range without its quotes, or the word's.
    var range: Range<Int>
    var isString: Bool
    /// A string's end was there.
    var isWhole: Bool
    /// Keys above it. 1 for a member of the outermost object.
    var depth: Int
  }

  private enum Token {
    case open, close, colon, comma
    case value(Range<Int>, isString: Bool)
  }

  private let bytes: RawSpan
  private var position: Int
  private let end: Int
  /// Key of each object or list that is open; empty in a list and before the first.
  private var keys: [Range<Int>] = []
  /// Objects and lists open, those too deep to have a place in `keys` included.
  private var depth = 0
  private var key = 0..<0
  /// The outermost object was read to its end.
  private(set) var isComplete = false

  /// - Parameter range: where the object stands; it may be cut off.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, _ range: Range<Int>) {
    self.bytes = bytes
    position = max(0, range.lowerBound)
    end = min(range.upperBound, bytes.byteCount)
  }

  /// The next leaf; nil at the end of the object, or of the bytes.
  mutating func next() -> Leaf? {
    while let token = token() {
      switch token {
      case .open:
        depth &+= 1
        if depth <= Limits.jsonDepth { keys.append(key) }
        key = 0..<0
      case .close:
        if depth <= Limits.jsonDepth { _ = keys.popLast() }
        depth &-= 1
        key = 0..<0
        if depth <= 0 {
          isComplete = true
          return nil
        }
      case .comma: key = 0..<0
      case .colon: break
      case .value(let range, let isString):
        if peek() == UInt8(ascii: ":") {
          key = range
        } else if depth > 0 {
          let isWhole = !isString || range.upperBound < end
          return Leaf(range: range, isString: isString, isWhole: isWhole, depth: depth)
        }
      }
    }
    return nil
  }

  /// The name of the leaf that was just given: its keys joined by dots, positions in lists left out.
  func name() -> String {
    var parts: [String] = []
    for range in keys.dropFirst() + [key] where !range.isEmpty { parts.append(bytes.text(range, limit: 64)) }
    return parts.prefix(Limits.apiNesting).joined(separator: ".")
  }

  /// Its own key; empty in a list.
  func lastName() -> String { bytes.text(key, limit: 64) }

  private mutating func token() -> Token? {
    while position < end {
      let start = position
      let byte = bytes.byte(at: start)
      position &+= 1
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["): return .open
      case UInt8(ascii: "}"), UInt8(ascii: "]"): return .close
      case UInt8(ascii: ":"): return .colon
      case UInt8(ascii: ","): return .comma
      case UInt8(ascii: "\""), UInt8(ascii: "'"): return .value(string(quote: byte), isString: true)
      case 0...0x20: continue
      default:
        while position < end, !Self.endsWord(bytes.byte(at: position)) { position &+= 1 }
        return .value(start..<position, isString: false)
      }
    }
    return nil
  }

  private mutating func string(quote: UInt8) -> Range<Int> {
    let start = position
    while position < end, bytes.byte(at: position) != quote {
      position = min(position &+ (bytes.byte(at: position) == UInt8(ascii: "\\") ? 2 : 1), end)
    }
    let stop = position
    position = min(position &+ 1, end)
    return start..<stop
  }

  /// The next byte that is no blank, left where it is; 0 at the end.
  private func peek() -> UInt8 {
    var offset = position
    while offset < end, bytes.byte(at: offset) <= 0x20 { offset &+= 1 }
    return offset < end ? bytes.byte(at: offset) : 0
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "}")
      || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
  }
}

/// Finds where an object ends, however many calls it takes: each byte is looked at once.
struct LooseJSONExtent: Sendable {
  /// Bytes looked at so far, from the object's `{` on.
  private(set) var scanned = 0
  private var depth = 0
  private var quote: UInt8 = 0
  private var isEscaped = false

  /// - Parameter bytes: all of the object so far, from its `{` on.
  /// - Returns: the offset behind its end; nil when that is yet to come.
  mutating func end(in bytes: RawSpan) -> Int? {
    while scanned < bytes.byteCount {
      let byte = bytes.byte(at: scanned)
      scanned &+= 1
      if isEscaped {
        isEscaped = false
      } else if quote != 0 {
        if byte == UInt8(ascii: "\\") { isEscaped = true }
        if byte == quote { quote = 0 }
      } else {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          depth &-= 1
          if depth <= 0 { return scanned }
        default: break
        }
      }
    }
    return nil
  }
}
