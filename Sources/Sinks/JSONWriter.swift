import Capture

/// Writes JSON (RFC 8259) into a byte buffer: keys in the order given, no white space, one line whatever the texts hold.
///
/// It writes what it is told: that every ``object(_:_:)`` closes and a key stands before each value is in the shape of the
/// calls. Two equal keys in one object are the caller's mistake.
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []
  /// A value stands before: the next one needs a comma.
  private var needsComma = false

  package init() {}

  // MARK: Values with a name

  package mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
    key(name)
    object(body)
  }

  package mutating func array(_ name: String, _ body: (inout JSONWriter) -> Void) {
    key(name)
    enclosed("[", "]", body)
  }

  package mutating func field(_ name: String, _ text: String) {
    key(name)
    element(text)
  }

  package mutating func field(_ name: String, _ texts: [String]) {
    array(name) { writer in texts.prefix(Limits.eventList).forEach { writer.element($0) } }
  }

  package mutating func field(_ name: String, _ number: some FixedWidthInteger) {
    key(name)
    element(number)
  }

  package mutating func field(_ name: String, _ number: Double) {
    key(name)
    element(number)
  }

  package mutating func field(_ name: String, _ flag: Bool) {
    key(name)
    raw(flag ? "true" : "false")
  }

  /// - Parameter json: a whole value that is JSON already, in one line.
  package mutating func field(_ name: String, json: String) {
    key(name)
    element(json: json)
  }

  // MARK: Values

  package mutating func element(json: String) {
    raw(json)
  }

  package mutating func object(_ body: (inout JSONWriter) -> Void) {
    enclosed("{", "}", body)
  }

  package mutating func element(_ text: String) {
    separate()
    append(quoted: text)
    needsComma = true
  }

  package mutating func element(_ number: some FixedWidthInteger) {
    separate()
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(decimal: UInt64(number.magnitude), digits: 1)
    needsComma = true
  }

  /// Shortest decimal that reads back as the same number; `null` for what JSON has no number for.
  package mutating func element(_ number: Double) {
    raw(number.isFinite ? "\(number)" : "null")
  }

  // MARK: Parts

  private mutating func key(_ name: String) {
    separate()
    append(quoted: name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  private mutating func enclosed(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) -> Void) {
    separate()
    bytes.append(open)
    needsComma = false
    body(&self)
    bytes.append(close)
    needsComma = true
  }

  private mutating func raw(_ text: String) {
    separate()
    bytes.append(text)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  /// A string with everything escaped that is not printable, at most ``Limits/eventText`` scalars of it.
  private mutating func append(quoted text: String) {
    bytes.append(UInt8(ascii: "\""))
    defer { bytes.append(UInt8(ascii: "\"")) }
    // All names of fields and nearly all texts.
    if Self.needsNoEscape(text) { return bytes.append(text) }
    var room = Limits.eventText
    for scalar in text.unicodeScalars {
      guard room > 0 else {
        bytes.append("…")
        break
      }
      room -= 1
      append(escaped: scalar)
    }
  }

  /// Whether all of a text that has room is printable ASCII that stands for itself in a string (RFC 8259 §7).
  private static func needsNoEscape(_ text: String) -> Bool {
    let bytes = text.utf8Span.span
    guard bytes.count <= Limits.eventText else { return false }
    for place in bytes.indices {
      switch bytes[place] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): return false
      case UInt8(ascii: " ")...UInt8(ascii: "~"): break
      default: return false
      }
    }
    return true
  }

  private mutating func append(escaped scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": bytes.append(#"\""#)
    case "\\": bytes.append(#"\\"#)
    case "\n": bytes.append(#"\n"#)
    case "\r": bytes.append(#"\r"#)
    case "\t": bytes.append(#"\t"#)
    case _ where scalar.isPrintable: bytes.append(scalar)
    default:
      // RFC 8259 §7: beyond the basic plane as two UTF-16 halves.
      for unit in String(scalar).utf16 {
        bytes.append(#"\u"#)
        bytes.append(hexadecimal: UInt32(unit), digits: 4)
      }
    }
  }
}
