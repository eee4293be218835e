import Capture
import Testing

@testable import Flows

@Suite struct SweepTests {
  @Test func `comes by every place in order, and by few places each second`() {
    var sweep = Sweep()
    for _ in 0..<3 {
      let turn = sweep.turn(of: 7)
      #expect(Array(turn.0) + Array(turn.1) == Array(0..<7))
    }
    #expect(sweep.turn(of: 0) == (0..<0, 0..<0))
  }

  @Test(arguments: [1_024, 1_025, 3_000, 20_000])
  func `goes round a table of many places, the places behind the last turn first`(used: Int) {
    var sweep = Sweep()
    var next = 0
    for _ in 0..<25 {
      let turn = sweep.turn(of: used)
      let places = Array(turn.0) + Array(turn.1)
      #expect(places.count == min(used, max(used / 10, Limits.sweptAtOnce)))
      #expect(places == places.indices.map { (next + $0) % used })
      next = (next + places.count) % used
    }
  }

  @Test func `begins anew where the table has become smaller`() {
    var sweep = Sweep()
    _ = sweep.turn(of: 5_000)
    #expect(sweep.turn(of: 900) == (0..<900, 0..<0))
  }
}
