import Foundation

@testable import Protocols

/// Foundation's parser beside ``JSONScanner``: what both read must be the same.
enum JSONOracle {
  static func objection(_ input: [UInt8], _ span: RawSpan) -> String? {
    guard input.first == UInt8(ascii: "{") else { return nil }
    let message = JSONScanner.scan(span, from: 0)
    guard message.end <= input.count else { return "ends at \(message.end) of \(input.count)" }
    // A line feed ends a message, whatever JSON says; and Foundation takes UTF-16 as well.
    guard !input.contains(10), !input.contains(0) else { return nil }
    let parsed = (try? JSONSerialization.jsonObject(with: Data(input))) as? [String: Any]
    let isWhole =
      message.outcome == .complete && input[message.end...].allSatisfy { [9, 13, 32].contains($0) }
    if let parsed {
      if message.faults.contains(.depth) || hasTrailingComma(input) { return nil }
      guard isWhole, message.faults.isDisjoint(with: [.structure, .text, .encoding]) else {
        return "Foundation reads it; the scanner ends at \(message.end) with faults \(message.faults)"
      }
      guard !message.faults.contains(.duplicateKey), !message.hasLooseKey else { return nil }
      return difference(span.text(message.method.range, limit: .max), message.method.kind, parsed["method"])
    }
    guard isWhole, message.faults == [], !hasHugeNumber(input) else { return nil }
    return "the scanner reads it, and Foundation does not"
  }

  private static func difference(_ text: String?, _ kind: JSONKind, _ value: Any?) -> String? {
    guard let value = value as? String else {
      return kind == .string ? "the scanner has a method, and Foundation has not" : nil
    }
    guard kind == .string, let text else { return "Foundation has a method, and the scanner has not" }
    let isSame = Array(text.unicodeScalars) == Array(value.unicodeScalars)
    return isSame ? nil : "methods differ: \(text) and \(value)"
  }

  /// Foundation reads on over a comma in front of the end of a list or object, which RFC 8259 does not have.
  private static func hasTrailingComma(_ input: [UInt8]) -> Bool {
    var isBehindComma = false
    for byte in input {
      if isBehindComma, [0x5d, 0x7d].contains(byte) { return true }
      if ![9, 13, 32].contains(byte) { isBehindComma = byte == UInt8(ascii: ",") }
    }
    return false
  }

  /// Foundation refuses numbers that no Double holds.
  private static func hasHugeNumber(_ input: [UInt8]) -> Bool {
    let letters = input.contains(UInt8(ascii: "e")) || input.contains(UInt8(ascii: "E"))
    var run = 0
    for byte in input {
      run = (48...57).contains(byte) ? run + 1 : 0
      if run > 15 || letters && run > 1 { return true }
    }
    return false
  }
}
