import Capture
package import Decode
import Protocols

/// Who works how much: by miner and user, by pool, by account and for the whole site, minute by minute.
///
/// Work comes in as pools answer; ``close(at:poolOf:)`` ends a minute. Rows that did nothing for an hour go.
package struct Hashrates: ~Copyable, Sendable {
  /// A miner under one user name; a proxy has many.
  package struct Worker: Hashable, Sendable {
    package var miner: IPAddress
    /// Nil when unknown.
    package var user: String?
  }

  struct Row: Sendable {
    var worker: Worker
    /// Where its latest share went.
    var server: Endpoint
    /// Since when it is watched, for the minute in which it came.
    var since: Timestamp
    var work = ShareWork()
    /// Open sessions whose shares nobody can read: TLS, V2. As long as there is one, the rate is unknown.
    var unreadable = 0
    /// The latest shares were of unknown difficulty, so a minute without any tells nothing either.
    var isUnknown = false
    /// Of the minute that was closed last: the work, and the seconds that it was watched.
    var minute = ShareWork()
    var watched = 0.0
    var window = WorkWindow()
    /// The miner's next row, one more than its place; 0 for none.
    var next = 0
    /// Place of its account among them; nil while nobody looked.
    var account: Int?
  }

  /// A pool, an account or the site.
  struct Group: Sendable {
    let name: String
    /// Rows that worked in the minute closed last, and those of them whose sessions cannot be read.
    var workers = 0
    var unreadable = 0
    /// In the minute closed last.
    var work = ShareWork()
    var window = WorkWindow()
  }

  private(set) var rows: [Row] = []
  private var places: [Worker: Int] = [:]
  /// Place of each miner's first row, one more than its index.
  private var heads: [IPAddress: Int] = [:]
  private(set) var pools = HashrateGroups()
  private(set) var accounts = HashrateGroups()
  private(set) var site = Group(name: "")
  /// Start of the open minute; nil before the first.
  private(set) var opened: Timestamp?
  /// Work that had no place in a full table.
  private(set) var missed: UInt64 = 0
  private let place = InPlace()

  /// A minute longer than this was not watched throughout: the capture paused, or its clock was set.
  private static let longestMinute = 90.0
  /// Rows of one miner that are added up for ``rate(of:)``: a proxy with more has no rate of its own.
  private static let rowsAddedUp = 256

  /// A table that grew would be copied, and what it was copied from kept by the allocator. What is not used costs nothing.
  package init() { rows.reserveCapacity(Limits.hashrateRows) }

  /// Begins the first minute.
  mutating func open(at time: Timestamp) {
    if opened == nil { opened = time }
  }

  /// Books work.
  ///
  /// - Parameters:
  ///   - hint: the place that the last call for this session gave; saves the search.
  ///   - since: when the session was first seen.
  /// - Returns: the row's place, or nil when there is none.
  mutating func book(
    _ work: ShareWork, of worker: Worker, at server: Endpoint, since: Timestamp, hint: Int? = nil
  ) -> Int? {
    guard let place = place(of: worker, at: server, since: since, hint: hint) else {
      missed &+= 1
      return nil
    }
    rows[place].work.add(work)
    if rows[place].server != server { rows[place].server = server }
    return place
  }

  /// A session begins whose shares nobody can read.
  mutating func hide(_ worker: Worker, at server: Endpoint, since: Timestamp) {
    guard let place = place(of: worker, at: server, since: since, hint: nil) else {
      missed &+= 1
      return
    }
    rows[place].unreadable += 1
    rows[place].server = server
  }

  /// Such a session is over.
  mutating func unhide(_ worker: Worker) {
    guard let place = places[worker] else { return }
    rows[place].unreadable = max(rows[place].unreadable - 1, 0)
  }

  /// Books shares of such a session: their number is known, their difficulty is not.
  mutating func book(_ work: ShareWork, ofHidden worker: Worker) {
    if let place = places[worker] { rows[place].work.add(work) }
  }

  private mutating func place(of worker: Worker, at server: Endpoint, since: Timestamp, hint: Int?) -> Int? {
    if let hint, hint < rows.count, rows[hint].worker == worker { return hint }
    if let known = places[worker] { return known }
    guard rows.count < Limits.hashrateRows else { return nil }
    rows.append(Row(worker: worker, server: server, since: since))
    link(rows.count - 1)
    return rows.count - 1
  }

  private mutating func link(_ place: Int) {
    let worker = rows[place].worker
    places[worker] = place
    rows[place].next = heads[worker.miner] ?? 0
    heads[worker.miner] = place + 1
  }

  /// A miner's rate over the last quarter of an hour, all of its users together, in TH/s; nil when it is not known.
  package func rate(of miner: IPAddress) -> Double? {
    var place = heads[miner] ?? 0
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
    let seconds = Double(time.nanoseconds(since: start)) / 1e9
    guard seconds > 0, seconds <= Self.longestMinute else {
      forget()
      return nil
    }
    let idle = closeRows(at: time, seconds, poolOf)
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

  private static func close(_ row: inout Row, at time: Timestamp, _ seconds: Double) {
    if row.work.unknown > 0 || row.work.accepted > 0 { row.isUnknown = row.work.unknown > 0 }
    // What cannot be read was not watched.
    let isBlind = row.unreadable > 0 || (row.isUnknown && row.work.isEmpty)
    row.watched = isBlind ? 0 : min(max(Double(time.nanoseconds(since: row.since)) / 1e9, 0), seconds)
    row.window.add(row.work, seconds: row.watched, isStrict: true)
    row.minute = row.work
    row.work = ShareWork()
  }

  /// Closes each row and adds its work up by pool, by account and for the site: all in one go, for the rows of a large site
  /// are more than a processor's cache holds.
  ///
  /// - Returns: how many rows did nothing for an hour.
  private mutating func closeRows(at time: Timestamp, _ seconds: Double, _ poolOf: (Endpoint) -> String?) -> Int {
    pools.restart()
    accounts.restart()
    site.restart()
    // Miners of a pool share its few addresses, and those of a row of miners are mostly the same.
    var known: [Endpoint: Int?] = [:]
    var last: (server: Endpoint, pool: Int?)?
    var idle = 0
    for index in rows.indices {
      let (work, isUnreadable) = (rows[index].work, rows[index].unreadable > 0)
      Self.close(&rows[index], at: time, seconds)
      if rows[index].isIdle { idle += 1 }
      guard isUnreadable || !work.isEmpty else { continue }
      site.add(work, isUnreadable: isUnreadable)
      let server = Endpoint(address: rows[index].server.address, port: rows[index].server.port)
      if last?.server != server {
        let pool = known[server] ?? pools.place(of: poolOf(server) ?? Self.elsewhere)
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
    guard let user = rows[row].worker.user else { return nil }
    rows[row].account = accounts.place(of: Self.account(of: user))
    return rows[row].account
  }

  /// What stands for the places that are no pool of the policy.
  package static let elsewhere = "elsewhere"

  /// The account of a user: the part before the first dot (domain.md §1.8).
  package static func account(of user: String) -> String {
    guard let dot = user.utf8.firstIndex(of: UInt8(ascii: ".")) else { return user }
    return String(user[..<dot])
  }

  private mutating func prune(_ idle: Int) {
    _ = pools.prune()
    if accounts.prune() {
      for place in rows.indices { rows[place].account = nil }
    }
    guard idle > 0 else { return }
    rows.removeAll(where: \.isIdle)
    places.removeAll(keepingCapacity: true)
    heads.removeAll(keepingCapacity: true)
    for place in rows.indices { link(place) }
  }
}

extension Hashrates.Row {
  fileprivate var isIdle: Bool { unreadable == 0 && window.isIdle }
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
