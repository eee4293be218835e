import Testing

import struct Simulator.SplitMix64

@testable import Rules

struct GapTestTests {
  /// How many of 2,000 series have a chance of at most `level`.
  private static func found(_ count: Int, at level: Double, _ gap: (inout SplitMix64) -> Double) -> Int {
    var random = SplitMix64(seed: 1)
    return (0..<2_000).count { _ in
      GapTest.chance(of: (0..<count).map { _ in Float(gap(&random)) }) <= level
    }
  }

  private static func exponential(_ random: inout SplitMix64) -> Double {
    var (product, count) = (Double.random(in: 0..<1, using: &random), 0.0)
    // Von Neumann's way needs no logarithm: it only compares.
    while true {
      let first = product
      var (last, run) = (first, 1)
      while true {
        let next = Double.random(in: 0..<1, using: &random)
        guard next < last else { break }
        (last, run) = (next, run + 1)
      }
      if run % 2 == 1 { return (count + first) * 300 }
      count += 1
      product = Double.random(in: 0..<1, using: &random)
    }
  }

  /// The chance that it states is at least the true one.
  @Test(arguments: GapTest.lengths)
  func `gaps of chance are taken for chosen ones no more often than stated`(length: Int) {
    #expect(Self.found(length, at: 0.1, Self.exponential) <= 200)
    #expect(Self.found(length, at: 0.01, Self.exponential) <= 20)
    #expect(Self.found(length, at: 0.001, Self.exponential) <= 4)
  }

  @Test func `a clock is found, and a range of times`() {
    #expect(Self.found(8, at: Beacons.chance) { .random(in: 57...63, using: &$0) } == 2_000)
    #expect(Self.found(16, at: Beacons.chance) { .random(in: 42...78, using: &$0) } > 1_990)
    // Antbleed: 60 to 659 s (bitmaintech/bmminer-mix, driver-btm-c5.c at commit 667c5e8).
    #expect(Self.found(64, at: Beacons.chance) { .random(in: 55...654, using: &$0) } > 1_990)
  }

  @Test func `nothing can be told of what is no series`() {
    #expect(GapTest.chance(of: []) == 1)
    #expect(GapTest.chance(of: [3]) == 1)
    #expect(GapTest.chance(of: [0, 0, 0]) == 1)
    #expect(GapTest.chance(of: [.nan, 1, 2]) == 1)
    #expect(GapTest.chance(of: [60, 60, 60]) == 0)
  }
}
