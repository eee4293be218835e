/// The shares of the whole site against what its miners' habits let expect: the fastest sign that much of it went away, and the only
/// one when all of it slows down and nobody is silent.
struct RateWatch: Sendable {
  struct Drop: Equatable, Sendable {
    /// 0...1 of what is expected.
    var share: Double
    var observed: Double
    var expected: Double
    /// How long it was looked at.
    var seconds: Int
    var probability: Double
    var dispersion: Double
  }

  private struct Round: Sendable {
    var observed: Double
    var expected: Double
  }

  /// Rounds of the short and of the long window: a minute, and ten.
  private static let lengths = [FleetWatch.roundsAMinute, 10 * FleetWatch.roundsAMinute]
  /// Fewer expected shares tell nothing of a site.
  private static let sharesNeeded = 50.0
  /// How long a low rate may last until it is the usual one, in seconds.
  private static let acceptance = 86_400

  private var rounds: [Round] = []
  private var next = 0
  private var passed = 0
  /// Mean of the squared residual over what is expected: variance over mean, learned for each window.
  private var spread = [RunningMoments](repeating: RunningMoments(), count: 2)
  /// It was low the last time, too.
  private var wasLow = false
  /// When the drop was told that is not over.
  private(set) var lowSince: Int?

  var isLow: Bool { lowSince != nil || wasLow }

  /// - Parameters:
  ///   - fraction: a smaller drop is not told.
  ///   - probability: what the tail must be below.
  mutating func pass(
    observed: Double, expected: Double, at now: Int, fraction: Double, below probability: Double
  ) -> Drop? {
    add(Round(observed: observed, expected: expected))
    passed += 1
    var worst: Drop?
    for (index, length) in Self.lengths.enumerated() where rounds.count >= length {
      let sum = sum(of: length)
      if passed % length == 0, lowSince == nil, !wasLow, sum.expected > 0 {
        let residual = sum.observed - sum.expected
        spread[index].learn(residual * residual / sum.expected, memory: 240)
      }
      guard let drop = drop(sum, length, spread[index]), drop.share >= fraction, drop.probability < probability else {
        continue
      }
      if drop.share > worst?.share ?? 0 { worst = drop }
    }
    defer { wasLow = worst != nil }
    if let since = lowSince {
      // The long window remembers a drop after those who are missing were found; it is not to be told as another.
      let isOver = Self.lengths.allSatisfy { length in
        guard rounds.count >= length else { return true }
        let sum = sum(of: length)
        return sum.observed >= sum.expected * (1 - fraction / 2)
      }
      if isOver || now - since > Self.acceptance { lowSince = nil }
      return nil
    }
    guard let worst, wasLow else { return nil }
    lowSince = now
    return worst
  }

  private func drop(_ sum: Round, _ length: Int, _ spread: RunningMoments) -> Drop? {
    guard sum.expected >= Self.sharesNeeded, sum.observed < sum.expected else { return nil }
    let dispersion = spread.count >= 5 ? min(max(spread.mean, 1), 100) : 2
    let tail = Chance.ofCount(atMost: Int(min(sum.observed, 1e9)), mean: min(sum.expected, 1e9), dispersion: dispersion)
    return Drop(
      share: 1 - sum.observed / sum.expected, observed: sum.observed, expected: sum.expected,
      seconds: length * FleetWatch.roundLength, probability: tail, dispersion: dispersion)
  }

  private mutating func add(_ round: Round) {
    if rounds.count < Self.lengths[1] {
      rounds.append(round)
    } else {
      rounds[next] = round
      next = (next + 1) % rounds.count
    }
  }

  private func sum(of length: Int) -> Round {
    var sum = Round(observed: 0, expected: 0)
    let count = rounds.count
    for age in 1...length {
      let round = rounds[(next + count - age) % count]
      sum.observed += round.observed
      sum.expected += round.expected
    }
    return sum
  }

  /// What those at work did of what they usually do in the last minute, 0...1.
  ///
  /// - Parameter silent: expected shares a second of those that are known to be silent, who are left out.
  func ratio(without silent: Double) -> Double {
    guard rounds.count >= Self.lengths[0] else { return 1 }
    let sum = sum(of: Self.lengths[0])
    let rest = sum.expected - silent * Double(Self.lengths[0] * FleetWatch.roundLength)
    guard rest > 0.05 * sum.expected else { return 1 }
    return min(max(sum.observed / rest, 0.01), 1)
  }

  /// What was counted up has a hole in it. What was learned stays.
  mutating func forgetRounds() {
    (rounds, next, passed, wasLow) = ([], 0, 0, false)
  }
}
