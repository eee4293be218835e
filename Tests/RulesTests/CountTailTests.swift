import Testing

@testable import Rules

struct CountTailTests {
  /// Computed with 50 digits.
  static let known: [(count: Int, mean: Double, tail: Double)] = [
    (0, 3, 1),
    (1, 0.5, 3.934693402874e-01),
    (5, 5, 5.595067149348e-01),
    (10, 2, 4.649807501726e-05),
    (100, 50, 3.200065324585e-10),
    (3, 0.001, 1.665417166528e-10),
    (1_200, 1_000, 4.684203855872e-10),
    (40, 1_000, 1),
  ]

  @Test(arguments: known)
  func `the tail is the sum of its terms`(known: (count: Int, mean: Double, tail: Double)) {
    let tail = Chance.ofCount(atLeast: known.count, mean: known.mean)
    #expect(abs(tail / known.tail - 1) < 1e-9, "\(tail)")
  }

  @Test func `nothing is a surprise where everything is expected`() {
    #expect(Chance.ofCount(atLeast: 1, mean: 0) == 0)
    #expect(Chance.ofCount(atLeast: -1, mean: 0) == 1)
    #expect(Chance.ofCount(atLeast: 1_000_000, mean: .infinity) == 1)
    #expect(Chance.ofCount(atLeast: 1, mean: .nan) == 1)
    #expect(Chance.ofCount(atLeast: .max, mean: 1) == 0)
  }
}
