import Capture
import Foundation
import Testing

@testable import Sinks

struct JSONWriterTests {
  private func quoted(_ text: String) -> String {
    var json = JSONWriter()
    json.element(text)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test func `keeps the order of keys and puts commas only between`() {
    var json = JSONWriter()
    json.object { json in
      json.field("z", 1)
      json.object("empty") { _ in }
      json.array("list") { json in
        json.element("a")
        json.object { $0.field("b", true) }
        json.element(2)
      }
      json.field("a", false)
    }
    #expect(text(json.bytes) == #"{"z":1,"empty":{},"list":["a",{"b":true},2],"a":false}"#)
  }

  @Test(arguments: [
    ("\n\r\t", #""\n\r\t""#),
    ("\u{0}\u{1b}\u{7f}", #""\u0000\u001b\u007f""#),
    ("\u{80}\u{9b}\u{9f}", #""\u0080\u009b\u009f""#),  // C1: some terminals obey them as UTF-8
    ("\u{2028}\u{2029}", #""\u2028\u2029""#),
    ("\u{202a}\u{202e}\u{2066}\u{2069}", #""\u202a\u202e\u2066\u2069""#),
    ("\u{200b}\u{feff}", #""\u200b\ufeff""#),
    ("\u{e0041}", #""\udb40\udc41""#),  // a tag character, beyond the basic plane
    (#"a"b\c"#, #""a\"b\\c""#),
    ("é矿😀", "\"é矿😀\""),
  ])
  func `escapes what is not printable`(raw: String, expected: String) {
    #expect(quoted(raw) == expected)
  }

  /// A text that needs no escape is taken in one piece, another scalar by scalar.
  @Test func `every character of ASCII is the same in a plain text and beside a foreign one`() throws {
    for scalar in (0..<128 as Range<UInt8>).map(Unicode.Scalar.init) {
      let (alone, beside) = (quoted("a\(scalar)b"), quoted("a\(scalar)bé"))
      #expect(alone.dropLast() == beside.dropLast(2), "U+\(String(scalar.value, radix: 16))")
      let read = try JSONSerialization.jsonObject(with: Data(alone.utf8), options: .fragmentsAllowed)
      #expect(read as? String == "a\(scalar)b")
    }
  }

  @Test(arguments: [0, 7, 10, -1, 4_294_967_296, .min, .max] as [Int])
  func `writes whole numbers`(number: Int) {
    var json = JSONWriter()
    json.array("of") { $0.element(number) }
    #expect(text(json.bytes) == "\"of\":[\(number)]")
  }

  @Test func `writes the largest whole numbers of every width`() {
    var json = JSONWriter()
    json.array("of") { json in
      json.element(UInt64.max)
      json.element(UInt8.max)
      json.element(Int8.min)
    }
    #expect(text(json.bytes) == #""of":[18446744073709551615,255,-128]"#)
  }

  @Test(arguments: [
    (1.5, "1.5"), (110.2, "110.2"), (0, "0.0"), (1e300, "1e+300"), (Double.nan, "null"), (.infinity, "null"),
    (-.infinity, "null"),
  ])
  func `writes numbers that JSON has`(number: Double, expected: String) {
    var json = JSONWriter()
    json.element(number)
    #expect(text(json.bytes) == expected)
  }

  @Test func `writes the widest integers`() {
    var json = JSONWriter()
    json.object { json in
      json.field("low", Int64.min)
      json.field("high", UInt64.max)
    }
    #expect(text(json.bytes) == #"{"low":-9223372036854775808,"high":18446744073709551615}"#)
  }

  @Test func `cuts a text at its limit and marks it`() {
    let long = quoted(String(repeating: "x", count: Limits.eventText + 1))
    #expect(long == "\"" + String(repeating: "x", count: Limits.eventText) + "…\"")
    #expect(!quoted(String(repeating: "x", count: Limits.eventText)).contains("…"))
  }
}
