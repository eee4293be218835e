import Capture
import Decode
import Protocols
import Testing

@testable import Rules
@testable import Watch

/// A big site's minute is spread over the next one.
@Suite struct MinerEventPaceTests {
  private static let start = Timestamp(seconds: 1_790_000_000)

  private static func minute(_ workers: Int) -> MinuteAccount {
    let line = MinuteAccount.WorkerLine(
      miner: .init(address: IPAddress(v4: 0x0a14_0002)), model: nil, user: nil, pool: nil,
      server: Endpoint(address: IPAddress(v4: 0xcb00_7109), port: 3_333), work: ShareWork(), seconds: 60, estimates: [])
    let site = MinuteAccount.GroupLine(name: "site", workers: workers, unreadable: 0, work: ShareWork(), estimates: [])
    return MinuteAccount(
      time: start, seconds: 60, workers: Array(repeating: line, count: workers), site: site, pools: [], accounts: [],
      minersSeen: workers)
  }

  @Test func `a small site's events go out at once`() {
    var pace = MinerEventPace()
    let former = pace.begin(Self.minute(900), at: Self.start)
    let due = pace.due(at: Self.start)
    #expect(former.isEmpty && due.count == 900)
    #expect(pace.time == nil)
  }

  @Test func `a big site's never come more at once than a sink's queue holds`() {
    var pace = MinerEventPace()
    _ = pace.begin(Self.minute(100_000), at: Self.start)
    var total = 0
    for second in 0..<60 {
      let due = pace.due(at: Self.start.advanced(by: .seconds(second))).count
      #expect(due <= Limits.sinkQueue / 2)
      total += due
    }
    #expect(total == 100_000)
  }

  @Test func `what is left goes out before the next minute, or at the end`() {
    var pace = MinerEventPace()
    _ = pace.begin(Self.minute(5_000), at: Self.start)
    let first = pace.due(at: Self.start).count
    let rest = pace.begin(Self.minute(3_000), at: Self.start.advanced(by: .seconds(1))).count
    #expect(first + rest == 5_000)
    let last = pace.due(at: Self.start.advanced(by: .seconds(1)), isLast: true).count
    let none = pace.due(at: Self.start, isLast: true)
    #expect(last == 3_000 && none.isEmpty)
  }
}
