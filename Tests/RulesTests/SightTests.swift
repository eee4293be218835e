import Protocols
import Testing

@testable import Rules

struct SightTests {
  /// Twenty looks of five seconds that saw something each, and then none until `end`.
  private static func sight(until end: Int, captureEnds: Bool) -> (sight: Sight, isTold: Bool) {
    var sight = Sight()
    for look in 0...20 { _ = sight.look(.init(heard: 5 * look, packets: UInt64(100 * look)), at: 5 * look) }
    if captureEnds { sight.endCapture(after: 2_000) }
    var isTold = false
    for now in stride(from: 105, through: end, by: 5) {
      _ = sight.look(.init(heard: 100, packets: 2_000), at: now)
      if sight.isToTell(at: now, after: 30) { isTold = true }
    }
    return (sight, isTold)
  }

  @Test func `a hole in a capture is told, and one between two is not`() {
    #expect(Self.sight(until: 900, captureEnds: false).isTold)
    #expect(!Self.sight(until: 900, captureEnds: true).isTold)
  }

  @Test func `what comes after the hole is seen like anything`() {
    var (sight, _) = Self.sight(until: 900, captureEnds: true)
    for look in 0...20 {
      _ = sight.look(.init(heard: 905 + 5 * look, packets: UInt64(2_100 + 100 * look)), at: 905 + 5 * look)
    }
    #expect(
      sight.blindSince == nil && sight.missed(since: 800, until: 1_005) && !sight.missed(since: 905, until: 1_005))
    // The clock jumps, and what is told at its first second there comes before a look at it.
    #expect(!sight.missed(since: 905, until: 1_009) && sight.missed(since: 905, until: 9_000))
    for now in stride(from: 1_010, through: 1_900, by: 5) {
      _ = sight.look(.init(heard: 1_005, packets: 4_100), at: now)
    }
    let isTold = sight.isToTell(at: 1_900, after: 30)
    #expect(isTold)
  }

  /// Shares come every ten seconds; the report after the hole is about a day.
  @Test func `a hole tells nothing of the pace`() {
    var totals = ShareTotals(seconds: 86_400)
    (totals.accepted, totals.acceptedDifficulty, totals.jobs) = (30, 30_000, 10)
    var row = JobBook.Row(.init(flow(to: goodPool)), server: 1, place: 1)
    row.add(totals, at: watchBegins, isWhole: false)
    #expect(row.hashrate == nil && row.jobInterval == nil)
    row.add(totals, at: watchBegins, isWhole: true)
    #expect(row.hashrate != nil && row.jobInterval != nil)
  }
}
