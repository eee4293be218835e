/// How often single miners stop, or start: learned from those that did so alone.
struct EventRate: Sendable {
  private var events = 1.0
  /// In miner-seconds. At first it is believed that every miner does it once a day.
  private var exposure = 86_400.0
  private var open: (short: Double, long: Double, rounds: Int) = (0, 0, 0)
  private var short = RunningMoments()
  private var long = RunningMoments()

  /// Windows in which events were Poisson, and which are believed to have been before the first that was seen: a few windows
  /// alone tell nothing about the variance of what is rare.
  private static let believed = 30.0

  /// What single ones come to in a window of `seconds`.
  ///
  /// - Parameters:
  ///   - miners: that could do it.
  ///   - isLong: the window is nearer to ten minutes than to one.
  ///   - more: expected at any time, whatever the window.
  func expectation(of miners: Int, in seconds: Int, isLong: Bool, besides more: Double = 0) -> WaveTest.Expectation {
    let mean = events / exposure * Double(miners) * Double(seconds)
    let clusters = max(Self.dispersion(short), isLong ? Self.dispersion(long) : 1)
    // That the rate is known from a number of events only makes the tail heavier (Poisson with a gamma rate).
    return WaveTest.Expectation(mean: mean + more, dispersion: clusters + mean / max(events, 1))
  }

  private static func dispersion(_ counts: RunningMoments) -> Double {
    guard counts.mean > 0 else { return 1 }
    let seen = Double(counts.count)
    return min(max((counts.variance / counts.mean * seen + believed) / (seen + believed), 1), 10)
  }

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
