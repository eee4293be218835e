/// Whether more of something happened together than chance explains: the scan for the fullest window.
enum WaveTest {
  /// Events that lie within a window of each other, by their places in the sorted times.
  struct Wave: Equatable, Sendable {
    var events: Range<Int>
    var probability: Double
    var expected: Double
  }

  /// How many events chance puts into a window.
  struct Expectation: Sendable {
    var mean: Double
    /// Variance over mean of the counts of windows.
    var dispersion: Double
  }

  /// The fullest window, where it is too full.
  ///
  /// - Parameters:
  ///   - times: in order, in seconds.
  ///   - least: fewer than so many are nothing.
  ///   - probability: what the tail must be below, for all windows together.
  static func fullest(
    _ times: [Int], window: Int, expecting expectation: Expectation, least: Int, below probability: Double
  ) -> Wave? {
    guard times.count >= least else { return nil }
    var best = 0..<0
    var first = 0
    for last in times.indices {
      while times[last] - times[first] > window { first += 1 }
      if last + 1 - first > best.count { best = first..<last + 1 }
    }
    guard best.count >= least else { return nil }
    let tail = Chance.ofCount(atLeast: best.count, mean: expectation.mean, dispersion: expectation.dispersion)
    // Each event may begin a window of its own.
    let chance = min(tail * Double(times.count), 1)
    return chance < probability ? Wave(events: best, probability: chance, expected: expectation.mean) : nil
  }
}
