import Glibc

/// Tells gaps that somebody chose from those of chance.
///
/// Whoever calls again after a time that a program sets, fixed or drawn from a range, leaves gaps that are never much shorter or
/// longer than their mean. Chance does: the gaps of a Poisson process are as the pieces of a stick that is broken at random
/// places. Of n pieces of mean 1 the shortest is at least s with probability (1 - s)^(n - 1), exactly. Without these s, the rest
/// is a stick broken at random again, of which none is longer than x (of the whole) with probability at most
/// (1 - (1 - x)^(n - 1))^n, as pieces are negatively associated. The two are independent, so the chance of a product t as small
/// as theirs is t (1 - ln t), Fisher's rule for two. It errs to the safe side by a factor of two to four.
enum GapTest {
  /// Numbers of latest gaps that are looked at: few tell a strict clock, many a wide range such as Antbleed's 60 to 659 s.
  static let lengths = [8, 16, 32, 64]

  /// Probability that gaps of a Poisson process are so alike; 1 for fewer than two.
  static func chance(of gaps: some Collection<Float>) -> Double {
    let count = Double(gaps.count)
    guard count >= 2, let least = gaps.min(), let most = gaps.max(), least >= 0 else { return 1 }
    let mean = gaps.reduce(0.0) { $0 + Double($1) } / count
    guard mean > 0, mean.isFinite else { return 1 }
    let (shortest, longest) = (Double(least) / mean, Double(most) / mean)
    guard shortest < 1 else { return 0 }
    let short = pow(1 - shortest, count - 1)
    let piece = min(1, (longest - shortest) / (1 - shortest) / count)
    let long = pow(1 - pow(1 - piece, count - 1), count)
    let product = short * long
    return product > 0 ? min(1, product * (1 - log(product))) : 0
  }
}
