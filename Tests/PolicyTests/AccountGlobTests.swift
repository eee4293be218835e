import Testing

@testable import Policy

struct AccountGlobTests {
  @Test(arguments: [
    ("acme", "acme", true),
    ("acme", "acme.r1", false),
    ("acme", "Acme", false),  // accounts of pools and base58 addresses: case counts
    ("acme.*", "acme.r1", true),
    ("acme.*", "acme.", true),
    ("acme.*", "acme", false),
    ("acme.*", "xacme.r1", false),
    ("*", "", true),
    ("*", "anything.at.all", true),
    ("", "", true),
    ("", "a", false),
    ("a?c", "abc", true),
    ("a?c", "ac", false),
    ("a?c", "aéc", true),  // one character, however many bytes
    ("*.r?", "acme.r1", true),
    ("*.r?", "acme.r12", false),
    ("a*b*c", "a1b2b3c", true),
    ("a*b*c", "a1c2b3", false),
    ("*acme*", "xacmey", true),
    ("acme**", "acme", true),
    ("1BoatSLRHtKNngkdXEeobR76b53LETtpyT.*", "1boatslrhtknngkdxeeobr76b53letTPYT.x", false),
    ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq.*", "BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ.r1", true),
    ("BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", true),
    ("bc1qar0.r1", "bc1qar0.R1", false),  // the worker is not part of the address
    ("bc1q*X", "bc1qabcx", false),  // nor is what follows a star
    ("bc1é", "bc1É", false),
  ])
  func `matches user names`(pattern: String, user: String, expected: Bool) {
    #expect(AccountGlob(pattern).matches(user) == expected)
  }

  /// Patterns on which a matcher that tries every split would never end.
  @Test(arguments: [
    String(repeating: "*a", count: 100) + "b", String(repeating: "a*", count: 120) + "b",
    String(repeating: "*", count: 255) + "b", String(repeating: "*?", count: 120) + "b",
  ])
  func `ends soon on hostile patterns`(pattern: String) {
    #expect(!AccountGlob(pattern).matches(String(repeating: "a", count: 4_000)))
    #expect(AccountGlob(pattern).matches(String(repeating: "a", count: 4_000) + "b"))
  }
}
