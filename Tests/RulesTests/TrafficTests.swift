import Capture
import Decode
import Protocols
import Testing

@testable import Rules

/// What miners do by the hour.
@Suite struct TrafficTests {
  private static let address = itsAddress
  private static let bounds = Traffic.Bounds(volume: 1_048_576, factor: 8, least: 262_144)

  /// Minutes in which a miner sends so many bytes to the outside, from `start` on.
  private static func run(
    _ traffic: inout Traffic, minutes: Range<Int64>, bytes: UInt64, shares: UInt32 = 0
  ) -> [Traffic.Leak] {
    var leaks: [Traffic.Leak] = []
    for minute in minutes {
      traffic.add(
        TrafficVolume(sent: bytes + 500, received: 900, outside: bytes), of: address, isOver: true, outside: nil)
      traffic.add(shares: shares, of: address, row: 0)
      leaks += traffic.close(minute, at: Timestamp(seconds: minute * 60), isWatched: true, bounds)
    }
    return leaks
  }

  @Test func `an hour's habit is learned, and what is far beyond it is told`() throws {
    var traffic = Traffic()
    let quiet = Self.run(&traffic, minutes: 0..<1_560, bytes: 500)
    #expect(quiet.isEmpty)
    let known = try #require(traffic.learned(after: Timestamp(nanoseconds: 0)).first)
    #expect(known.habit.hours >= 24)
    #expect(abs(known.habit.unexplained - 30_000) < 600)
    #expect(abs(known.habit.sent - 60_000) < 1_200)
    let leaks = Self.run(&traffic, minutes: 1_560..<1_620, bytes: 10_000)
    #expect(leaks.map(\.isBeyondHabit) == [true])
    // Hardly anything was learned from the beginning of it, and nothing from the rest.
    let after = try #require(traffic.learned(after: Timestamp(nanoseconds: 0)).first)
    #expect(after.habit.unexplained < 1.1 * known.habit.unexplained)
  }

  @Test func `a habit survives a restart`() throws {
    var before = Traffic()
    _ = Self.run(&before, minutes: 0..<1_560, bytes: 500)
    let known = try #require(before.learned(after: Timestamp(nanoseconds: 0)).first)
    var after = Traffic()
    after.remember(known.habit, of: known.address)
    #expect(after.learned(after: Timestamp(nanoseconds: .min)).isEmpty)
    let leaks = Self.run(&after, minutes: 2_000..<2_060, bytes: 10_000)
    #expect(leaks.map(\.isBeyondHabit) == [true])
  }

  @Test func `shares explain what they need`() {
    var traffic = Traffic()
    // A proxy of a thousand miners, six shares a minute each.
    let honest = Self.run(&traffic, minutes: 0..<120, bytes: 6_000 * 200, shares: 6_000)
    #expect(honest.isEmpty)
    let padded = Self.run(&traffic, minutes: 120..<180, bytes: 6_000 * 300, shares: 6_000)
    #expect(padded.count == 1)
  }

  @Test func `flows that are open count once`() {
    var traffic = Traffic()
    for minute in Int64(0)..<120 {
      // The sums of an open session grow; each is told as a whole every minute.
      let bytes = UInt64(minute + 1) * 10_000
      traffic.add(
        TrafficVolume(sent: bytes, received: bytes, outside: bytes), of: Self.address, isOver: false, outside: nil)
      let leaks = traffic.close(minute, at: Timestamp(seconds: minute * 60), isWatched: true, Self.bounds)
      #expect(leaks.isEmpty)
    }
  }
}

private let itsAddress = address(miner)
