import Capture
import Foundation
import HTTPTypes
import Policy
import Testing

@testable import Web

private let promtool = "/usr/bin/promtool"

/// What Prometheus scrapes.
@Suite struct MetricsTests {
  private static func policy() throws -> Policy {
    var policy = Policy()
    let line = Inventory.Entry(name: "r1-u1", watts: 3_500)
    policy.miners.inventory.add(line, address: WebBench.address(5), mac: nil)
    policy.miners.inventory.add(.init(name: "r9-u9"), address: WebBench.address(99), mac: nil)
    return policy
  }

  private static func lines(_ bench: WebBench, _ policy: Policy? = nil) async throws -> Set<String> {
    let reply = try await bench.ask("/metrics", policy: policy)
    #expect(reply.headers[.contentType]?.hasPrefix("text/plain; version=0.0.4") == true)
    return Set(reply.text.split(separator: "\n").map(String.init))
  }

  @Test func `figures are those of the store`() async throws {
    try await WebBench.withStore { bench in
      let lines = try await Self.lines(bench, Self.policy())
      let site = #"site="north <b>hall""#
      for line in [
        "minewatch_up{\(site)} 1", "minewatch_packets_total{\(site)} 1234",
        "minewatch_dropped_packets_total{\(site)} 5",
        "minewatch_miners{\(site),state=\"mining\"} 1", "minewatch_miners{\(site),state=\"silent\"} 1",
        "minewatch_miners{\(site),state=\"never-seen\"} 1", "minewatch_power_watts{\(site)} 3500",
        "minewatch_miners_without_power{\(site)} 0",
        "minewatch_interface_up{\(site),interface=\"span\\\"1\\\\\"} 0",
        "minewatch_alerts{\(site),rule=\"pool.unlisted\",level=\"critical\"} 2",
      ] { #expect(lines.contains(line), "\(line)") }
      let rate = try #require(
        lines.first { $0.hasPrefix("minewatch_hashrate_hashes_per_second{") }?.split(separator: " ").last)
      #expect(abs((Double(rate) ?? 0) / 1e12 - 100.07) < 0.01)
      // A pool's name with a line feed in it stays in its line.
      #expect(lines.contains { $0.hasPrefix("minewatch_pool_workers{") && $0.contains(#"\n</script>"#) })
    }
  }

  @Test func `a sensor that is not heard of has no hashrate, rather than an old one`() async throws {
    try await WebBench.withStore { bench in
      bench.write([bench.beat(at: bench.now.advanced(by: .seconds(601)), hasEnded: true)])
      let lines = try await Self.lines(bench, Self.policy())
      #expect(lines.contains { $0.hasPrefix("minewatch_up{") && $0.hasSuffix(" 0") })
      for name in ["hashrate_hashes_per_second", "power_watts", "miners{", "pool_workers", "interface_up"] {
        #expect(!lines.contains { $0.hasPrefix("minewatch_\(name)") }, "\(name)")
      }
    }
  }

  @Test func `a thousand pools are as many labels as the bound`() async throws {
    try await WebBench.withStore { bench in
      bench.write([bench.minute(ending: bench.now.advanced(by: .seconds(60)), miners: [5], pools: 1_000)])
      let pools = try await Self.lines(bench).filter { $0.hasPrefix("minewatch_pool_workers{") }
      #expect(pools.count == WebLimits.pools)
      #expect(pools.contains { $0.contains(#"pool="others""#) })
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool), "needs Debian's prometheus"))
  func `promtool finds nothing wrong with them`() async throws {
    try await WebBench.withStore { bench in
      let text = try await bench.ask("/metrics", policy: Self.policy()).text
      let checked = try WebProgram.run(promtool, ["check", "metrics"], input: text)
      #expect(checked.status == 0, "\(checked.output)")
      #expect(checked.output == "")
    }
  }
}
