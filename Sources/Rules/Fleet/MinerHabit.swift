package import Decode

/// How one miner works, as its shares tell: what it usually does, and what it is doing now.
///
/// Work is counted in shares of one difficulty, ``unit``, so that the pool may change the difficulty without the miner seeming to
/// change. What is learned forgets within hours; it is not learned from while something is wrong.
///
/// A site has a hundred thousand of it. So numbers stand in as few bytes as hold them, the small ones where there is room behind
/// others.
package struct MinerHabit: Keyed, BitwiseCopyable {
  package enum State: UInt8, Sendable, BitwiseCopyable {
    /// No share was seen in this run, or its machine has another address by now.
    case unseen
    case hashing
    /// Silent, and told so.
    case silent
    /// One of those that stopped together.
    case stopped
  }

  package let address: IPAddress

  package var key: IPAddress { address }

  /// Work a minute.
  package var pace = RunningMoments()
  package internal(set) var state = State.unseen
  /// Learned in an earlier run; nobody knows yet whether the difficulty is still the same.
  var isRestored = false
  /// Whole minutes of work seen in this run.
  @Narrow<UInt16> var minutesSeen = 0
  /// Place of its latest share among ``FleetWatch/pools``.
  @Narrow<UInt16> package internal(set) var pool = 0

  /// Work a quarter of an hour.
  package var level = RunningMoments()
  /// Whole quarters before the open one, of the three in ``quarters``.
  @Narrow<UInt8> var wholeQuarters = 0
  /// Nothing of the open quarter was left out.
  var isQuarterWhole = false
  /// It is well below its level, and was told so; and for how many quarters since.
  var isLow = false
  @Narrow<UInt8> var lowQuarters = 0
  /// Whole minutes before the open one without any work that are not learned yet.
  @Narrow<UInt16> var empty = 0

  // MARK: Work

  /// Variance of a minute's shares over what a Poisson process would have.
  package var spread = 1.0
  /// The difficulty of a share of which one is a unit of work; 0 while no difficulty was heard.
  package var unit = 0.0
  /// Work of one share at the difficulty of now.
  package var weight = 1.0
  /// Work of the open minute.
  @Coarse var minute = 0.0
  /// Work of the open quarter, and of the three before it.
  @Coarse var quarter = 0.0
  var quarters = InlineArray<3, Float>(repeating: 0)
  /// Mean of the minutes of this run, until it is joined with that of an earlier one.
  @Coarse private var regained = 0.0
  /// Shares a second that the site's rate counts it with.
  @Coarse var counted = 0.0
  /// The share interval, in seconds.
  @Coarse package internal(set) var interval = Double.infinity
  /// Flow of its latest share.
  package internal(set) var flow: UInt64 = 0

  // MARK: Times

  /// Seconds of packet time, as all times here; 0 for never. See ``FleetWatch/seconds(of:)``.
  @Narrow<UInt32> package internal(set) var lastShare = 0
  /// When it began to hash, after the last time that it did not.
  @Narrow<UInt32> var since = 0
  /// From then on a silence means something.
  @Narrow<UInt32> var judgedFrom = .max
  /// The gap that one in a thousand exceeds, in whole seconds.
  @Narrow<UInt32> var fast = longestGap
  package internal(set) var signs = SignsOfLife()
  /// Stops together with others of late, when the first of them was and the last.
  @Narrow<UInt32> var firstStop = 0
  @Narrow<UInt32> var lastStop = 0
  @Narrow<UInt16> var stops = 0

  /// Overdue: silent for longer than one gap in a thousand is.
  var isLate = false
  /// It stands among those that began.
  var hasBegun = false
  /// Its session ended in sight, and a new one is to be expected.
  var isBetween = false
  /// Minutes in ``regained``.
  @Narrow<UInt8> private var minutesRegained = 0

  package init(address: IPAddress) {
    self.address = address
  }

  /// Whole minutes and shares before which nothing is judged.
  static let minutesNeeded = 10
  static let sharesNeeded = 30.0
  /// A miner that comes back is left alone for this long, in seconds; the first time in a run for longer.
  static let settling = 120
  static let firstSettling = 600
  /// What is learned forgets after so many minutes and quarters.
  static let paceMemory = 60
  static let levelMemory = 96
  /// One gap in so many makes a miner late.
  static let lateChance = 1e-3
  /// More clustered than this is no habit.
  static let widestSpread = 10.0
  /// Seconds that stand for a gap of any length.
  private static let longestGap = 1_000_000_000

  /// Enough is known to tell a silence.
  @inline(__always)
  package var isLearned: Bool {
    pace.count >= Self.minutesNeeded && pace.mean * Double(pace.count) >= Self.sharesNeeded * weight
  }

  /// It hashes, and what that means is known.
  @inline(__always)
  var isAtWork: Bool { state == .hashing && isLearned && !isRestored }

  // MARK: Shares

  /// - Parameter difficulty: 0 when unknown: then it is taken for what it was.
  /// - Returns: whether a share now weighs something else.
  mutating func beat(shares: Double, at time: Int, difficulty: Double, flow: UInt64, pool: Int) -> Bool {
    let before = weight
    if difficulty > 0, difficulty < 1e30 {
      // The first difficulty that is heard is that of the shares before it, too.
      if unit == 0 { unit = difficulty / weight }
      let now = min(max(difficulty / unit, 1e-6), 1e6)
      if now != weight {
        weight = now
        updateGaps()
      }
      isRestored = false
    }
    lastShare = max(lastShare, time)
    minute += shares * weight
    quarter += shares * weight
    isLate = false
    // The last shares of a session are counted up after its end was seen.
    if time > max(signs.finished, signs.reset) { isBetween = false }
    (self.flow, self.pool) = (flow, pool)
    return weight != before
  }

  /// When it is to be looked at, if it stays silent; ``FleetWatch/never`` while its silence means nothing.
  ///
  /// - Parameter floor: silences are counted from here at the earliest.
  @inline(__always)
  func due(from floor: Int) -> UInt32 {
    guard isAtWork, !isLate else { return FleetWatch.never }
    return UInt32(clamping: max(max(lastShare, floor) + fast, judgedFrom))
  }

  /// Begins to hash: for the first time, or again.
  mutating func begin(at time: Int) {
    state = .hashing
    since = time
    judgedFrom = time + (minutesSeen >= Self.minutesNeeded ? Self.settling : Self.firstSettling)
    pauseLearning()
  }

  /// What is being counted up is not whole.
  mutating func pauseLearning() {
    (minute, empty, quarter, wholeQuarters) = (0, 0, 0, 0)
    isQuarterWhole = false
  }

  // MARK: Learning

  /// A minute is over. One without shares is learned when the next share shows that it belonged to the habit.
  mutating func closeMinute(from start: Int) {
    guard state == .hashing, since <= start else { return minute = 0 }
    guard minute > 0 else { return empty = min(empty + 1, 1_000) }
    for _ in 0..<empty { learn(0) }
    empty = 0
    learn(minute)
    minute = 0
    minutesSeen += 1
    if isRestored, minutesSeen == Self.minutesNeeded { recogniseWeight() }
    updateGaps()
  }

  private mutating func learn(_ work: Double) {
    if isRestored {
      // Held against what is known when there is enough of it.
      minutesRegained = min(minutesRegained + 1, Self.paceMemory)
      regained += 1 / Double(minutesRegained) * (work - regained)
      return
    }
    if pace.count >= Self.minutesNeeded, pace.mean > 0 {
      let residual = work - pace.mean
      spread += (residual * residual / (pace.mean * weight) - spread) / Double(Self.paceMemory)
    }
    pace.learn(work, memory: Self.paceMemory)
  }

  /// After a restart nobody may have heard the difficulty: when the pace is clearly another one, so is the difficulty.
  private mutating func recogniseWeight() {
    isRestored = false
    guard regained > 0, pace.mean > 0 else { return }
    let ratio = pace.mean / regained
    guard ratio < 0.7 || ratio > 1.4 else { return }
    weight = min(max(weight * ratio, 1e-6), 1e6)
    pauseLearning()
  }

  var dispersion: Double { min(max(spread, 1), Self.widestSpread) }

  /// Works out anew which gaps are too long.
  mutating func updateGaps() {
    guard isLearned else { return }
    interval = 60 * weight / pace.mean
    let gap = gap(exceededWith: Self.lateChance).rounded(.up)
    fast = gap < Double(Self.longestGap) ? Int(gap) : Self.longestGap
  }

  /// That chance alone makes a silence as long, in seconds.
  func chance(ofGap gap: Double) -> Double {
    Chance.ofGap(gap, mean: interval * dispersion, events: paceEvents)
  }

  /// The silence, in seconds, that one gap between shares in so many exceeds.
  func gap(exceededWith probability: Double) -> Double {
    Chance.gap(exceededWith: probability, mean: interval * dispersion, events: paceEvents)
  }

  /// Independent events that the pace is known from: its shares, or clusters of them.
  private var paceEvents: Double { max(pace.mean * Double(pace.count) / weight / dispersion, 5) }

  /// How many gaps between shares there are in a day.
  var gapsADay: Double { 86_400 / interval }
}

/// What a miner showed of itself beside shares: when each was last seen, in seconds; 0 for never.
package struct SignsOfLife: Equatable, Sendable, BitwiseCopyable {
  /// Its session was closed in order, or broken off.
  @Narrow<UInt32> package var finished = 0
  @Narrow<UInt32> package var reset = 0
  /// Anything that it sent.
  @Narrow<UInt32> package var alive = 0
  /// It looked for a pool.
  @Narrow<UInt32> package var seeking = 0
  /// It came up: it had no address yet.
  @Narrow<UInt32> package var booted = 0
  /// The pool gave it a job.
  @Narrow<UInt32> package var job = 0
  /// Packets that it had sent in a session without shares.
  @Narrow<UInt32> var sent = 0
}
