import Capture
import Decode
import Protocols

/// For whom each miner works, so that one that works for two is seen.
///
/// Sums of shares come every five minutes and at the end of a session. Two places whose sums cover the same time were worked for
/// at once; a place that is gone back to, again and again, is worked for in turns.
package struct Allegiances: Sendable {
  /// A pool and an account.
  struct Place: Sendable {
    let pool: String
    /// Nil when unknown, or when a session names several.
    let account: String?
    let server: ServerAddress
  }

  /// A miner works for several places.
  struct Split: Sendable {
    /// How long for two at once, in nanoseconds.
    let overlap: Int64
    /// Places with their shares of the work, the largest first.
    let shares: [(place: Place, share: Double)]
  }

  /// The work that a miner did for one place. Places are what many miners have in common.
  fileprivate struct Work: Sendable {
    let pool: SharedValues<String>.Number
    let account: SharedValues<String>.Number
    let server: SharedValues<ServerAddress>.Number
    /// Stretches of time in which work was done here, each behind one for another place.
    @Narrow<UInt32> var spells = 1
    @Narrow<UInt32> var accepted: Int
    var isDifficultyKnown: Bool
    /// Sum of the difficulty of accepted shares; meaningless when that of some was not known.
    var difficulty: Double
    var last: Stretch
  }

  fileprivate typealias Stretch = (begin: Timestamp, end: Timestamp)

  struct Miner: Keyed {
    let address: IPAddress
    /// When the sums began.
    fileprivate let since: Timestamp
    /// Nearly every miner has but this.
    fileprivate var first: Work
    /// Bounded by `Limits.placesPerMiner`: who works for more is a proxy.
    fileprivate var others: [Work] = []
    /// How long it worked for two places at once, in nanoseconds.
    fileprivate var overlap: Int64 = 0
    fileprivate var wasTold = false
    fileprivate var isProxy = false

    fileprivate init(_ address: IPAddress, since: Timestamp, at work: Work) {
      self.address = address
      self.since = since
      first = work
    }

    var key: IPAddress { address }
  }

  /// Bounded by `Limits.seenMiners`.
  private var miners = Table<Miner>(limit: Limits.seenMiners)
  /// Pools and accounts.
  private var names = SharedValues<String>()
  private var servers = SharedValues<ServerAddress>()
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
  /// - Returns: how the miner's work is split, when it was found to be, once a window.
  mutating func heard(
    _ totals: ShareTotals, of session: JobBook.Standing, in flow: FlowFacts, at now: Timestamp, _ bounds: Bounds
  ) -> Split? {
    guard totals.accepted > 0 else { return nil }
    let begin = now.advanced(byNanoseconds: -Int64(min(totals.seconds, 1e9) * 1e9))
    let work = Work(
      pool: names.take(session.place), account: names.take(session.account),
      server: servers.take(ServerAddress(flow.server)), accepted: Int(clamping: totals.accepted),
      isDifficultyKnown: totals.acceptedOfUnknownDifficulty == 0, difficulty: totals.acceptedDifficulty,
      last: (begin, now))
    if let row = miners.place(of: flow.client.address) { return add(work, to: row, bounds) }
    guard miners.count < Limits.seenMiners else {
      missed &+= 1
      drop(work)
      return nil
    }
    miners.append(Miner(flow.client.address, since: now, at: work))
    return nil
  }

  private mutating func add(_ work: Work, to row: Int, _ bounds: Bounds) -> Split? {
    if work.last.end > miners[row].since.advanced(by: bounds.window) {
      for former in miners[row].works { drop(former) }
      miners[row] = Miner(miners[row].address, since: work.last.end, at: work)
      return nil
    }
    if !miners[row].add(work) { drop(work) }
    guard miners[row].isSplit(bounds), !miners[row].wasTold else { return nil }
    miners[row].wasTold = true
    return split(miners[row])
  }

  private mutating func drop(_ work: Work) {
    names.drop(work.pool)
    names.drop(work.account)
    servers.drop(work.server)
  }

  private func split(_ miner: Miner) -> Split {
    let works = miner.works
    let isKnown = works.allSatisfy { $0.isDifficultyKnown && $0.difficulty > 0 }
    let amounts = works.map { isKnown ? $0.difficulty : Double($0.accepted) }
    let total = max(amounts.reduce(0, +), .leastNormalMagnitude)
    let places = works.map { work in
      Place(
        pool: names[work.pool] ?? "", account: names[work.account],
        server: servers[work.server] ?? ServerAddress(.unknown))
    }
    let shares = zip(places, amounts).map { (place: $0, share: $1 / total) }
    return Split(overlap: miner.overlap, shares: shares.sorted { $0.share > $1.share })
  }

  /// Time was set back: no stretch means anything any more.
  mutating func forget() {
    miners.removeAll()
    names = SharedValues()
    servers = SharedValues()
  }
}

extension Allegiances.Miner {
  private var count: Int { 1 + others.count }
  fileprivate var works: [Allegiances.Work] { [first] + others }

  private subscript(place: Int) -> Allegiances.Work {
    get { place == 0 ? first : others[place - 1] }
    set { if place == 0 { first = newValue } else { others[place - 1] = newValue } }
  }

  /// Adds a stretch of work.
  ///
  /// - Returns: whether it is kept: its place is a new one.
  fileprivate mutating func add(_ work: Allegiances.Work) -> Bool {
    guard !isProxy else { return false }
    let known = first.isPlace(of: work) ? 0 : (1..<count).first { self[$0].isPlace(of: work) }
    guard known != nil || count < Limits.placesPerMiner else {
      isProxy = true
      return false
    }
    for other in 0..<count where other != known {
      let sum = overlap.addingReportingOverflow(self[other].overlap(with: work))
      overlap = sum.overflow ? .max : sum.partialValue
    }
    guard let known else {
      others.append(work)
      return true
    }
    // Another place's stretch lies between: it is gone back to.
    let former = self[known].last.end
    let isBetween = (0..<count).contains { $0 != known && self[$0].last.end > former }
    self[known].add(work, isReturn: isBetween && work.last.begin > former)
    return false
  }

  fileprivate func isSplit(_ bounds: Allegiances.Bounds) -> Bool {
    guard !isProxy, count > 1 else { return false }
    return overlap >= bounds.overlap.saturatedNanoseconds
      || works.count { UInt64(clamping: $0.spells) >= max(bounds.turns, 2) } > 1
  }
}

extension Allegiances.Work {
  fileprivate func isPlace(of work: Self) -> Bool {
    let nobody = SharedValues<String>.none
    return pool == work.pool && (account == work.account || account == nobody || work.account == nobody)
  }

  /// Nanoseconds that were worked for both.
  fileprivate func overlap(with work: Self) -> Int64 {
    max(min(work.last.end, last.end).nanoseconds(since: max(work.last.begin, last.begin)), 0)
  }

  fileprivate mutating func add(_ work: Self, isReturn: Bool) {
    if isReturn { spells += 1 }
    last = work.last
    accepted += work.accepted
    difficulty += work.difficulty
    if !work.isDifficultyKnown { isDifficultyKnown = false }
  }
}
