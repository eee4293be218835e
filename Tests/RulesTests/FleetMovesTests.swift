import Capture
import Decode
import Protocols
import Testing

@testable import Rules

/// Miners that come up with another lease: one row falls silent, and another begins.
struct FleetMovesTests {
  /// Miner `number` and miner `number + 100` are one machine with two leases, where `isOne`.
  private static func logins(_ miners: Range<Int>, at time: Double, isOne: Bool = true) -> [Observation] {
    miners.flatMap { miner in
      var session = crewSession(of: miner, at: time)
      session.client.mac = MACAddress(rawValue: 0xb4a2_0000_0001 + UInt64(isOne ? miner % 100 : miner))
      return session.mines(as: "acme.\(miner)")
    }
  }

  /// 24 miners work for half an hour; the first of them are off for a minute and come back with other leases.
  private static func told(moving: Int, isOne: Bool = true) throws -> [String] {
    var analyst = Analyst(policy: try policy(), startTime: watchBegins)
    for observation in morning + logins(0..<24, at: 100) { analyst.observe(observation) }
    analyst.work(
      [
        Shift(miners: 0..<24, from: 110, to: 1_800), Shift(miners: moving..<24, from: 1_800, to: 2_600),
        Shift(miners: 100..<(100 + moving), from: 1_860, to: 2_600),
      ], news: logins(100..<(100 + moving), at: 1_855, isOne: isOne))
    analyst.finish()
    return analyst.takeFindings().map(\.rule.name).filter { $0.hasPrefix("fleet.") || $0.hasPrefix("miner.") }
  }

  @Test func `one that works at another address has not stopped`() throws {
    #expect(try Self.told(moving: 1) == [])
    #expect(try Self.told(moving: 1, isOne: false) == ["miner.silent"])
  }

  @Test func `nor have many, or started`() throws {
    #expect(try Self.told(moving: 6) == [])
    #expect(try Self.told(moving: 6, isOne: false).contains("fleet.coordinated-stop"))
  }

  @Test func `a machine is known by its last two addresses, a router by none`() {
    var devices = KnownDevices()
    let machine = MACAddress(rawValue: 0xb4a2_0000_0001)
    for last in [1, 1, 2, 3] {
      _ = devices.meet(machine, at: address("10.20.0.\(last)"), time: watchBegins, isRouter: false)
    }
    #expect(devices.addresses(of: machine) == [address("10.20.0.3"), address("10.20.0.2")])
    for last in 4...12 {
      _ = devices.meet(machine, at: address("10.20.0.\(last)"), time: watchBegins, isRouter: false)
    }
    #expect(devices.addresses(of: machine).isEmpty)
  }
}
