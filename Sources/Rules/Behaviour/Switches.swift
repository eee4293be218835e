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

  /// Where miners work. What that is called may change, as when its name is learned; who works there has not changed then.
  struct Place: Keyed {
    let key: ServerAddress
    var name: Name
  }

  /// A place by its number in ``places`` and one; 0 is one that is not known.
  typealias PlaceNumber = UInt16

  /// How a miner lost its pool. What the miner ends itself is none.
  enum Loss: UInt8, CaseIterable, Sendable {
    /// The pool closed the session, or broke it off.
    case closed
    /// It did not answer, or refused.
    case unreached
    /// Its name was not found.
    case unnamed
  }

  /// A miner's work in a minute.
  struct Work: Sendable {
    var place: PlaceNumber = 0
    var account: Name = 0
    /// Mean difficulty of its shares; 0 when not known.
    var difficulty: Float = 0
  }

  struct Row: Keyed {
    let miner: IPAddress
    var work = Work()
    /// Minute of the latest work, since the epoch.
    @Narrow<Int32> var latest = .min
    /// When and how it first failed to keep or to reach its pool, since it last worked there; in seconds.
    @Narrow<UInt32> var lostAt = 0
    var lostPool: Name = 0
    var loss = Loss.closed
    /// Where it worked before the present place.
    var formerPlace: PlaceNumber = 0
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
  private(set) var places = Table<Place>(limit: Limits.switchNames)
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
  /// How long a loss may explain a change, in seconds; and by how much it may be seen later than that, as times are whole seconds.
  private static let lossMemory = 600
  private static let lossTolerance = 1

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

  // MARK: Places

  /// The number of a place; 0 where there is no room.
  mutating func number(of server: ServerAddress, called name: Name) -> PlaceNumber {
    if let known = places.place(of: server) { return PlaceNumber(known + 1) }
    guard places.count < Limits.switchNames else {
      missed &+= 1
      return 0
    }
    return PlaceNumber(places.append(Place(key: server, name: name)) + 1)
  }

  mutating func rename(_ place: Int, to name: Name) { places[place].name = name }

  private func name(of place: PlaceNumber) -> Name { place == 0 ? 0 : places[Int(place) - 1].name }

  // MARK: A minute

  /// Takes in what a miner did at one place in the minute that is being closed.
  ///
  /// - Parameter row: of that work among the hashrates.
  mutating func note(_ work: ShareWork, of miner: IPAddress, row: Int, at server: PlaceNumber, account: Name) {
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
      place: server, account: account, difficulty: isKnown ? Float(work.difficulty / Double(work.accepted)) : 0)
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
    let (from, to) = (name(of: old.place), name(of: new.place))
    // It works there again, after the minute in which it lost it.
    if row.lostPool == to, Int64(row.lostAt) <= (minute - 1) * 60 { rows[place].lostPool = 0 }
    rows[place].work = Work(
      place: new.place, account: new.account == 0 ? old.account : new.account,
      difficulty: new.difficulty == 0 ? old.difficulty : new.difficulty)
    guard from != 0, to != 0, Int64(row.latest) > minute - Self.memory else { return }
    var change = Change(
      kind: .pool, miner: row.miner, from: from, to: to, time: Timestamp(seconds: minute * 60), minute: minute)
    guard from != to || Self.isChange(&change, from: old, to: new) else { return }
    let start = fleet.lastSession(of: row.miner).flatMap(jobs.start) ?? now
    switch change.kind {
    case .pool:
      change.isReturn = to == name(of: row.formerPlace)
      rows[place].formerPlace = old.place
      change.time = start
    case .account: change.time = start
    case .difficulty:
      guard !Self.isSettling(start, at: now) else { return }
      change.time = now
    }
    add(change)
  }

  /// Whether the work in a pool changed from one minute to the next, and in what.
  private static func isChange(_ change: inout Change, from old: Work, to new: Work) -> Bool {
    if old.account != new.account, old.account != 0, new.account != 0 {
      change.kind = .account
      (change.from, change.to) = (old.account, new.account)
      return true
    }
    guard old.difficulty > 0, new.difficulty > 0 else { return false }
    let factor = new.difficulty / old.difficulty
    guard factor >= Self.factor || factor <= 1 / Self.factor else { return false }
    change.kind = .difficulty
    change.factor = factor
    return true
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
    guard let place = rows.place(of: miner), !Self.isSettling(start, at: now) else { return }
    let pool = name(of: rows[place].work.place)
    guard pool != 0 else { return }
    rows[place].work.difficulty = Float(difficulty)
    add(
      Change(
        kind: .difficulty, miner: miner, from: pool, to: pool,
        factor: Float(difficulty / max(old, .leastNormalMagnitude)), time: now, minute: now.seconds / 60))
  }

  /// A miner failed to keep its pool, or to reach it. The first failure counts: what comes after it may come of the change.
  mutating func note(_ loss: Loss, of pool: Name, by miner: IPAddress, at time: Timestamp) {
    guard pool != 0, let place = rows.place(of: miner), name(of: rows[place].work.place) == pool else { return }
    let at = FleetWatch.seconds(of: time)
    guard rows[place].lostPool != pool || at - rows[place].lostAt > Self.lossMemory else { return }
    (rows[place].lostPool, rows[place].lostAt, rows[place].loss) = (pool, at, loss)
  }

  /// How each of these miners had lost a pool in the ten minutes before it changed.
  ///
  /// - Parameter times: when each of them changed.
  func losses(of pool: Name, by times: [IPAddress: Timestamp]) -> [Loss: Int] {
    times.reduce(into: [:]) { losses, change in
      guard let place = rows.place(of: change.key), rows[place].lostPool == pool else { return }
      let age = FleetWatch.seconds(of: change.value) - rows[place].lostAt
      if (-Self.lossTolerance...Self.lossMemory).contains(age) { losses[rows[place].loss, default: 0] += 1 }
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
