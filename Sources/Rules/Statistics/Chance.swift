import Glibc

/// How likely it is that chance alone does what was seen: the tails of the distributions that the fleet's rules decide by.
///
/// All answers are probabilities of 0...1; what makes no sense (no expectation, nothing counted) answers 1, which proves nothing.
package enum Chance {
  // MARK: Gaps

  /// No event for `gap` or longer, where `events` of them came `mean` apart on average.
  ///
  /// The gaps of a Poisson process are exponential. That the mean is known from a number of events only makes the
  /// tail heavier (Lomax): with thirty events a gap of ten means is three times likelier than with all the time in the
  /// world.
  package static func ofGap(_ gap: Double, mean: Double, events: Double) -> Double {
    guard gap > 0, mean > 0, events > 0 else { return 1 }
    return exp(-events * log1p(gap / (mean * events)))
  }

  /// The gap that is exceeded with `probability`: the inverse of ``ofGap(_:mean:events:)``.
  package static func gap(exceededWith probability: Double, mean: Double, events: Double) -> Double {
    guard probability > 0, probability < 1, mean > 0, events > 0 else { return .infinity }
    return mean * events * expm1(-log(probability) / events)
  }

  // MARK: Counts

  /// `count` events or more where `mean` are expected.
  ///
  /// - Parameter dispersion: variance over mean. 1 is Poisson; more is a negative binomial distribution, as when events come in
  ///   clusters.
  package static func ofCount(atLeast count: Int, mean: Double, dispersion: Double = 1) -> Double {
    guard count > 0, mean.isFinite else { return 1 }
    guard mean > 0 else { return 0 }
    guard Double(count) > mean else { return 1 - ofCount(atMost: count - 1, mean: mean, dispersion: dispersion) }
    let law = CountLaw(mean: mean, dispersion: dispersion)
    var term = exp(law.logProbability(of: count))
    var sum = 0.0
    var place = count
    while term > sum * 1e-12, place &- count < 100_000 {
      sum += term
      term *= law.ratio(after: place)
      place &+= 1
    }
    return min(sum, 1)
  }

  /// `count` events or fewer where `mean` are expected.
  package static func ofCount(atMost count: Int, mean: Double, dispersion: Double = 1) -> Double {
    guard mean > 0, count >= 0, Double(count) < mean else { return 1 }
    let law = CountLaw(mean: mean, dispersion: dispersion)
    var term = exp(law.logProbability(of: count))
    var sum = 0.0
    var place = count
    while term > sum * 1e-12 {
      sum += term
      guard place > 0 else { break }
      place -= 1
      term /= law.ratio(after: place)
    }
    return min(sum, 1)
  }

  /// The least count whose tail is below `probability`.
  package static func count(below probability: Double, mean: Double, dispersion: Double = 1) -> Int {
    var count = Int(min(max(mean, 0), 1e6)) + 1
    while ofCount(atLeast: count, mean: mean, dispersion: dispersion) > probability, count < 10_000_000 { count += 1 }
    return count
  }

  // MARK: Draws

  /// `found` or more of the `marked` among `drawn` of `all`: Fisher's exact test, one-sided (hypergeometric distribution).
  package static func ofDraw(atLeast found: Int, marked: Int, drawn: Int, all: Int) -> Double {
    guard all > 0, (0...all).contains(marked), (0...all).contains(drawn), found > 0 else { return 1 }
    let most = min(marked, drawn)
    guard found <= most else { return 0 }
    let whole = logChoose(all, drawn)
    var sum = 0.0
    for count in found...most where drawn - count <= all - marked {
      sum += exp(logChoose(marked, count) + logChoose(all - marked, drawn - count) - whole)
    }
    return min(sum, 1)
  }

  private static func logChoose(_ all: Int, _ some: Int) -> Double {
    lgamma(Double(all) + 1) - lgamma(Double(some) + 1) - lgamma(Double(all - some) + 1)
  }
}

/// The law of a count with a mean and a variance that is `dispersion` times the mean: Poisson, or negative binomial.
private struct CountLaw {
  let mean: Double
  let dispersion: Double
  /// Size of the negative binomial distribution.
  let size: Double

  init(mean: Double, dispersion: Double) {
    self.mean = mean
    // Below, the two laws cannot be told apart, and the size is beyond what the arithmetic resolves.
    self.dispersion = dispersion < 1.001 ? 1 : dispersion
    size = self.dispersion > 1 ? mean / (self.dispersion - 1) : .infinity
  }

  func logProbability(of count: Int) -> Double {
    let count = Double(count)
    guard dispersion > 1 else { return count * log(mean) - mean - lgamma(count + 1) }
    return lgamma(count + size) - lgamma(count + 1) - lgamma(size) - size * log(dispersion)
      + count * log1p(-1 / dispersion)
  }

  /// Probability of the next count over that of this one.
  func ratio(after count: Int) -> Double {
    let count = Double(count)
    guard dispersion > 1 else { return mean / (count + 1) }
    return (count + size) / (count + 1) * (1 - 1 / dispersion)
  }
}
