import Testing

@testable import Rules

struct ReverseNameTests {
  static let nibbles = Array(repeating: "a", count: 32).joined(separator: ".")

  @Test(arguments: [
    ("9.113.0.203.in-addr.arpa", ReverseName.v4), ("203.in-addr.arpa", .v4), ("8.b.d.0.ip6.arpa", .v6),
    ("\(nibbles).ip6.arpa", .v6),
    // Whatever else stands there is data.
    ("256.0.0.203.in-addr.arpa", nil), ("+9.0.0.203.in-addr.arpa", nil), ("1.9.113.0.203.in-addr.arpa", nil),
    ("9..203.in-addr.arpa", nil), (".in-addr.arpa", nil), ("in-addr.arpa", nil), ("9.xin-addr.arpa", nil),
    ("9.113.0.203.in-addr.arpa.example", nil), ("0\(nibbles).ip6.arpa", nil), ("0.\(nibbles).ip6.arpa", nil),
    ("g.ip6.arpa", nil), ("arpa", nil), ("a", nil), ("", nil),
  ])
  func `is an address and nothing else`(name: String, kind: ReverseName?) {
    #expect(ReverseName(name) == kind)
  }
}
