/// Mean and variance of a series that may change: the plain ones at first, and later those that forget.
///
/// Of `memory` values on, each new one has a share of one in `memory`, so that an old one counts a third after `memory` more.
package struct RunningMoments: Equatable, Sendable, BitwiseCopyable {
  package var mean = 0.0
  package var variance = 0.0
  /// Values learned, `memory` at the most.
  package var count: Int {
    get { Int(values) }
    set { values = Int16(clamping: newValue) }
  }

  /// In two bytes, since every miner has two of these.
  private var values: Int16 = 0

  package init() {}

  package mutating func learn(_ value: Double, memory: Int) {
    count = min(count + 1, memory)
    let share = 1 / Double(count)
    let difference = value - mean
    mean += share * difference
    variance = (1 - share) * (variance + share * difference * difference)
  }

  /// Variance over mean, at least 1: what comes in clusters has more, and less than Poisson is believed of nothing.
  func dispersion(atMost limit: Double) -> Double {
    mean > 0 && count > 1 ? min(max(variance / mean, 1), limit) : 1
  }
}
