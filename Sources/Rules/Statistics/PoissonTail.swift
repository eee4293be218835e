import Glibc

/// How likely chance alone brings so many events, where a mean number is expected and none waits for another.
enum PoissonTail {
  /// P(X >= count) for a Poisson variable of this mean, to a relative 1e-9.
  ///
  /// - Parameters:
  ///   - count: events that were seen; 0 and less are certain.
  ///   - mean: what is expected; 0 and less mean that none is.
  static func atLeast(_ count: Int, mean: Double) -> Double {
    guard count > 0 else { return 1 }
    guard mean > 0, mean.isFinite else { return mean.isFinite ? 0 : 1 }
    return Double(count) > mean ? above(count, mean) : max(0, 1 - below(count, mean))
  }

  /// The sum from `count` up: each term is smaller than the one before it.
  private static func above(_ count: Int, _ mean: Double) -> Double {
    var (sum, term, next) = (1.0, 1.0, Double(count) + 1)
    while term > sum * 1e-12 {
      term *= mean / next
      sum += term
      next += 1
    }
    return min(1, sum * probability(of: count, mean))
  }

  /// The sum of all that is less than `count`, from the largest term down.
  private static func below(_ count: Int, _ mean: Double) -> Double {
    var (sum, term, next) = (1.0, 1.0, Double(count) - 1)
    while next > 0, term > sum * 1e-12 {
      term *= next / mean
      sum += term
      next -= 1
    }
    return sum * probability(of: count - 1, mean)
  }

  private static func probability(of count: Int, _ mean: Double) -> Double {
    exp(Double(count) * log(mean) - mean - logFactorial(count))
  }

  /// Stirling's series, exact to 1e-10 from 32 on.
  private static func logFactorial(_ count: Int) -> Double {
    guard count >= 32 else { return (1...max(count, 1)).reduce(0.0) { $0 + log(Double($1)) } }
    let number = Double(count)
    return (number + 0.5) * log(number) - number + 0.918_938_533_204_672_7 + 1 / (12 * number)
      - 1 / (360 * number * number * number)
  }
}
