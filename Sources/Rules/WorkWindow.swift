import Protocols

/// Somebody's work in the last hour, in sums: five minutes one by one, and the hour in twelve steps of five minutes.
///
/// A plain value of constant size, since a site has many: numbers are kept with the 24 bits of a `Float`, a thousandth of what
/// chance does to them. `Count` is how shares are counted.
struct WorkWindow<Count: WindowCount>: Sendable {
  private struct Bucket: Sendable {
    var difficulty: Float = 0
    var squares: Float = 0
    /// Time that the sums were gathered in.
    var seconds: Float = 0
    var shares = Count(0)
    var unknown = Count(0)
  }

  private struct Sum {
    var difficulty: Float = 0
    var squares: Float = 0
    var seconds: Float = 0
    var shares: UInt64 = 0
    var unknown: UInt64 = 0

    mutating func add(_ bucket: Bucket) {
      difficulty += bucket.difficulty
      squares += bucket.squares
      seconds += bucket.seconds
      shares &+= bucket.shares.value
      unknown &+= bucket.unknown.value
    }

    var bucket: Bucket {
      Bucket(
        difficulty: difficulty, squares: squares, seconds: seconds, shares: Count(shares), unknown: Count(unknown))
    }
  }

  private var minutes = InlineArray<5, Bucket>(repeating: Bucket())
  /// The steps before the one that ``minutes`` are of.
  private var steps = InlineArray<11, Bucket>(repeating: Bucket())
  /// Where the next minute comes, 0..<55: its place in both rings.
  private var place: UInt8 = 0
  /// Minutes since the last with a share, sixty at the most: so many as well when there was none ever.
  private var idleMinutes: UInt8 = 60

  /// Windows that are told, in minutes. Those of 15 and 60 move in steps of five.
  static var lengths: [Int] { [1, 5, 15, 60] }

  /// Adds the next minute.
  ///
  /// - Parameters:
  ///   - seconds: time in which the work was done.
  ///   - isStrict: a minute with shares of unknown difficulty tells nothing of anybody's rate, so neither its work nor its time
  ///     counts. Not so for sums over many: there it is work that is missing.
  mutating func add(_ work: ShareWork, seconds: Double, isStrict: Bool) {
    let isClean = work.unknown == 0 || !isStrict
    let (minute, step) = (Int(place % 5), Int(place / 5))
    // A step is over: it takes the place of the one of an hour ago.
    if minute == 0 { steps[(step + 10) % 11] = sum(ofMinutes: 5).bucket }
    minutes[minute] = Bucket(
      difficulty: isClean ? Float(work.difficulty) : 0, squares: isClean ? Float(work.squares) : 0,
      seconds: isClean ? Float(seconds) : 0, shares: Count(isClean ? UInt64(work.accepted) : 0),
      unknown: Count(UInt64(work.unknown)))
    place = (place + 1) % 55
    let isIdle = (isClean ? work.accepted : 0) | work.unknown == 0
    idleMinutes = isIdle ? min(idleMinutes + 1, 60) : 0
  }

  /// Whether nothing was done in the whole hour, or ever.
  var isIdle: Bool { idleMinutes >= 60 }

  /// The first minutes of a step.
  private func sum(ofMinutes count: Int) -> Sum {
    var sum = Sum()
    for minute in 0..<count { sum.add(minutes[minute]) }
    return sum
  }

  /// The rate in one of ``lengths``.
  func estimate(minutes length: Int) -> HashrateEstimate {
    var sum = Sum()
    let last = (Int(place) + 54) % 55
    if length <= 5 {
      for back in 0..<length { sum.add(minutes[(last % 5 + 5 - back) % 5]) }
    } else {
      sum = self.sum(ofMinutes: last % 5 + 1)
      for back in 1..<max(length / 5, 1) { sum.add(steps[(last / 5 + 11 - back) % 11]) }
    }
    return HashrateEstimate(
      minutes: length, seconds: Double(sum.seconds), shares: sum.shares, unknownShares: sum.unknown,
      difficulty: Double(sum.difficulty), squares: Double(sum.squares))
  }

  var estimates: [HashrateEstimate] { Self.lengths.map(estimate) }
}
