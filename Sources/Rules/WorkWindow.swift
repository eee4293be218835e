import Protocols

/// Somebody's work in the last hour, in sums: five minutes one by one, and the hour in twelve steps of five minutes.
///
/// A plain value of constant size, since a site has many: numbers are kept with the 24 bits of a `Float`, a thousandth of what
/// chance does to them.
struct WorkWindow: Sendable {
  private struct Bucket: Sendable {
    var difficulty: Float = 0
    var squares: Float = 0
    /// Time that the sums were gathered in.
    var seconds: Float = 0
    var shares: UInt32 = 0
    var unknown: UInt32 = 0

    mutating func add(_ other: Bucket) {
      difficulty += other.difficulty
      squares += other.squares
      seconds += other.seconds
      shares &+= other.shares
      unknown &+= other.unknown
    }
  }

  private var minutes = InlineArray<5, Bucket>(repeating: Bucket())
  private var steps = InlineArray<12, Bucket>(repeating: Bucket())
  /// Minutes added so far; their place in the rings.
  private var count: UInt32 = 0
  /// Minutes since the last with a share.
  private var idleMinutes: UInt32 = 0

  /// Windows that are told, in minutes. Those of 15 and 60 move in steps of five.
  static let lengths = [1, 5, 15, 60]

  /// Adds the next minute.
  ///
  /// - Parameters:
  ///   - seconds: time in which the work was done.
  ///   - isStrict: a minute with shares of unknown difficulty tells nothing of anybody's rate, so neither its work nor its time
  ///     counts. Not so for sums over many: there it is work that is missing.
  mutating func add(_ work: ShareWork, seconds: Double, isStrict: Bool) {
    let isClean = work.unknown == 0 || !isStrict
    let bucket = Bucket(
      difficulty: isClean ? Float(work.difficulty) : 0, squares: isClean ? Float(work.squares) : 0,
      seconds: isClean ? Float(seconds) : 0, shares: isClean ? work.accepted : 0, unknown: work.unknown)
    minutes[Int(count % 5)] = bucket
    let step = Int(count / 5 % 12)
    if count % 5 == 0 { steps[step] = Bucket() }
    steps[step].add(bucket)
    count &+= 1
    idleMinutes = bucket.shares | bucket.unknown == 0 ? idleMinutes &+ 1 : 0
  }

  /// Whether nothing was done in the whole hour, or ever.
  var isIdle: Bool { idleMinutes >= 60 || idleMinutes == count }

  /// The rate in one of ``lengths``.
  func estimate(minutes length: Int) -> HashrateEstimate {
    var sum = Bucket()
    guard count > 0 else { return HashrateEstimate(minutes: length) }
    let last = Int(count &- 1)
    if length <= 5 {
      for back in 0..<min(length, last + 1) { sum.add(minutes[(last - back) % 5]) }
    } else {
      for back in 0..<min(length / 5, last / 5 + 1) { sum.add(steps[(last / 5 - back) % 12]) }
    }
    return HashrateEstimate(
      minutes: length, seconds: Double(sum.seconds), shares: UInt64(sum.shares), unknownShares: UInt64(sum.unknown),
      difficulty: Double(sum.difficulty), squares: Double(sum.squares))
  }

  var estimates: [HashrateEstimate] { Self.lengths.map(estimate) }
}
