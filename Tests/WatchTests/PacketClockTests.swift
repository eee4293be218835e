import Capture
import Testing
import Watch

@Suite
struct PacketClockTests {
  /// Packet times in seconds, and at which of them a tick comes.
  static let runs: [(times: [Double], ticks: [Bool])] = [
    ([0, 0.5, 0.9], [false, false, false]),
    ([0, 1.0, 1.5, 2.1], [false, true, false, true]),
    ([100, 99.5, 100.9, 101], [false, false, false, true]),  // two ports of a mirror, slightly out of order
    ([100, 3_700, 3_700.5], [false, true, false]),  // an hour of silence is one tick
    ([10_000, 100, 100.5, 101.5], [false, false, false, true]),  // a second capture, older than the first
  ]

  @Test(arguments: runs.indices)
  func `ticks each second of packet time`(index: Int) {
    var clock = PacketClock()
    let ticks = Self.runs[index].times.map { seconds in
      clock.advance(to: Timestamp(nanoseconds: Int64(seconds * 1e9)))
    }
    #expect(ticks == Self.runs[index].ticks)
  }

  @Test
  func `absurd times do not stop it`() {
    var clock = PacketClock()
    for nanoseconds in [Int64.min, .max, 0, .min, -1, .max] {
      _ = clock.advance(to: Timestamp(nanoseconds: nanoseconds))
      #expect(clock.now != nil)
    }
  }
}
