import Glibc

/// Whether the site's shares swing: load that is switched off and on faster than the silence of any one miner could show.
///
/// What each round's shares are above or below their expectation, in standard deviations of chance, is white noise as long as nothing
/// swings; and of white noise the power at one frequency is exponential with mean 1 (A. Schuster, "On the investigation of hidden
/// periodicities", 1898). A swing has power in every part of the last ten minutes, a single dip in one part, or two.
struct SwingTest: Sendable {
  struct Swing: Equatable, Sendable {
    /// From one stop to the next, in seconds.
    var period: Double
    /// What goes off and on, 0...1 of the site.
    var share: Double
    var probability: Double
  }

  private struct Round: Sendable {
    var residual: Double
    var expected: Double
    /// A stop or a drop was going on, which has power at every frequency.
    var isDisturbed: Bool
  }

  /// Parts of the time that is looked at, and the rounds of each.
  private static let parts = 3
  private static let length = 40
  /// Seconds that are looked at.
  static let seconds = parts * length * FleetWatch.roundLength
  /// Cycles in a part that are tried, in quarters: periods of 133 s, where silences tell already, down to 10 s, two rounds.
  private static let quarters = 6...79
  /// A turn in so many steps that a round is a whole number of them, however many quarters of a cycle are in a part.
  private static let turn = 4 * length
  private static let sines = (0..<turn).map { sin(2 * .pi * Double($0) / Double(turn)) }
  /// How long a stop may have gone on before it was found, in rounds.
  private static let latency = 24
  /// Fewer expected shares in a round tell nothing.
  private static let sharesNeeded = 20.0
  /// Looks, a minute apart, that the noise is learned from, and how many are needed before it is believed to be less than twice as much
  /// as chance makes.
  private static let memory = 240
  private static let looksNeeded = 10
  /// A swing is over when chance does as much once in so many looks.
  private static let surelyOver = 0.05

  private var rounds: [Round] = []
  private var passed = 0
  /// Variance over mean of a round's shares.
  private var noise = RunningMoments()
  /// A swing was told and is not over.
  private(set) var isOn = false

  /// A round is over. Looks once a minute.
  ///
  /// - Parameters:
  ///   - isDisturbed: a stop or a drop is going on.
  ///   - probability: of a false alarm, what it must be below.
  /// - Returns: a swing that is new.
  mutating func pass(observed: Double, expected: Double, isDisturbed: Bool, below probability: Double) -> Swing? {
    guard expected >= Self.sharesNeeded else {
      forget()
      return nil
    }
    let residual = (observed - expected) / expected.squareRoot()
    if isDisturbed { for place in rounds.indices.suffix(Self.latency) { rounds[place].isDisturbed = true } }
    rounds.append(Round(residual: residual, expected: expected, isDisturbed: isDisturbed))
    if rounds.count > Self.parts * Self.length { rounds.removeFirst() }
    passed += 1
    guard passed % FleetWatch.roundsAMinute == 0, rounds.count == Self.parts * Self.length else { return nil }
    let swing = strongest()
    guard swing.probability < probability else {
      // What goes on weakly is not over, nor is it noise.
      if swing.probability > Self.surelyOver { isOn = false }
      guard !isOn else { return nil }
      let minute = rounds.suffix(FleetWatch.roundsAMinute)
      noise.learn(minute.reduce(0) { $0 + $1.residual * $1.residual } / Double(minute.count), memory: Self.memory)
      return nil
    }
    defer { isOn = true }
    return isOn ? nil : swing
  }

  /// What was counted has a hole in it.
  mutating func forget() {
    (rounds, passed, isOn) = ([], 0, false)
  }

  /// The frequency that is strongest in the part where it is weakest.
  private func strongest() -> Swing {
    let noise = max(noise.mean, noise.count < Self.looksNeeded ? 2 : 1)
    let mean = rounds.reduce(0) { $0 + $1.expected } / Double(rounds.count)
    let values = (0..<Self.parts).map { Self.centred(part($0)) }
    var best = (power: 0.0, cycles: 1.0, amplitude: 0.0)
    for quarters in Self.quarters {
      let amplitudes = values.map { Self.amplitude(of: quarters, in: $0) }
      let least = amplitudes.min() ?? 0
      let power = least * least * Double(Self.length) / 4 / noise
      guard power > best.power else { continue }
      best = (power, Double(quarters) / 4, amplitudes.reduce(0, +) / Double(Self.parts))
    }
    // Where a part is disturbed, only the others are chance; and where all are, by drops one after the other, at least one.
    let clean = (0..<Self.parts).count { part in !self.part(part).contains { $0.isDisturbed } }
    let length = Double(Self.length * FleetWatch.roundLength)
    // The first harmonic of a square wave is 2/π of its height.
    return Swing(
      period: length / best.cycles, share: min(best.amplitude / mean.squareRoot() * .pi / 2, 1),
      probability: min(exp(-best.power * Double(max(clean, 1))) * Double(Self.quarters.count), 1))
  }

  private func part(_ part: Int) -> ArraySlice<Round> { rounds[part * Self.length..<(part + 1) * Self.length] }

  /// The residuals of a part, less their mean.
  private static func centred(_ part: ArraySlice<Round>) -> [Double] {
    let mean = part.reduce(0) { $0 + $1.residual } / Double(part.count)
    return part.map { $0.residual - mean }
  }

  /// Of what in a part's values goes round so many quarters of a cycle.
  private static func amplitude(of quarters: Int, in values: [Double]) -> Double {
    let sines = sines
    var (sine, cosine) = (0.0, 0.0)
    var angle = 0
    for value in values {
      sine += value * sines[angle]
      cosine += value * sines[(angle + turn / 4) % turn]
      angle = (angle + quarters) % turn
    }
    return 2 * (sine * sine + cosine * cosine).squareRoot() / Double(values.count)
  }
}
