import Decode

/// Numbers and literals: what is neither a string nor has parts.
enum JSONLeaf {
  /// Reads a number or a literal. Missing when it is neither; then the position is behind what could be read.
  ///
  /// - Parameter first: the byte at the position.
  @inline(__always)
  static func read(_ bytes: RawSpan, _ position: inout Int, _ first: UInt8) -> JSONKind {
    let word = bytes.wordOrLess(at: position)
    switch UInt32(truncatingIfNeeded: word) {
    case 0x6575_7274:
      position &+= 4
      return .true
    case 0x6c6c_756e:
      position &+= 4
      return .null
    default: break
    }
    let length = first &- UInt8(ascii: "1") < 9 ? wholeNumberLength(word) : 0
    if length > 0 {
      position &+= length
      return .number
    }
    let careful = careful(bytes, position, first)
    position = careful.end
    return careful.kind
  }

  /// How many digits a number has that is no more than up to seven digits; 0 when there is more to it.
  @inline(__always)
  private static func wholeNumberLength(_ word: UInt64) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let digits = word ^ (ones &* 0x30)
    // What is 10 or more comes to 128 or more. A carry goes into bytes above the first such one only.
    let others = ((digits &+ (ones &* 0x76)) | digits) & (ones &* 0x80)
    let bits = UInt64(truncatingIfNeeded: others.trailingZeroBitCount & 0x38)
    let next = UInt8(truncatingIfNeeded: word &>> bits)
    guard others != 0, next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") else { return 0 }
    return Int(truncatingIfNeeded: bits &>> 3)
  }

  /// The same for every number and literal, wherever it stands.
  @inline(never)
  private static func careful(_ bytes: RawSpan, _ start: Int, _ first: UInt8) -> (kind: JSONKind, end: Int) {
    var position = start
    let kind: JSONKind =
      switch first {
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): number(bytes, &position) ? .number : .missing
      case UInt8(ascii: "t"): literal(bytes, &position, 0x6575_7274, length: 4) ? .true : .missing
      case UInt8(ascii: "f"): literal(bytes, &position, 0x65_736c_6166, length: 5) ? .false : .missing
      case UInt8(ascii: "n"): literal(bytes, &position, 0x6c6c_756e, length: 4) ? .null : .missing
      default: .missing
      }
    return (kind, position)
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  @inline(__always)
  private static func number(_ bytes: RawSpan, _ position: inout Int) -> Bool {
    if current(bytes, position) == UInt8(ascii: "-") { position &+= 1 }
    if current(bytes, position) == UInt8(ascii: "0") {
      position &+= 1
    } else if !digits(bytes, &position) {
      return false
    }
    let next = current(bytes, position)
    guard next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") else { return true }
    return fraction(bytes, &position)
  }

  private static func fraction(_ bytes: RawSpan, _ position: inout Int) -> Bool {
    if current(bytes, position) == UInt8(ascii: ".") {
      position &+= 1
      guard digits(bytes, &position) else { return false }
    }
    guard current(bytes, position) | 0x20 == UInt8(ascii: "e") else { return true }
    position &+= 1
    if current(bytes, position) == UInt8(ascii: "+") || current(bytes, position) == UInt8(ascii: "-") { position &+= 1 }
    return digits(bytes, &position)
  }

  @inline(__always)
  private static func digits(_ bytes: RawSpan, _ position: inout Int) -> Bool {
    let start = position
    while current(bytes, position).isDigit { position &+= 1 }
    return position > start
  }

  /// - Parameter letters: of `true`, `false` or `null`, the first one lowest.
  @inline(__always)
  private static func literal(_ bytes: RawSpan, _ position: inout Int, _ letters: UInt64, length: Int) -> Bool {
    if bytes.paddedWord(from: position, to: position &+ length) == letters {
      position &+= length
      return true
    }
    // Fewer bytes than the literal has may be its start: the line ends, or goes on in the next segment.
    if bytes.byteCount &- position < length { position = bytes.lineFeed(from: position) ?? bytes.byteCount }
    return false
  }

  /// The byte at the position, 0 at the end.
  @inline(__always)
  private static func current(_ bytes: RawSpan, _ position: Int) -> UInt8 {
    position < bytes.byteCount ? bytes.byte(at: position) : 0
  }
}
