import Testing

@testable import Rules

@Suite struct NameShapeTests {
  @Test(arguments: [
    ("", ""), ("com", "com"), ("example.com", "example.com"), ("a.b.example.com", "example.com"),
    ("a.example.co.uk", "example.co.uk"), ("a.b.xn--p1ai", "b.xn--p1ai"), ("stratum.io.cc", "io.cc"),
    ("x.y.example.co.uk", "example.co.uk"), ("example.co.uk", "example.co.uk"), ("a.b.uk", "b.uk"),
    ("a.co.info", "co.info"), ("a..com", ".com"), (".example.com", "example.com"), ("a.b.", "b."), ("co.uk", "co.uk"),
  ])
  func `knows what was registered`(name: String, domain: String) {
    #expect(NameShape.domain(of: name) == domain)
  }

  @Test(arguments: [
    ("www.example.com", false), ("eu-west-1.stratum.example.com", false), ("0.pool.ntp.org", false),
    ("a8f3e19b77c2.evil.example", true), ("mzxw6ytboi2dknzr.evil.example", true),

    ("mzxw6ytboi3dcmrt.example.com", true), ("0123456789abcdef.example.com", true),
    ("ok.0123456789abcdef.example.com", true), ("aaaaaaaaaaaaaaaaaaaa.example.com", false),
    (String(repeating: "ab.", count: 20) + "example.com", true), ("example.com", false),
  ])
  func `tells data from names`(name: String, isOdd: Bool) {
    #expect(NameShape.isOdd(name, below: NameShape.domain(of: name)) == isOdd)
  }
}
