import Protocols

/// Somebody's work in the last hour, in sums: five minutes one by one, and the hour in twelve steps of five minutes.
///
/// A plain value of constant size, since a site has many: work is kept with the 24 bits of a `Float`, a thousandth of what chance
/// does to it, and the rest with as many as its error asks for. `Count` is how shares are counted.
struct WorkWindow<Count: WindowCount>: Sendable {
  private struct Bucket: Sendable {
    var difficulty: Float = 0
    /// How unlike each other the shares are: so many times the sum of squares is what equal shares would have. The upper half of a
    /// `Float`, so exact for equal shares, and good to one part in 256.
    private var unlikeness: UInt16 = 0
    /// Time that the sums were gathered in, in 128ths of a second: 512 s at the most, where a step has 450.
    private var span: UInt16 = 0
    var shares = Count(0)
    var unknown = Count(0)

    init() {}

    init(_ sum: Sum) {
      difficulty = sum.difficulty
      span = UInt16(min(max(sum.seconds, 0) * 128, 65_535).rounded())
      shares = Count(sum.shares)
      unknown = Count(sum.unknown)
      guard difficulty > 0 else { return }
      let ratio = Float(Double(sum.squares) * Double(shares.value) / (Double(difficulty) * Double(difficulty)))
      guard ratio.isFinite else { return }
      unlikeness = UInt16(truncatingIfNeeded: (ratio.bitPattern + 0x8000) >> 16)
    }

    var seconds: Float { Float(span) / 128 }

    var squares: Float {
      guard shares.value > 0 else { return 0 }
      let ratio = Float(bitPattern: UInt32(unlikeness) << 16)
      return Float(Double(ratio) * Double(difficulty) * Double(difficulty) / Double(shares.value))
    }
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
    if minute == 0 { steps[(step + 10) % 11] = Bucket(sum(ofMinutes: 5)) }
    minutes[minute] = Bucket(
      Sum(
        difficulty: isClean ? Float(work.difficulty) : 0, squares: isClean ? Float(work.squares) : 0,
        seconds: isClean ? Float(seconds) : 0, shares: isClean ? UInt64(work.accepted) : 0,
        unknown: UInt64(work.unknown)))
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
