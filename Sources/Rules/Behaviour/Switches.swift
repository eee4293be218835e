import Capture
import Decode
import Protocols

/// Where each miner's work goes, minute by minute, so that many that change together stand out.
///
/// What counts is work that a pool answered, not a connection: a miner that only looks whether its backup pool is there has
/// changed nothing. Of a miner's places in a minute the one with most shares stands for it.
package struct Switches: ~Copyable, Sendable {
  enum Kind: Int, CaseIterable, Sendable {
    case pool, account, difficulty
  }

  /// A pool or an account by its place in ``names``; 0 is one that is not known.
  typealias Name = UInt16

  /// A miner's work in a minute.
  struct Work: Sendable {
    var pool: Name = 0
    var account: Name = 0
    /// Mean difficulty of its shares; 0 when not known.
    var difficulty: Float = 0
  }

  struct Row: Keyed {
    let miner: IPAddress
    var work = Work()
    /// Minute of the latest work, since the epoch.
    @Narrow<Int32> var latest = .min
    /// The pool that it last failed to keep or to reach, and the minute of that.
    @Narrow<Int32> var lostMinute = .min
    var lostPool: Name = 0
    /// The pool before the present one.
    var formerPool: Name = 0
    /// Of the minute at hand: most shares of any of its places, that place, and how many places there were.
    var shares: UInt32 = 0
    var next = Work()
    var places: UInt16 = 0

    var key: IPAddress { miner }
  }

  /// One miner's change of one kind.
  struct Change: Sendable {
    var kind: Kind
    var miner: IPAddress
    var from: Name
    /// For a difficulty: the pool that set it.
    var to: Name
    /// How many times higher the difficulty is.
    var factor: Float = 1
    /// It went back to the pool where it was before.
    var isReturn = false
    /// When its session began that changed it, or the end of the minute in which it was seen.
    var time: Timestamp
    var minute: Int64
  }

  private var rows = Table<Row>(limit: Limits.seenMiners)
  /// Rows by those of hashrates.
  private var rowOfWork = PlaceHints()
  private var numbers: [String: Name] = [:]
  private var names: [String] = [""]
  /// Those of the longest window, in time order.
  private(set) var changes: [Change] = []
  var gatherings = SwitchGatherings()
  /// What is to be told.
  var gathered: [SwitchGatherings.Gathering] = []
  /// When each pool last had failures, by its number.
  private var outages: [Name: Timestamp] = [:]
  /// Miners, names and changes that had no place in a full table.
  private(set) var missed: UInt64 = 0

  /// A miner whose work was not seen for longer may have been set up anew: it has not changed, it is new.
  private static let memory: Int64 = 60
  /// Work at more places in a minute is a proxy's.
  private static let placesOfMiner: UInt16 = 8
  /// Difficulties that differ by less are the pool's fine tuning.
  private static let factor: Float = 2

  package init() {}

  func name(_ number: Name) -> String { names[Int(number)] }

  /// The number of a pool or an account; 0 for nil and where there is no room.
  mutating func number(of name: String?) -> Name {
    guard let name else { return 0 }
    if let known = numbers[name] { return known }
    guard names.count < Limits.switchNames else {
      missed &+= 1
      return 0
    }
    numbers[name] = Name(names.count)
    names.append(name)
    return Name(names.count - 1)
  }

  // MARK: A minute

  /// Takes in what a miner did at one place in the minute that is being closed.
  ///
  /// - Parameter row: of that work among the hashrates.
  mutating func note(_ work: ShareWork, of miner: IPAddress, row: Int, pool: Name, account: Name) {
    let hint = rowOfWork[row]
    let place: Int
    if hint < rows.count, rows[hint].miner == miner {
      place = hint
    } else if let known = rows.place(of: miner) {
      place = known
    } else if rows.count < Limits.seenMiners {
      place = rows.append(Row(miner: miner))
    } else {
      missed &+= 1
      return
    }
    if place != hint { rowOfWork.remember(place, for: row) }
    let shares = work.accepted &+ work.unknown
    rows[place].places = min(rows[place].places, .max - 1) + 1
    guard shares > rows[place].shares else { return }
    rows[place].shares = shares
    let isKnown = work.accepted > 0 && work.unknown == 0
    rows[place].next = Work(
      pool: pool, account: account, difficulty: isKnown ? Float(work.difficulty / Double(work.accepted)) : 0)
  }

  /// Ends a minute: compares each miner's work with what it was.
  ///
  /// - Parameters:
  ///   - fleet: knows a miner's latest session.
  ///   - jobs: know when that began.
  mutating func close(_ minute: Int64, at now: Timestamp, keep: Int64, _ fleet: borrowing Fleet, _ jobs: JobBook) {
    changes.removeAll { $0.minute <= minute - keep }
    var active = 0
    for place in rows.indices {
      if rows[place].shares > 0 { compare(place, minute, now, fleet, jobs) }
      rows[place].shares = 0
      rows[place].places = 0
      if Int64(rows[place].latest) > minute - 10 { active += 1 }
    }
    gatherings.active = active
  }

  private mutating func compare(
    _ place: Int, _ minute: Int64, _ now: Timestamp, _ fleet: borrowing Fleet, _ jobs: JobBook
  ) {
    let row = rows[place]
    let (old, new) = (row.work, row.next)
    rows[place].latest = Int(minute)
    guard row.places <= Self.placesOfMiner else { return }
    rows[place].work = Work(
      pool: new.pool, account: new.account == 0 ? old.account : new.account,
      difficulty: new.difficulty == 0 ? old.difficulty : new.difficulty)
    guard old.pool != 0, new.pool != 0, Int64(row.latest) > minute - Self.memory else { return }
    guard var change = Self.change(from: old, to: new, of: row.miner, minute) else { return }
    let start = fleet.lastSession(of: row.miner).flatMap(jobs.start) ?? now
    switch change.kind {
    case .pool:
      change.isReturn = new.pool == row.formerPool
      rows[place].formerPool = old.pool
      change.time = start
    case .account: change.time = start
    case .difficulty:
      guard !Self.isSettling(start, at: now) else { return }
      change.time = now
    }
    add(change)
  }

  /// What changed from one minute of work to the next, if anything did; when is not known yet.
  private static func change(from old: Work, to new: Work, of miner: IPAddress, _ minute: Int64) -> Change? {
    let time = Timestamp(seconds: minute * 60)
    var change = Change(kind: .pool, miner: miner, from: old.pool, to: new.pool, time: time, minute: minute)
    if old.pool != new.pool { return change }
    if old.account != new.account, old.account != 0, new.account != 0 {
      change.kind = .account
      (change.from, change.to) = (old.account, new.account)
      return change
    }
    guard old.difficulty > 0, new.difficulty > 0 else { return nil }
    let factor = new.difficulty / old.difficulty
    guard factor >= Self.factor || factor <= 1 / Self.factor else { return nil }
    change.kind = .difficulty
    change.factor = factor
    return change
  }

  /// A pool looks for a miner's difficulty in the first minutes of a session.
  private static func isSettling(_ start: Timestamp, at now: Timestamp) -> Bool {
    start.advanced(by: .seconds(900)) > now
  }

  private mutating func add(_ change: Change) {
    guard changes.count < Limits.seenMiners else {
      missed &+= 1
      return
    }
    changes.append(change)
  }

  // MARK: What is said meanwhile

  /// A pool set a miner a difficulty so high that there may be no share for long.
  mutating func set(
    _ difficulty: Double, from old: Double, for miner: IPAddress, since start: Timestamp, at now: Timestamp
  ) {
    guard let place = rows.place(of: miner), rows[place].work.pool != 0, !Self.isSettling(start, at: now) else {
      return
    }
    rows[place].work.difficulty = Float(difficulty)
    add(
      Change(
        kind: .difficulty, miner: miner, from: rows[place].work.pool, to: rows[place].work.pool,
        factor: Float(difficulty / max(old, .leastNormalMagnitude)), time: now, minute: now.seconds / 60))
  }

  /// A miner's session with a pool was reset, or its attempt to open one failed.
  mutating func note(lossOf pool: Name, by miner: IPAddress, at now: Timestamp) {
    guard let place = rows.place(of: miner) else { return }
    rows[place].lostPool = pool
    rows[place].lostMinute = Int(now.seconds / 60)
  }

  /// How many of these miners had lost a pool in the ten minutes before.
  func lost(_ pool: Name, _ miners: [IPAddress], at minute: Int64) -> Int {
    miners.count { miner in
      guard let place = rows.place(of: miner) else { return false }
      return rows[place].lostPool == pool && Int64(rows[place].lostMinute) >= minute - 10
    }
  }

  /// A pool was found to be gone.
  mutating func note(outageOf pool: Name, at now: Timestamp) { outages[pool] = now }

  /// Whether a pool was found to be gone within the last day.
  func wasGone(_ pool: Name, at now: Timestamp) -> Bool {
    outages[pool].map { $0.advanced(by: .seconds(86_400)) > now } ?? false
  }

  mutating func takeGathered() -> [SwitchGatherings.Gathering] {
    defer { gathered = [] }
    return gathered
  }

  /// Takes out changes that were told.
  mutating func remove(_ isTold: (Change) -> Bool) { changes.removeAll(where: isTold) }

  /// Time was set back: no minute means anything any more.
  mutating func forget() { self = Switches() }
}
