import Capture
package import Decode
import Protocols

/// Who works how much: by miner and user, by pool, by account and for the whole site, minute by minute.
///
/// Work comes in as pools answer; ``close(at:poolOf:)`` ends a minute. Rows that did nothing for an hour go.
package struct Hashrates: ~Copyable, Sendable {
  /// A miner under one user name; a proxy has many.
  package struct Worker: PlaceKey {
    package var miner: IPAddress
    /// Nil when unknown.
    package var user: String?

    package func hash(_ secrets: PlaceSecrets) -> UInt64 {
      secrets.fold(miner.hash(secrets), user.map(secrets.fold) ?? 0)
    }
  }

  /// What the site has most of: in the order that wastes no byte.
  struct Row: Keyed {
    let worker: Worker
    /// Since when it is watched, for the minute in which it came.
    let since: Timestamp
    /// Of the open minute, or, as long as there is none in it, of the one before: see ``isClosed``.
    fileprivate var work = ShareWork()
    /// Where its latest share went.
    fileprivate(set) var server: SharedValues<ServerAddress>.Number
    /// Place of its account among them.
    fileprivate var knownAccount = Hashrates.noAccount
    /// Open sessions whose shares nobody can read: TLS, V2. As long as there is one, the rate is unknown.
    @Narrow<UInt16> fileprivate var unreadable = 0
    /// The miner's next row, one more than its place; 0 for none.
    @Narrow<UInt32> fileprivate var next = 0
    fileprivate(set) var window = WorkWindow<ShortCount>()
    /// The latest shares were of unknown difficulty, so a minute without any tells nothing either.
    fileprivate var isUnknown = false
    /// ``work`` is that of a minute that is over.
    fileprivate var isClosed = false

    var key: Worker { worker }
  }

  /// Stands for no row, and for an account that nobody looked for yet.
  static let noRow = UInt32.max
  fileprivate static let noAccount = UInt16.max

  /// A pool, an account or the site.
  struct Group: Sendable {
    let name: String
    /// Rows that worked in the minute closed last, and those of them whose sessions cannot be read.
    var workers = 0
    var unreadable = 0
    /// In the minute closed last.
    var work = ShareWork()
    var window = WorkWindow<UInt32>()
  }

  /// Where shares go.
  private var servers = SharedValues<ServerAddress>()
  private(set) var rows = Table<Row>(limit: Limits.hashrateRows)
  /// Each miner's first row. Its others follow that one.
  private var firsts = PlaceIndex<IPAddress>()
  private(set) var pools = HashrateGroups()
  private(set) var accounts = HashrateGroups()
  private(set) var site = Group(name: "")
  /// Start of the open minute; nil before the first.
  private(set) var opened: Timestamp?
  /// The minute that was closed last: its end, and its length in seconds.
  private var closed = (at: Timestamp(nanoseconds: 0), seconds: 0.0)
  /// Work that had no place in a full table.
  private(set) var missed: UInt64 = 0
  private let place = InPlace()

  /// A minute longer than this was not watched throughout: the capture paused, or its clock was set.
  private static let longestMinute = 90.0
  /// Rows of one miner that are added up for ``rate(of:)``: a proxy with more has no rate of its own.
  private static let rowsAddedUp = 256

  package init() {}

  /// Begins the first minute.
  mutating func open(at time: Timestamp) {
    if opened == nil { opened = time }
  }

  /// Books work.
  ///
  /// - Parameters:
  ///   - hint: the place that the last call for this session gave; saves the search.
  ///   - since: when the session was first seen.
  /// - Returns: the row's place, or ``noRow``.
  mutating func book(
    _ work: ShareWork, of worker: Worker, at server: ServerAddress, since: Timestamp, hint: UInt32 = noRow
  ) -> UInt32 {
    guard let place = place(of: worker, at: server, since: since, hint: Int(hint)) else {
      missed &+= 1
      return Self.noRow
    }
    rows[place].add(work)
    move(place, to: server)
    return UInt32(truncatingIfNeeded: place)
  }

  /// A session begins whose shares nobody can read.
  mutating func hide(_ worker: Worker, at server: ServerAddress, since: Timestamp) {
    guard let place = place(of: worker, at: server, since: since, hint: Int(Self.noRow)) else {
      missed &+= 1
      return
    }
    rows[place].unreadable += 1
    move(place, to: server)
  }

  private mutating func move(_ place: Int, to server: ServerAddress) {
    let former = rows[place].server
    guard servers[former] != server else { return }
    rows[place].server = servers.take(server)
    servers.drop(former)
  }

  /// Such a session is over.
  mutating func unhide(_ worker: Worker) {
    guard let place = rows.place(of: worker) else { return }
    rows[place].unreadable = max(rows[place].unreadable - 1, 0)
  }

  /// Books shares of such a session: their number is known, their difficulty is not.
  mutating func book(_ work: ShareWork, ofHidden worker: Worker) {
    if let place = rows.place(of: worker) { rows[place].add(work) }
  }

  private mutating func place(of worker: Worker, at server: ServerAddress, since: Timestamp, hint: Int) -> Int? {
    if hint < rows.count, rows[hint].worker == worker { return hint }
    if let known = rows.place(of: worker) { return known }
    guard rows.count < Limits.hashrateRows else { return nil }
    let place = rows.append(Row(worker: worker, since: since, server: servers.take(server)))
    link(place)
    return place
  }

  /// Where a row's latest share went.
  func server(of row: Row) -> Endpoint { servers[row.server]?.endpoint ?? .unknown }

  private func first(of miner: IPAddress) -> Int? { firsts.place(of: miner) { rows[$0].worker.miner } }

  /// Puts a row behind the first of its miner.
  private mutating func link(_ place: Int) {
    let miner = rows[place].worker.miner
    if let first = first(of: miner) {
      rows[place].next = rows[first].next
      rows[first].next = place + 1
    } else {
      rows[place].next = 0
      firsts.add(place, of: miner) { rows[$0].worker.miner }
    }
  }

  /// A miner's rate over the last quarter of an hour, all of its users together, in TH/s; nil when it is not known.
  package func rate(of miner: IPAddress) -> Double? {
    var place = first(of: miner).map { $0 + 1 } ?? 0
    var sum: Double?
    for _ in 0..<Self.rowsAddedUp {
      guard place > 0 else { return sum }
      if let rate = rows[place - 1].window.estimate(minutes: 15).terahashes { sum = (sum ?? 0) + rate }
      place = rows[place - 1].next
    }
    return nil
  }

  // MARK: The end of a minute

  /// Ends the open minute and begins the next.
  ///
  /// - Parameter poolOf: the name of the pool at a place; nil where none of the policy's is.
  /// - Returns: how long it was, in seconds; nil when it tells nothing, because nobody watched for a part of it.
  mutating func close(at time: Timestamp, poolOf: (Endpoint) -> String?) -> Double? {
    guard let start = opened else {
      opened = time
      return nil
    }
    opened = time
    let seconds = time.seconds(since: start)
    guard seconds > 0, seconds <= Self.longestMinute else {
      forget()
      return nil
    }
    closed = (time, seconds)
    let idle = closeRows(poolOf)
    pools.close(seconds)
    accounts.close(seconds)
    site.close(seconds)
    prune(idle)
    return seconds
  }

  /// Drops all that was summed up: windows with a hole in them say nothing.
  private mutating func forget() {
    let missed = missed
    let opened = opened
    self = Hashrates()
    self.missed = missed
    self.opened = opened
  }

  /// How much of the minute that was closed last a row was watched, in seconds. To be asked before more is booked.
  func watched(_ row: Row) -> Double { row.watched(at: closed.at, closed.seconds) }

  /// Closes each row and adds its work up by pool, by account and for the site: all in one go, for the rows of a large site
  /// are more than a processor's cache holds.
  ///
  /// - Returns: how many rows did nothing for an hour.
  private mutating func closeRows(_ poolOf: (Endpoint) -> String?) -> Int {
    pools.restart()
    accounts.restart()
    site.restart()
    // Miners of a pool share its few addresses, and those of a row of miners are mostly the same.
    var known: [SharedValues<ServerAddress>.Number: Int?] = [:]
    var last: (server: SharedValues<ServerAddress>.Number, pool: Int?)?
    var idle = 0
    for index in rows.indices {
      rows[index].close(at: closed.at, closed.seconds)
      let (work, isUnreadable) = (rows[index].minute, rows[index].unreadable > 0)
      if rows[index].isIdle { idle += 1 }
      guard isUnreadable || !work.isEmpty else { continue }
      site.add(work, isUnreadable: isUnreadable)
      let server = rows[index].server
      if last?.server != server {
        let pool = known[server] ?? pools.place(of: poolOf(self.server(of: rows[index])) ?? Self.elsewhere)
        known[server] = .some(pool)
        last = (server, pool)
      }
      if let pool = last?.pool { pools.add(work, isUnreadable: isUnreadable, to: pool) }
      if let account = account(of: index) { accounts.add(work, isUnreadable: isUnreadable, to: account) }
    }
    return idle
  }

  private mutating func account(of row: Int) -> Int? {
    if let known = rows[row].account { return known }
    guard let user = rows[row].worker.user, let place = accounts.place(of: Self.account(of: user)) else { return nil }
    rows[row].knownAccount = UInt16(truncatingIfNeeded: place)
    return place
  }

  /// What stands for the places that are no pool of the policy.
  package static let elsewhere = "elsewhere"

  /// The account of a user: the part before the first dot (btcpool Stratum.cc; OCEAN-xyz/datum_gateway,
  /// doc/usernames.md).
  package static func account(of user: String) -> String {
    guard let dot = user.utf8.firstIndex(of: UInt8(ascii: ".")) else { return user }
    return String(user[..<dot])
  }

  private mutating func prune(_ idle: Int) {
    _ = pools.prune()
    if accounts.prune() {
      for place in rows.indices { rows[place].knownAccount = Self.noAccount }
    }
    guard idle > 0 else { return }
    for row in rows where row.isIdle { servers.drop(row.server) }
    rows.removeAll(where: \.isIdle)
    firsts.removeAll()
    for place in rows.indices { link(place) }
  }
}

