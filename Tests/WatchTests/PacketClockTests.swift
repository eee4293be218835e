import Capture
import Testing
import Watch

@Suite
struct PacketClockTests {
  /// Packet times in seconds, and the ticks that come at each.
  static let runs: [(times: [Double], ticks: [[Int64]])] = [
    ([0, 0.5, 0.9], [[], [], []]),
    ([0.5, 1.0, 1.5, 2.1], [[], [1], [], [2]]),  // whole seconds, whenever the first packet came
    ([0, 3.5], [[], [1, 2, 3]]),  // each of them
    ([100, 99.5, 100.9, 101], [[], [], [], [101]]),  // two ports of a mirror, slightly out of order
    ([100, 160.5, 3_700, 3_700.5], [[], Array(101...160), [3_700], []]),  // an hour of silence is one tick
    ([10_000, 100, 100.5, 101.5], [[], [], [], [101]]),  // a second capture, older than the first
    ([-1.5, 0], [[], [-1, 0]]),
  ]

  @Test(arguments: runs.indices)
  func `ticks at whole seconds of packet time`(index: Int) {
    var clock = PacketClock()
    let ticks = Self.runs[index].times.map { seconds in
      let isDue = clock.advance(to: Timestamp(nanoseconds: Int64(seconds * 1e9)))
      let ticks = Self.ticks(of: &clock)
      #expect(isDue || ticks.isEmpty)
      return ticks
    }
    #expect(ticks == Self.runs[index].ticks)
  }

  @Test
  func `clocks that see a part of the packets tick as one that sees all`() {
    var all = PacketClock()
    var odd = PacketClock()
    let times = (0..<2_000).map { Timestamp(nanoseconds: 1_500_000_000 + Int64($0) * 370_000_000) }
    var (ticks, oddTicks): ([Int64], [Int64]) = ([], [])
    for (index, time) in times.enumerated() {
      _ = all.advance(to: time)
      ticks += Self.ticks(of: &all)
      guard index == 0 || index % 7 == 3 || index == times.count - 1 else { continue }
      _ = odd.advance(to: time)
      oddTicks += Self.ticks(of: &odd)
    }
    #expect(oddTicks == ticks)
  }

  private static func ticks(of clock: inout PacketClock) -> [Int64] {
    var ticks: [Int64] = []
    while let tick = clock.takeTick() { ticks.append(tick.seconds) }
    return ticks
  }

  @Test
  func `absurd times do not stop it`() {
    var clock = PacketClock()
    for nanoseconds in [Int64.min, .max, 0, .min, -1, .max] {
      _ = clock.advance(to: Timestamp(nanoseconds: nanoseconds))
      #expect(Self.ticks(of: &clock).count <= 60)
      #expect(clock.now != nil)
    }
  }
}
