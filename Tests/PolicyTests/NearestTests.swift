import Testing

@testable import Policy

struct NearestTests {
  private let words = ["interfaces", "workers", "filter", "snaplen", "buffer"]

  @Test(arguments: [
    ("interface", "interfaces"), ("intrefaces", "interfaces"), ("Filter", "filter"), ("bufer", "buffer"),
    ("snaplength", "snaplen"), ("snap", "snaplen"),
  ])
  func `finds the word that was meant`(typed: String, meant: String) {
    #expect(Nearest.word(to: typed, in: words) == meant)
  }

  @Test(arguments: ["", "x", "colour", String(repeating: "interfaces", count: 1_000)])
  func `finds none when none is near`(typed: String) {
    #expect(Nearest.word(to: typed, in: words) == nil)
  }

  @Test
  func `counts swapped neighbours once`() {
    #expect(Nearest.distance(Array("abcd".unicodeScalars), Array("abdc".unicodeScalars)) == 1)
    #expect(Nearest.distance([], Array("abc".unicodeScalars)) == 3)
    #expect(Nearest.distance(Array("kitten".unicodeScalars), Array("sitting".unicodeScalars)) == 3)
  }

  @Test
  func `hints with all words when none is near`() {
    #expect(Nearest.hint(for: "colour", in: ["a", "b"]) == " (known: a, b)")
    #expect(Nearest.hint(for: "colour", in: []) == "")
  }
}
