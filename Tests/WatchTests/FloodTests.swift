import Capture
import Protocols
import Rules
import Simulator
import Testing

@testable import Watch

/// A little of each flood, and then an attack: it is still told. `make flood` has a million of each and counts the memory.
@Suite
struct FloodTests {
  @Test(arguments: Flood.allCases)
  func `behind a flood an attack is told`(flood: Flood) throws {
    var pipeline = Pipeline(policy: try Bench.policy(), seed: 1)
    var tape = Tape()
    flood.play(2_500, at: RuleConversationTests.start) { bytes, time in tape.append(bytes, at: time) }
    for frame in tape.frames { pipeline.receive(frame) }
    let last = try #require(tape.frames.last).time
    let stage = Stage(at: last.advanced(by: .seconds(30)))
    for frame in stage.play(stage.mining(to: .stranger, user: "mallory.x")).frames { pipeline.receive(frame) }
    pipeline.finish()
    let raised = pipeline.judging.takeFindings().map(\.rule.name)
    #expect(raised.contains("pool.unlisted"))
    let hits = BoundTotals(SiteCounts([pipeline.packets.counts])).since(BoundTotals())
    // Bounds a session, which so few reach already.
    switch flood {
    case .fragments: #expect(hits.contains { $0.bound == "fragmented datagrams" })
    case .ids: #expect(hits.contains { $0.bound == "Stratum requests" })
    default: break
    }
  }

  @Test func `what was hit of a bound is told once`() throws {
    let counts = SiteCounts([try Pipeline(policy: Bench.policy(), seed: 1).packets.counts])
    let first = BoundTotals(counts, ruleBounds: [("habits", 2)])
    let second = BoundTotals(counts, ruleBounds: [("habits", 5)])
    #expect(first.since(BoundTotals()) == [.init(bound: "habits", count: 2)])
    #expect(second.since(first) == [.init(bound: "habits", count: 3)])
    #expect(second.since(second) == [])
  }

  @Test func `a bound that a worker tells of is in the table of bounds`() throws {
    let pipeline = Pipeline(policy: try Bench.policy(), seed: 1)
    let names = BoundTotals(SiteCounts([pipeline.packets.counts])).totals.map(\.bound)
    #expect(Set(names).count == names.count)
    #expect(Set(names).subtracting(Limits.all.map(\.name)).isEmpty)
  }
}
