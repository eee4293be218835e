import Capture
import Decode
import Protocols

/// For whom each miner works, so that one that works for two is seen.
///
/// Sums of shares come every five minutes and at the end of a session. Two places whose sums cover the same time were worked for
/// at once; a place that is gone back to, again and again, is worked for in turns.
package struct Allegiances: Sendable {
  /// A pool and an account, and the work that a miner did for them.
  struct Place: Sendable {
    let pool: String
    /// Nil when unknown, or when a session names several.
    let account: String?
    let server: ServerAddress
    fileprivate var isDifficultyKnown: Bool
    /// Stretches of time in which work was done here, each behind one for another place.
    @Narrow<UInt32> fileprivate var spells = 1
    fileprivate var accepted: UInt64
    /// Sum of the difficulty of accepted shares; meaningless when that of some was not known.
    fileprivate var difficulty: Double
    fileprivate var last: (begin: Timestamp, end: Timestamp)
  }

  struct Miner: Keyed {
    let address: IPAddress
    /// When the sums began.
    fileprivate let since: Timestamp
    /// Nearly every miner has but this.
    fileprivate var first: Place
    /// Bounded by `Limits.placesPerMiner`: who works for more is a proxy.
    fileprivate var others: [Place] = []
    /// How long it worked for two places at once, in nanoseconds.
    fileprivate(set) var overlap: Int64 = 0
    fileprivate var wasTold = false
    fileprivate var isProxy = false

    fileprivate init(_ address: IPAddress, since: Timestamp, at place: Place) {
      self.address = address
      self.since = since
      first = place
    }

    var key: IPAddress { address }
  }

  /// Bounded by `Limits.seenMiners`.
  private var miners = Table<Miner>(limit: Limits.seenMiners)
  private(set) var missed: UInt64 = 0

  package init() {}

  /// What makes work for two places a split, instead of a failover.
  struct Bounds {
    var window: Duration
    var overlap: Duration
    var turns: UInt64
  }

  /// Takes in the sums of a session.
  ///
  /// - Returns: the miner, when its work was found to be split, once a window.
  mutating func heard(
    _ totals: ShareTotals, of session: JobBook.Standing, in flow: FlowFacts, at now: Timestamp, _ bounds: Bounds
  ) -> Miner? {
    guard totals.accepted > 0 else { return nil }
    let address = flow.client.address
    let place = Place(
      pool: session.place, account: session.account, server: ServerAddress(flow.server),
      isDifficultyKnown: totals.acceptedOfUnknownDifficulty == 0,
      accepted: totals.accepted, difficulty: totals.acceptedDifficulty,
      last: (now.advanced(byNanoseconds: -Int64(min(totals.seconds, 1e9) * 1e9)), now))
    if let row = miners.place(of: address) { return miners[row].add(place, bounds) }
    guard miners.count < Limits.seenMiners else {
      missed &+= 1
      return nil
    }
    miners.append(Miner(address, since: now, at: place))
    return nil
  }

  /// Time was set back: no stretch means anything any more.
  mutating func forget() { miners.removeAll() }
}

extension Allegiances.Miner {
  private var count: Int { 1 + others.count }
  private var places: [Allegiances.Place] { [first] + others }

  private subscript(place: Int) -> Allegiances.Place {
    get { place == 0 ? first : others[place - 1] }
    set { if place == 0 { first = newValue } else { others[place - 1] = newValue } }
  }

  /// Adds a stretch of work.
  ///
  /// - Returns: the miner, when its work was found to be split.
  fileprivate mutating func add(_ work: Allegiances.Place, _ bounds: Allegiances.Bounds) -> Allegiances.Miner? {
    if work.last.end > since.advanced(by: bounds.window) {
      self = Allegiances.Miner(address, since: work.last.end, at: work)
      return nil
    }
    guard !isProxy else { return nil }
    if others.isEmpty, first.isPlace(of: work) {
      first.add(work, isReturn: false)
      return nil
    }
    let known = (0..<count).first { self[$0].isPlace(of: work) }
    guard known != nil || count < Limits.placesPerMiner else {
      isProxy = true
      return nil
    }
    for other in 0..<count where other != known {
      let sum = overlap.addingReportingOverflow(self[other].overlap(with: work))
      overlap = sum.overflow ? .max : sum.partialValue
    }
    if let known {
      // Another place's stretch lies between: it is gone back to.
      let former = self[known].last.end
      let isBetween = (0..<count).contains { $0 != known && self[$0].last.end > former }
      self[known].add(work, isReturn: isBetween && work.last.begin > former)
    } else {
      others.append(work)
    }
    guard !wasTold, count > 1, isSplit(bounds) else { return nil }
    wasTold = true
    return self
  }

  private func isSplit(_ bounds: Allegiances.Bounds) -> Bool {
    overlap >= bounds.overlap.saturatedNanoseconds
      || places.count { UInt64(clamping: $0.spells) >= max(bounds.turns, 2) } > 1
  }

  /// Places with their shares of the work, the largest first.
  var shares: [(place: Allegiances.Place, share: Double)] {
    let isKnown = places.allSatisfy { $0.isDifficultyKnown && $0.difficulty > 0 }
    let works = places.map { isKnown ? $0.difficulty : Double($0.accepted) }
    let total = max(works.reduce(0, +), .leastNormalMagnitude)
    return zip(places, works).map { ($0, $1 / total) }.sorted { $0.1 > $1.1 }
  }
}

extension Allegiances.Place {
  fileprivate func isPlace(of work: Self) -> Bool {
    pool == work.pool && (account == work.account || account == nil || work.account == nil)
  }

  /// Nanoseconds that were worked for both.
  fileprivate func overlap(with work: Self) -> Int64 {
    max(min(work.last.end, last.end).nanoseconds(since: max(work.last.begin, last.begin)), 0)
  }

  fileprivate mutating func add(_ work: Self, isReturn: Bool) {
    if isReturn { spells += 1 }
    last = work.last
    accepted &+= work.accepted
    difficulty += work.difficulty
    if !work.isDifficultyKnown { isDifficultyKnown = false }
  }
}
