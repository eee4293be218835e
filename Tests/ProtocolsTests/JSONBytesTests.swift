import Flows
import Testing

import struct Simulator.SplitMix64

@testable import Protocols

/// What reads many bytes at once says what a look at each of them says.
@Suite struct JSONBytesTests {
  /// Runs `body` on bytes that hold little but plain text.
  private func eachText(seed: UInt64, _ body: ([UInt8], inout SplitMix64) -> Void) {
    var random = SplitMix64(seed: seed)
    let specials = Array("\"\\".utf8) + [0, 10, 0x1f, 0x80, 0xc3, 0xff]
    for _ in 0..<2_000 {
      var bytes = (0..<Int.random(in: 1...90, using: &random)).map { _ in UInt8.random(in: 0x20...0x7f, using: &random)
      }
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = specials.randomElement(using: &random) ?? 0
      }
      body(bytes, &random)
    }
  }

  private func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `finds the end of plain text`(seed: UInt64) {
    eachText(seed: seed) { bytes, random in
      let slab = Slab(copying: bytes)
      let start = Int.random(in: 0...bytes.count, using: &random)
      let end = bytes[start...].firstIndex { !isPlain($0) } ?? bytes.count
      #expect(slab.bytes(0..<bytes.count).endOfPlainText(from: start) == end)
    }
  }

  @Test(arguments: [4, 5] as [UInt64])
  func `reads up to eight bytes as a word`(seed: UInt64) {
    eachText(seed: seed) { bytes, random in
      let slab = Slab(copying: bytes)
      let start = Int.random(in: 0...bytes.count, using: &random)
      let end = start + Int.random(in: 0...12, using: &random)
      let kept = bytes[start..<min(end, start + 8, bytes.count)]
      let word = kept.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
      #expect(slab.bytes(0..<bytes.count).paddedWord(from: start, to: end) == word)
    }
  }

  @Test(arguments: [6, 7] as [UInt64])
  func `reads eight hexadecimal digits`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let digits = Array("0123456789abcdefABCDEF".utf8)
    for _ in 0..<2_000 {
      var bytes = (0..<8).map { _ in digits.randomElement(using: &random) ?? 0 }
      if Bool.random(using: &random) {
        bytes[Int.random(in: 0..<8, using: &random)] = .random(in: 0...255, using: &random)
      }
      let word = bytes.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
      let isHex = bytes.allSatisfy { digits.contains($0) }
      #expect(word.hexNumber == (isHex ? UInt32(String(decoding: bytes, as: UTF8.self), radix: 16) : nil))
    }
  }

  /// The common way to write a message is read by short cuts: they must find what the long way does.
  @Test(arguments: [
    JSONScannerTests.submit, #"{"result":true,"error":null,"id":4}"#,
    #"{"id":17,"result":null,"error":[21,"stale",null]}"#,
    #"{"id":null,"method":"mining.notify","params":["1f",["aa","bb"],"17034219",-0.5,{"a":[]},true]}"#,
    #"{"method":"mining.set_difficulty","params":[65536],"reject-reason":"x","other":false}"#,
  ])
  func `reads a message the same however it is spaced and whatever follows`(text: String) {
    let compact = text.replacing(": ", with: ":").replacing(", ", with: ",")
    let spaced = compact.replacing(":", with: " :\t").replacing(",", with: " , ").replacing("{", with: "{ ")
    let escaped = compact.replacing(#""id""#, with: #""\u0069d""#).replacing(#""method""#, with: #""m\u0065thod""#)
    let expected = parts(compact)
    #expect(expected.first != nil)
    for variant in [spaced, escaped] { #expect(parts(variant) == expected) }
    for count in [1, 7, 8, 15, 16, 40] { #expect(parts(compact, behind: count) == expected) }
  }

  /// Kinds and texts of all that a message holds, but for what has parts of its own.
  private func parts(_ text: String, behind count: Int = 0) -> [String] {
    let bytes = Array(text.utf8) + Array(repeating: 0x0a, count: count)
    let slab = Slab(copying: bytes)
    let span = slab.bytes(0..<bytes.count)
    let message = JSONScanner.scan(span, from: 0)
    guard message.outcome == .complete, message.faults == [], message.end == text.utf8.count else { return [] }
    let values =
      [message.id, message.method, message.params, message.result, message.error, message[.rejectReason]]
      + (0..<message.parameterCount).map { message.parameter($0) }
    return values.map { value in
      let hasParts = value.kind == .array || value.kind == .object
      return "\(value.kind) \(hasParts ? "" : span.text(value))"
    }
  }
}
