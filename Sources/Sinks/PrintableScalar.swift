extension Unicode.Scalar {
  /// Whether a terminal shows it as what it is: no control (C0, DEL, C1), no line or paragraph separator, nothing that
  /// steers the direction of text or has no shape (Cf: U+202E, U+200B, U+FEFF...), nothing private or unassigned.
  ///
  /// What is not printable is escaped wherever bytes from the wire are shown, so that they can neither drive a terminal
  /// nor make one line look like two.
  var isPrintable: Bool {
    if value < 0x7f { return value >= 0x20 }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }
}

extension [UInt8] {
  private static let hexadecimalDigits = Array("0123456789abcdef".utf8)

  mutating func append(_ text: String) {
    append(contentsOf: text.utf8)
  }

  /// - Parameter digits: at least so many, with zeros in front.
  mutating func append(hexadecimal value: UInt32, digits: Int) {
    var shift = 28
    while shift >= 0 {
      let digit = Int(value >> UInt32(shift) & 0xf)
      if digit != 0 || shift < 4 * digits || value >> UInt32(shift) != 0 { append(Self.hexadecimalDigits[digit]) }
      shift -= 4
    }
  }

  /// - Parameter digits: at least so many, with zeros in front.
  mutating func append(decimal value: Int64, digits: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    append(decimal: value.magnitude, digits: digits)
  }

  /// - Parameter digits: at least so many, with zeros in front.
  mutating func append(decimal magnitude: UInt64, digits: Int) {
    var (start, rest) = (count, magnitude)
    while rest != 0 || count - start < digits {
      append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    }
    // The last digit came first.
    var end = count - 1
    while start < end {
      swapAt(start, end)
      (start, end) = (start + 1, end - 1)
    }
  }

  /// The UTF-8 of one scalar.
  mutating func append(_ scalar: Unicode.Scalar) {
    append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }
}