extension Hashrates.Row {
  fileprivate var isIdle: Bool { unreadable == 0 && window.isIdle }

  /// Of the minute that was closed last, as long as nothing is booked in the next.
  var minute: ShareWork { isClosed ? work : ShareWork() }

  /// Place of its account among them; nil while nobody looked.
  var account: Int? { knownAccount == Hashrates.noAccount ? nil : Int(knownAccount) }

  fileprivate mutating func add(_ more: ShareWork) {
    if isClosed {
      work = more
      isClosed = false
    } else {
      work.add(more)
    }
  }

  fileprivate mutating func close(at time: Timestamp, _ seconds: Double) {
    if isClosed { work = ShareWork() }
    isClosed = true
    if work.unknown > 0 || work.accepted > 0 { isUnknown = work.unknown > 0 }
    window.add(work, seconds: watched(at: time, seconds), isStrict: true)
  }

  fileprivate func watched(at time: Timestamp, _ seconds: Double) -> Double {
    // What cannot be read was not watched.
    let isBlind = unreadable > 0 || (isUnknown && work.isEmpty)
    return isBlind ? 0 : min(max(time.seconds(since: since), 0), seconds)
  }
}

extension Hashrates.Group {
  var isIdle: Bool { unreadable == 0 && window.isIdle }

  mutating func restart() {
    workers = 0
    unreadable = 0
    work = ShareWork()
  }

  mutating func close(_ seconds: Double) {
    window.add(work, seconds: seconds, isStrict: false)
  }

  mutating func add(_ more: ShareWork, isUnreadable: Bool) {
    workers += 1
    if isUnreadable { unreadable += 1 }
    work.add(more)
  }
}
