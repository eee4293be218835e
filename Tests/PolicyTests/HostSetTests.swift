import Capture
import Decode
import Testing

@testable import Policy

struct HostSetTests {
  private static let hosts = HostSet(
    names: ["mirror.example.com", "*.vendor.example"], prefixes: PrefixSet(["198.51.100.0/28"]) ?? PrefixSet())

  @Test(arguments: [
    ("mirror.example.com", true),
    ("a.mirror.example.com", false),
    ("a.vendor.example", true),
    ("b.a.vendor.example", true),
    ("vendor.example", false),  // *.vendor.example is what is below it
    ("evilvendor.example", false),
    ("", false),
    (".", false),
    ("..vendor.example", true),
    (String(repeating: "a.", count: 4_000) + "vendor.example", false),  // too long to be a name
  ])
  func `knows names`(name: String, expected: Bool) {
    #expect(Self.hosts.contains(name: name) == expected)
  }

  @Test
  func `knows addresses by range and by bound name`() throws {
    var bindings = Bindings()
    #expect(Self.hosts.contains(try address("198.51.100.15"), bindings))
    #expect(!Self.hosts.contains(try address("198.51.100.16"), bindings))
    bindings.bind("x.vendor.example", to: try address("198.51.100.16"), at: Timestamp(seconds: 0))
    #expect(Self.hosts.contains(try address("198.51.100.16"), bindings))
    #expect(!HostSet().contains(try address("198.51.100.16"), bindings))
  }

  @Test
  func `describes itself in order`() {
    #expect(Self.hosts.description == "mirror.example.com, *.vendor.example, 198.51.100.0/28")
    #expect(HostSet().isEmpty && !Self.hosts.isEmpty)
  }

  @Test(arguments: [
    ("Time.Example.COM.", "time.example.com"), ("_ntp._udp.example", "_ntp._udp.example"), ("localhost", "localhost"),
  ])
  func `reads a name`(text: String, name: String) throws {
    #expect(try HostName.parse(text) == name)
  }

  @Test(arguments: [
    "", ".", "a..b", "-a.example", "a-.example", "a b.example", "é.example", "10.0.0.256", "1.2.3",
    String(repeating: "a", count: 64) + ".example", String(repeating: "a.", count: 127) + "example",
  ])
  func `refuses what is no name`(text: String) {
    #expect(throws: WrongValue.self) { try HostName.parse(text) }
  }
}
