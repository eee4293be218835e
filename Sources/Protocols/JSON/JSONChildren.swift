import Decode

/// The members of an object or the elements of an array that a ``JSONScanner`` has checked: the second look, for the few
/// messages a session whose inner parts matter.
struct JSONChildren: ~Escapable {
  struct Child {
    /// Missing in an array.
    var key: JSONValue
    var value: JSONValue
  }

  private let bytes: RawSpan
  private var position: Int
  private let end: Int
  private let hasKeys: Bool

  /// - Parameter container: an object or an array; anything else has no children.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, of container: JSONValue) {
    self.bytes = bytes
    let isContainer = container.kind == .object || container.kind == .array
    position = isContainer ? container.range.lowerBound &+ 1 : 0
    end = isContainer ? min(container.range.upperBound, bytes.byteCount) : 0
    hasKeys = container.kind == .object
  }

  mutating func next() -> Child? {
    guard let first = nextByte(), first != UInt8(ascii: "}"), first != UInt8(ascii: "]") else { return nil }
    guard hasKeys else { return Child(key: .missing, value: value()) }
    let key = value()
    guard nextByte() != nil else { return nil }
    return Child(key: key, value: value())
  }

  /// Reads the value at the position, with everything inside it.
  private mutating func value() -> JSONValue {
    let start = position
    switch bytes.byte(at: start) {
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "{"):
      skipContainer()
      return value(.object, from: start)
    case UInt8(ascii: "["):
      skipContainer()
      return value(.array, from: start)
    default:
      skipScalar()
      return value(Self.kind(bytes.byte(at: start)), from: start)
    }
  }

  private func value(_ kind: JSONKind, from start: Int) -> JSONValue {
    JSONValue(kind, from: start, to: position)
  }

  private static func kind(_ first: UInt8) -> JSONKind {
    switch first {
    case UInt8(ascii: "t"): .true
    case UInt8(ascii: "f"): .false
    case UInt8(ascii: "n"): .null
    default: .number
    }
  }

  private mutating func string() -> JSONValue {
    position &+= 1
    let start = position
    var hasEscapes = false
    while position < end, bytes.byte(at: position) != UInt8(ascii: "\"") {
      let isEscape = bytes.byte(at: position) == UInt8(ascii: "\\")
      if isEscape { hasEscapes = true }
      position = min(position &+ (isEscape ? 2 : 1), end)
    }
    let stop = position
    position = min(position &+ 1, end)
    return JSONValue(.string, from: start, to: stop, hasEscapes: hasEscapes)
  }

  private mutating func skipContainer() {
    var depth = 0
    while position < end {
      switch bytes.byte(at: position) {
      case UInt8(ascii: "\""):
        _ = string()
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth &-= 1
      default: break
      }
      position &+= 1
      if depth <= 0 { return }
    }
  }

  /// A scalar takes at least one byte, so that every turn of a caller's loop gets on.
  private mutating func skipScalar() {
    repeat { position &+= 1 } while position < end && !Self.isSeparator(bytes.byte(at: position))
  }

  /// Skips blanks, commas and colons: what they separate has been checked.
  private mutating func nextByte() -> UInt8? {
    while position < end {
      let byte = bytes.byte(at: position)
      guard byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") else { return byte }
      position &+= 1
    }
    return nil
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "}")
      || byte == UInt8(ascii: "]")
  }
}

extension RawSpan {
  /// The member `name` of an object, the last one when there are more; missing when there is none.
  func member(_ name: String, of object: JSONValue) -> JSONValue {
    guard object.kind == .object else { return .missing }
    var found = JSONValue.missing
    var children = JSONChildren(self, of: object)
    while let child = children.next() {
      if equals(child.key, name) { found = child.value }
    }
    return found
  }

  /// The element at `index` of an array; missing when there is none.
  func element(_ index: Int, of array: JSONValue) -> JSONValue {
    guard array.kind == .array else { return .missing }
    var children = JSONChildren(self, of: array)
    var left = index
    while let child = children.next() {
      if left == 0 { return child.value }
      left &-= 1
    }
    return .missing
  }
}
