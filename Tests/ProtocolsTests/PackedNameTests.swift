import Flows
import Testing

@testable import Protocols

@Suite struct PackedNameTests {
  @Test(arguments: [
    "", "a", "12345678", "mining.submit", "mining.extranonce.subscribe", String(repeating: "x", count: 32),
    String(repeating: "y", count: 40),
  ])
  func `is the same from bytes, escapes and text`(name: String) {
    for padding in [0, 20] {
      let bytes = Array(name.utf8) + [UInt8](repeating: 0x7a, count: padding)
      let slab = Slab(copying: bytes)
      let span = slab.bytes(0..<bytes.count)
      #expect(PackedName(span, 0..<name.utf8.count) == PackedName(name))
      #expect(PackedName(unescaping: span, 0..<name.utf8.count) == PackedName(name))
    }
  }

  @Test func `folds letters only`() {
    #expect(PackedName("AZ[@az{`09.\u{e9}").lowercased == PackedName("az[@az{`09.\u{e9}"))
  }

  @Test(arguments: [
    ("mining.submitX", "mining.submit", true), ("mining.submi", "mining.submit", false), ("anything", "", true),
    ("ab", "ac", false),
  ])
  func `knows prefixes`(name: String, prefix: String, expected: Bool) {
    #expect(PackedName(name).hasPrefix(PackedName(prefix)) == expected)
  }
}
