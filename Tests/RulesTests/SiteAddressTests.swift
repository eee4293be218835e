import Capture
import Decode
import Policy
import Testing

@testable import Rules

struct SiteAddressTests {
  private static let policy: Policy? = try? PolicyReader.read(
    text: """
      miners: {networks: [10.20.0.0/16], managers: [10.1.0.0/28, 10.20.0.8]}
      pools: [{name: p, endpoints: ["stratum+ssl://203.0.113.5:443"], accounts: [a]}]
      services:
        dns: [10.20.0.1, 8.8.8.8]
        ntp: [10.0.0.0/8]
        allow: [{name: mirror, hosts: [198.51.100.0/28], ports: [tcp/443]}]
      """, file: "site.yaml", rules: RuleBook.catalogue, builtIn: BuiltInData())

  @Test(arguments: [
    ("10.20.3.4", true), ("10.20.0.8", true), ("10.1.0.3", true), ("10.20.0.1", true), ("10.99.0.1", true),
    ("8.8.8.8", false),  // a public resolver is used, not owned
    ("198.51.100.1", false),  // what is allowed is outside
    ("203.0.113.5", false), ("192.168.0.1", false),
  ])
  func `knows the site`(text: String, expected: Bool) throws {
    let analysis = Analysis(policy: try #require(Self.policy), start: watchBegins)
    #expect(analysis.isSite(address(text)) == expected)
  }
}
