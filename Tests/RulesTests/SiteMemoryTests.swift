import Capture
import Decode
import Policy
import Testing

@testable import Rules

/// What is known from before a restart.
@Suite struct SiteMemoryTests {
  private static let mac = MACAddress(rawValue: 0x0200_0a14_0005)

  private static var memory: SiteMemory {
    var memory = SiteMemory()
    memory.bindings = [.init(name: "stratum.good.example", address: address(goodPool), learned: watchBegins)]
    memory.miners = [
      .init(
        address: address(miner), mac: mac, agent: "bmminer/2.0.0", firstSeen: watchBegins, lastSeen: watchBegins),
      // The policy's networks have changed since: it is no miner any more.
      .init(address: address(manager), mac: mac, agent: nil, firstSeen: watchBegins, lastSeen: watchBegins),
    ]
    return memory
  }

  @Test func `names, miners and machines are known at once`() throws {
    let analyst = Analyst(policy: try policy(), startTime: seconds(after: 100), memory: Self.memory)
    #expect(analyst.analysis.name(of: address(goodPool)) == "stratum.good.example")
    #expect(analyst.analysis.fleet.miners[address(miner)]?.agent == "bmminer/2.0.0")
    #expect(analyst.analysis.fleet.miners[address(manager)] == nil)
    #expect(analyst.analysis.lan.devices.has(Self.mac))
  }

  @Test func `only what is newer than it was told is told again`() throws {
    let analyst = Analyst(policy: try policy(), startTime: seconds(after: 100), memory: Self.memory)
    #expect(analyst.memory(after: watchBegins).miners.isEmpty)
    #expect(analyst.memory(after: watchBegins).bindings.isEmpty)
    #expect(analyst.memory(after: Timestamp(nanoseconds: .min)).miners == Array(Self.memory.miners.prefix(1)))
  }
}
