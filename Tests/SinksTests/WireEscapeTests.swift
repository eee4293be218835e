import Testing

@testable import Sinks

struct WireEscapeTests {
  @Test(arguments: [
    ("plain words: fine", WireEscape.Place.sentence, "plain words: fine"),
    (#"as "mallory""#, .sentence, #"as "mallory""#),
    (#"as "mallory""#, .quoted, #"as \"mallory\""#),
    ("evil example", .word, #"evil\u{20}example"#),
    ("r3(u12)[x]", .word, #"r3\u{28}u12\u{29}\u{5b}x\u{5d}"#),
    ("矿工-7", .word, "矿工-7"),
    ("a\nb\rc\td", .sentence, #"a\nb\rc\td"#),
    (#"a\nb"#, .sentence, #"a\\nb"#),  // what was sent escaped stays apart from what we escape
    ("\u{1b}[31m", .sentence, #"\u{1b}[31m"#),
    ("\u{9b}\u{7f}\u{202e}\u{2028}", .sentence, #"\u{9b}\u{7f}\u{202e}\u{2028}"#),
    ("\u{a0}\u{3000}", .word, #"\u{a0}\u{3000}"#),  // blanks that are not ASCII
  ])
  func `escapes by place`(raw: String, place: WireEscape.Place, expected: String) {
    #expect(WireEscape.escaped(raw, as: place) == expected)
  }

  @Test(arguments: 0...12)
  func `never passes its limit and never cuts an escape in two`(limit: Int) {
    let escaped = WireEscape.escaped("ab\u{1b}é😀", as: .sentence, limit: limit)
    let whole = ["", "a", "ab", #"ab\u{1b}"#, #"ab\u{1b}é"#]
    #expect(whole.contains(escaped.replacing("…", with: "")))
    #expect(escaped.hasSuffix("…"))
    #expect(escaped.utf8.count <= max(limit, 3))
  }

  @Test func `leaves what fits exactly`() {
    #expect(WireEscape.escaped("abcdef", as: .sentence, limit: 6) == "abcdef")
    #expect(WireEscape.escaped("abcdefg", as: .sentence, limit: 6) == "abc…")
  }
}
