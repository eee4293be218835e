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
    /// Those that are no events at all, such as gaps that are merely long, wherever they fall.
    var byChance: Double
    /// Single events a second.
    var rate: Double
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
    let mean = expectation.byChance + expectation.rate * Double(window)
    let tail = Chance.ofCount(atLeast: best.count, mean: mean, dispersion: expectation.dispersion)
    // Each event may begin a window of its own.
    let chance = min(tail * Double(times.count), 1)
    return chance < probability ? Wave(events: best, probability: chance, expected: mean) : nil
  }
}

/// How often single miners stop, or start: learned from those that did so alone.
struct EventRate: Sendable {
  private var events = 1.0
  /// In miner-seconds. At first it is believed that every miner does it once a day.
  private var exposure = 86_400.0
  private var open: (short: Double, long: Double, rounds: Int) = (0, 0, 0)
  private var short = RunningMoments()
  private var long = RunningMoments()

  /// For a miner, in a second.
  var perMiner: Double { events / exposure }

  func dispersion(isLong: Bool) -> Double { (isLong ? long : short).dispersion(atMost: 10) }

  mutating func count(_ number: Int = 1) {
    events += Double(number)
    open.short += Double(number)
    open.long += Double(number)
  }

  /// A round of `seconds` is over in which `miners` could have done it.
  mutating func pass(seconds: Double, miners: Int) {
    // A week, and it counts a third.
    let keep = 1 - seconds / 604_800
    events = max(events * keep, 1e-3)
    exposure = exposure * keep + seconds * Double(miners)
    open.rounds += 1
    if open.rounds % FleetWatch.roundsAMinute == 0 {
      short.learn(open.short, memory: 1_440)
      open.short = 0
    }
    if open.rounds % (10 * FleetWatch.roundsAMinute) == 0 {
      long.learn(open.long, memory: 144)
      open.long = 0
    }
  }
}
