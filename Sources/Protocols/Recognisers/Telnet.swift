import Decode

/// Tells telnet by its option negotiation (RFC 854, RFC 855): both ends begin with commands behind IAC, 0xff.
///
/// A telnet service that negotiates nothing is a stream of text and is not told from others.
enum Telnet {
  private static let interpret: UInt8 = 255
  private static let subnegotiation: UInt8 = 250
  /// WILL, WON'T, DO, DON'T.
  private static let verbs: ClosedRange<UInt8> = 251...254
  /// Options that were ever registered up to here, and one for extensions (IANA, Telnet Options).
  private static let options: ClosedRange<UInt8> = 0...49

  /// Two commands: one may be chance.
  static func probe(_ bytes: FirstBytes) -> Probe {
    let (opening, answer) = (commands(bytes.opening), commands(bytes.answer))
    if (opening ?? 0) + (answer ?? 0) >= 2 { return .match(opener: nil) }
    return opening == nil && answer == nil ? .reject : .needMore
  }

  /// How many whole commands the bytes begin with; `nil` when they begin with something else, or are none.
  private static func commands(_ bytes: RawSpan) -> Int? {
    guard !bytes.isEmpty else { return nil }
    var count = 0
    var offset = 0
    while count < 2, offset < bytes.byteCount {
      guard bytes.byte(at: offset) == interpret else { return count == 0 ? nil : count }
      guard offset + 2 < bytes.byteCount else { return mayBegin(bytes, at: offset) ? count : nil }
      let verb = bytes.byte(at: offset + 1)
      guard verb == subnegotiation || verbs.contains(verb), options.contains(bytes.byte(at: offset + 2)) else {
        return nil
      }
      count += 1
      // What a subnegotiation says is not looked at: the option before it and its start are two commands' worth.
      if verb == subnegotiation { return count }
      offset += 3
    }
    return count
  }

  private static func mayBegin(_ bytes: RawSpan, at offset: Int) -> Bool {
    guard offset + 1 < bytes.byteCount else { return true }
    return bytes.byte(at: offset + 1) >= subnegotiation && bytes.byte(at: offset + 1) != interpret
  }
}
