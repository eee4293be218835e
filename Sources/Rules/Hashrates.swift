import Capture
package import Decode
import Protocols

/// Who works how much: by miner and user, by pool, by account and for the whole site, minute by minute.
///
/// Work comes in as pools answer; ``close(at:poolOf:)`` ends a minute. Rows that did nothing for an hour go.
package struct Hashrates: Sendable {
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
  }

  /// A pool, an account or the site.
  struct Group: Sendable {
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
  private(set) var pools: [String: Group] = [:]
  private(set) var accounts: [String: Group] = [:]
  private(set) var site = Group()
  /// Start of the open minute; nil before the first.
  private(set) var opened: Timestamp?
  /// Work that had no place in a full table.
  private(set) var missed: UInt64 = 0

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
    gather(poolOf)
    for place in rows.indices { Self.close(&rows[place], at: time, seconds) }
    for name in pools.keys { pools[name]?.close(seconds) }
    for name in accounts.keys { accounts[name]?.close(seconds) }
    site.close(seconds)
    prune()
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

  /// Adds the minute's work up by pool, by account and for the site.
  private mutating func gather(_ poolOf: (Endpoint) -> String?) {
    for name in pools.keys { pools[name]?.restart() }
    for name in accounts.keys { accounts[name]?.restart() }
    site.restart()
    // Miners of a pool share its few addresses.
    var names: [Endpoint: String?] = [:]
    for row in rows where !row.work.isEmpty || row.unreadable > 0 {
      let place = Endpoint(address: row.server.address, port: row.server.port)
      let pool = names[place] ?? poolOf(place)
      names[place] = .some(pool)
      site.add(row)
      Self.add(row, to: pool ?? Self.elsewhere, of: &pools)
      if let user = row.worker.user { Self.add(row, to: Self.account(of: user), of: &accounts) }
    }
  }

  private static func add(_ row: Row, to name: String, of groups: inout [String: Group]) {
    guard groups[name] != nil || groups.count < Limits.hashrateGroups else { return }
    groups[name, default: Group()].add(row)
  }

  /// What stands for the places that are no pool of the policy.
  package static let elsewhere = "elsewhere"

  /// The account of a user: the part before the first dot (domain.md §1.8).
  package static func account(of user: String) -> String {
    String(user.prefix { $0 != "." })
  }

  private mutating func prune() {
    pools = pools.filter { $0.value.unreadable > 0 || !$0.value.window.isIdle }
    accounts = accounts.filter { !$0.value.window.isIdle }
    guard rows.contains(where: \.isIdle) else { return }
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
  fileprivate mutating func restart() {
    workers = 0
    unreadable = 0
    work = ShareWork()
  }

  fileprivate mutating func close(_ seconds: Double) {
    window.add(work, seconds: seconds, isStrict: false)
  }

  fileprivate mutating func add(_ row: Hashrates.Row) {
    workers += 1
    if row.unreadable > 0 { unreadable += 1 }
    work.add(row.work)
  }
}
