import Capture
import Flows
import Testing

@testable import Protocols

@Suite struct JSONTextTests {
  /// The value of the member "v" of the object `{"v":...}`.
  private func with<Result>(_ value: [UInt8], _ body: (borrowing Slab<UInt8>, Range<Int>, JSONValue) -> Result)
    -> Result
  {
    let bytes = Array(#"{"id":"#.utf8) + value + Array("}".utf8)
    let slab = Slab(copying: bytes)
    let message = JSONScanner.scan(slab.bytes(0..<bytes.count), from: 0)
    return body(slab, 0..<bytes.count, message.id)
  }

  private func text(_ value: String) -> String {
    with(Array(value.utf8)) { slab, range, value in slab.bytes(range).text(value) }
  }

  @Test(arguments: [
    (#""plain""#, "plain"), (#""a\"b\\c\/d""#, #"a"b\c/d"#), (#""\b\f\n\r\t""#, "\u{8}\u{c}\n\r\t"),
    (#""\u00e9\u4e2d""#, "é中"),
    (#""\ud83d\ude00!""#, "😀!"), (#""\ud83d!""#, "\u{FFFD}!"), (#""\ude00""#, "\u{FFFD}"), (#""é😀""#, "é😀"),
    (#""\u0000x""#, "\0x"),
    (#""\uD83D\u0041""#, "\u{FFFD}A"), (#""\u12""#, "\u{FFFD}12"), ("-1.5e3", "-1.5e3"), ("[1, 2]", "[1, 2]"),
  ])
  func `undoes escapes`(value: String, expected: String) {
    #expect(text(value) == expected)
  }

  @Test func `puts a mark where text is not UTF-8`() {
    let bad: [UInt8] = [0x22, 0x61, 0xff, 0xc0, 0xaf, 0xe2, 0x82, 0x62, 0x22]
    let text = with(bad) { slab, range, value in slab.bytes(range).text(value) }
    #expect(text == "a\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}b")
  }

  @Test func `cuts long text at a character`() {
    let long = text("\"" + String(repeating: "é", count: 1_000) + "\"")
    #expect(long == String(repeating: "é", count: Limits.wireText / 2) + "…")
    #expect(text("\"" + String(repeating: "x", count: 256) + "\"").utf8.count == 256)
  }

  @Test(
    arguments: [
      ("1", 1.0), ("-2.5", -2.5), ("1e-9", 1e-9), (#""0.5""#, 0.5), ("1e999", nil), (#""NaN""#, nil), (#""inf""#, nil),
      ("true", nil),
      (#""""#, nil), ("[1]", nil),
    ] as [(String, Double?)])
  func `reads numbers`(value: String, expected: Double?) {
    #expect(with(Array(value.utf8)) { slab, range, value in slab.bytes(range).number(value) } == expected)
  }

  @Test(
    arguments: [
      ("3333", 3_333), (#""3333""#, 3_333), ("-1", -1), ("1e3", 1_000), ("1.5", nil),
      ("9007199254740993", 9_007_199_254_740_993),
      ("99999999999999999999", nil), (#""0x10""#, nil), (#"" 1""#, nil), ("null", nil),
    ] as [(String, Int?)])
  func `reads integers`(value: String, expected: Int?) {
    #expect(with(Array(value.utf8)) { slab, range, value in slab.bytes(range).integer(value) } == expected)
  }

  @Test(
    arguments: [
      (#""1fffe000""#, 0x1fff_e000), (#""FFFFFFFF""#, 0xffff_ffff), (#""1fffe00""#, nil), (#""1fffe0000""#, nil),
      (#""1fffe00g""#, nil),
      ("12345678", nil),
    ] as [(String, UInt32?)])
  func `reads version masks`(value: String, expected: UInt32?) {
    #expect(with(Array(value.utf8)) { slab, range, value in slab.bytes(range).hexWord(value) } == expected)
  }

  @Test func `finds members and elements`() {
    let value = #"{"a":[1,{"b":"}]"},"c"],"\u0064":{"e":false},"a2":"x\"","a":[2]}"#
    let found = with(Array(value.utf8)) { slab, range, value in
      let span = slab.bytes(range)
      let first = span.element(1, of: span.element(0, of: .missing))
      return [
        span.text(span.member("a", of: value)), span.text(span.member("d", of: value)),
        span.text(span.member("a2", of: value)),
        span.text(span.member("none", of: value)), span.text(first),
      ]
    }
    #expect(found == ["[2]", #"{"e":false}"#, "x\"", "", ""])
  }

  @Test(arguments: [
    ("mining.submit", "mining.submit", true), ("mining.submit", "mining.submi", false), ("", "", true),
    ("x", "", false),
  ])
  func `compares text`(value: String, other: String, isEqual: Bool) {
    let escaped = value.unicodeScalars.map { #"\u00"# + String($0.value, radix: 16) }.joined()
    for spelling in [value, escaped] {
      let equal = with(Array("\"\(spelling)\"".utf8)) { slab, range, value in slab.bytes(range).equals(value, other) }
      #expect(equal == isEqual)
    }
  }
}
