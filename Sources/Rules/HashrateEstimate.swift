import Foundation

/// A hashrate as shares tell it, with what chance does to it: accepted difficulty × 2³² over time, since a share of
/// difficulty 1 takes 2³² hashes on average.
///
/// Shares come as a Poisson process, so the error is known from the shares alone: the root of the sum of squared difficulties
/// over their sum, which is 1/√N for N equal shares.
package struct HashrateEstimate: Equatable, Sendable {
  /// The window that was asked for; it may have been watched for a part of it only.
  package var minutes: Int
  /// Time that the shares were counted in.
  package var seconds: Double
  /// Accepted shares of known difficulty, and of unknown one, which are in no number here.
  package var shares: UInt64
  package var unknownShares: UInt64
  /// In TH/s. Nil when it is not known, which is not zero.
  package var terahashes: Double?
  /// Standard error over the rate; nil without any share.
  package var relativeError: Double?
  /// In TH/s: where the true rate is 19 times out of 20.
  package var range: ClosedRange<Double>?

  /// - Parameters:
  ///   - shares: those of known difficulty.
  ///   - difficulty: their sum; and of their squares.
  package init(
    minutes: Int, seconds: Double = 0, shares: UInt64 = 0, unknownShares: UInt64 = 0, difficulty: Double = 0,
    squares: Double = 0
  ) {
    self.minutes = minutes
    self.seconds = seconds
    self.shares = shares
    self.unknownShares = unknownShares
    guard seconds > 0, difficulty.isFinite, squares.isFinite, shares > 0 || unknownShares == 0 else { return }
    let rate = difficulty * Self.hashesPerDifficulty / seconds / 1e12
    guard rate.isFinite else { return }
    terahashes = rate
    guard shares > 0, difficulty > 0, squares > 0 else { return }
    relativeError = squares.squareRoot() / difficulty
    // So many equal shares would have the same error.
    let equal = difficulty * difficulty / squares
    range = rate * Self.low(equal) / equal...rate * Self.high(equal) / equal
  }

  /// Hashes that a share of difficulty 1 stands for on average.
  private static let hashesPerDifficulty = 4_294_967_296.0

  // Byar's approximation of the exact Poisson limits (Breslow and Day, 1987, §2.3): good to a few thousandths from one share on,
  // where the rate plus or minus two errors would be far off.

  private static func low(_ count: Double) -> Double {
    let root = 1 - 1 / (9 * count) - 1.96 / (3 * count.squareRoot())
    return count * max(root, 0) * max(root, 0) * max(root, 0)
  }

  private static func high(_ count: Double) -> Double {
    let next = count + 1
    let root = 1 - 1 / (9 * next) + 1.96 / (3 * next.squareRoot())
    return next * root * root * root
  }
}
