import Capture
import Decode
import Protocols

/// Mining sessions that are open: what each is given to work on, for whom, and what comes of it, as rules compare them with each
/// other.
package struct JobBook: Sendable {
  /// By flow. Bounded by `Limits.watchedSessions`; later ones are neither compared nor summed up.
  private(set) var sessions = Table<Row>(limit: Limits.watchedSessions)
  private var servers = SharedValues<Endpoint>()
  /// Names of pools and accounts.
  private var names = SharedValues<String>()
  private var given = SharedValues<Block>()
  /// By flow: the tunnels of those that came in one.
  private var tunnels: [UInt64: Tunnel] = [:]
  /// By flow: the accounts of a session that named two or three, with the work for each since it was last taken. With more it is a
  /// proxy's.
  private var parts: [UInt64: [Part]] = [:]
  /// How many sessions work on each block.
  private var blocks: [BlockHash: Int] = [:]
  /// When all sessions last worked on one block.
  private(set) var united = Timestamp(nanoseconds: 0)
  /// When sessions that disagree may next be counted.
  var nextCount = Timestamp(nanoseconds: 0)
  /// Sessions in all, and those for which there was no room.
  private(set) var seen: UInt64 = 0
  private(set) var missed: UInt64 = 0

  package init() {}

  package var count: Int { sessions.count }

  /// Not all sessions work on the same block.
  var isDivided: Bool { blocks.count > 1 }

  // MARK: What is learned

  /// - Parameters:
  ///   - place: where the session is, for one that is new: see ``Session/place``.
  ///   - isWhole: the time that a report of shares is about was seen as a whole.
  mutating func heard(_ event: StratumEvent, in flow: FlowFacts, at now: Timestamp, place: String?, isWhole: Bool) {
    guard let session = sessions.place(of: flow.id) ?? open(flow, at: place ?? "") else { return }
    switch event.what {
    case .user(let user, _): meet(accountPart(of: user), in: session)
    case .work(let work): change(session, to: work, at: now)
    case .shares(let totals): sessions[session].add(totals, at: now, isWhole: isWhole)
    default: break
    }
  }

  private mutating func open(_ flow: FlowFacts, at place: String) -> Int? {
    guard sessions.count < Limits.watchedSessions else {
      missed &+= 1
      return nil
    }
    seen &+= 1
    if flow.tunnel.kind != .none { tunnels[flow.id] = flow.tunnel }
    return sessions.append(Row(Origin(flow), server: servers.take(flow.server), place: names.take(place)))
  }

  mutating func closed(_ flow: FlowFacts) {
    guard let row = sessions.remove(flow.id) else { return }
    if let block = given[row.block] { leave(block.hash) }
    servers.drop(row.server)
    names.drop(row.place)
    names.drop(row.account)
    given.drop(row.block)
    tunnels[flow.id] = nil
    dropParts(of: flow.id)
  }

  private mutating func meet(_ account: String, in session: Int) {
    guard !sessions[session].hasManyAccounts else { return meetAnother(account, in: sessions[session].key) }
    guard let known = names[sessions[session].account] else { return sessions[session].account = names.take(account) }
    guard known != account else { return }
    parts[sessions[session].key] = [Part(account: sessions[session].account), Part(account: names.take(account))]
    sessions[session].account = SharedValues<String>.none
    sessions[session].hasManyAccounts = true
  }

  private mutating func meetAnother(_ account: String, in flow: UInt64) {
    guard let known = parts[flow], !known.contains(where: { names[$0.account] == account }) else { return }
    guard known.count < Limits.accountsPerSession else { return dropParts(of: flow) }
    parts[flow]?.append(Part(account: names.take(account)))
  }

  private mutating func dropParts(of flow: UInt64) {
    for part in parts.removeValue(forKey: flow) ?? [] { names.drop(part.account) }
  }

  private mutating func change(_ session: Int, to work: MiningWork, at now: Timestamp) {
    let former = given[sessions[session].block]
    given.drop(sessions[session].block)
    sessions[session].block = given.take(Block(work))
    sessions[session].lastJob = now
    if former == nil { sessions[session].agreed = now }
    guard former?.hash != work.previousBlock else { return }
    sessions[session].tookBlock = now
    if blocks.count <= 1 { united = now }
    blocks[work.previousBlock, default: 0] += 1
    if let former { leave(former.hash) }
  }

  private mutating func leave(_ block: BlockHash) {
    guard let count = blocks[block] else { return }
    blocks[block] = count > 1 ? count - 1 : nil
  }

  /// Time was set back: what was compared means nothing any more.
  mutating func forgetTimes(_ now: Timestamp) {
    united = now
    nextCount = now
  }

  /// Notes which sessions agree with the site, and takes out those that have not for too long and were not told yet.
  ///
  /// - Parameter apart: for how long a session that works on something else has done so, in seconds; nil when not too long.
  mutating func markStrays(
    from majority: MiningWork, since: Timestamp, at now: Timestamp, apart: (Row, MiningWork) -> Double?
  ) -> [(Session, seconds: Double)] {
    var strays: [(Session, seconds: Double)] = []
    for index in sessions.indices {
      guard sessions[index].lastJob >= since, let work = work(at: index) else { continue }
      if work.previousBlock == majority.previousBlock {
        sessions[index].agreed = now
        sessions[index].isApart = false
      } else if !sessions[index].isApart, let seconds = apart(sessions[index], work) {
        sessions[index].isApart = true
        strays.append((session(at: index), seconds))
      }
    }
    return strays
  }

  /// Books the answers to a session's shares.
  ///
  /// - Returns: false, and nothing booked, for a session that is not known.
  mutating func book(_ done: SessionWork, in hashrates: inout Hashrates) -> Bool {
    guard let place = sessions.place(of: done.flow) else { return false }
    if sessions[place].hasManyAccounts, let user = done.user {
      book(done.work, for: accountPart(of: user), in: done.flow)
    }
    let origin = sessions[place].origin
    let row = hashrates.book(
      done.work, of: .init(miner: origin.client, user: done.user), at: ServerAddress(server(of: place)),
      since: origin.firstSeen, hint: sessions[place].work)
    if row != sessions[place].work { sessions[place].work = row }
    return true
  }

  private mutating func book(_ work: ShareWork, for account: String, in flow: UInt64) {
    guard let part = parts[flow]?.firstIndex(where: { names[$0.account] == account }) else { return }
    parts[flow]?[part].work.add(work)
  }

  /// Takes what was done for each account of a session that named two or three; empty for any other.
  mutating func takeParts(of flow: UInt64) -> [(account: String, work: ShareWork)] {
    guard let known = parts[flow] else { return [] }
    for part in known.indices { parts[flow]?[part].work = ShareWork() }
    return known.map { (names[$0.account] ?? "", $0.work) }
  }

  /// Remembers who a session's work pays.
  mutating func note(_ flow: UInt64, payees: UInt64) {
    if let session = sessions.place(of: flow) { sessions[session].payees = payees }
  }

  /// Answers to a session's shares since they were last taken; nil as long as there are fewer than `minimum`.
  mutating func takeAnswers(of flow: UInt64, minimum: UInt64) -> (answered: UInt64, refused: UInt64)? {
    guard let session = sessions.place(of: flow), UInt64(sessions[session].answered) >= max(minimum, 1) else {
      return nil
    }
    defer { (sessions[session].answered, sessions[session].refused) = (0, 0) }
    return (UInt64(sessions[session].answered), UInt64(sessions[session].refused))
  }
}

// MARK: - What is asked

extension JobBook {
  private func server(of place: Int) -> Endpoint {
    servers[sessions[place].server] ?? .unknown
  }

  /// Between whom a session is.
  func ends(of flow: UInt64) -> (miner: IPAddress, server: Endpoint)? {
    sessions.place(of: flow).map { (sessions[$0].origin.client, server(of: $0)) }
  }

  /// When a session's flow was first seen.
  func start(of flow: UInt64) -> Timestamp? { sessions.place(of: flow).map { sessions[$0].origin.firstSeen } }

  private func session(at place: Int) -> Session {
    let row = sessions[place]
    let flow = row.origin.facts(server(of: place), tunnels[row.key] ?? Tunnel())
    return Session(flow: flow, place: names[row.place] ?? "", work: work(at: place))
  }

  /// Where a session is, and for whom.
  func standing(of flow: UInt64) -> Standing? {
    sessions.place(of: flow).map {
      Standing(
        place: names[sessions[$0].place] ?? "", account: names[sessions[$0].account],
        tookBlock: sessions[$0].tookBlock)
    }
  }

  /// What the session at a place works on.
  func work(at place: Int) -> MiningWork? { given[sessions[place].block]?.work }

  /// Seconds between two jobs of a session, of late.
  func jobInterval(of flow: UInt64) -> Double? { sessions.place(of: flow).flatMap { sessions[$0].jobInterval } }

  /// Hashes a second of a session, of late; nil while there were too few shares.
  func hashrate(of flow: UInt64) -> Double? { sessions.place(of: flow).flatMap { sessions[$0].hashrate } }

  /// Whom the sessions at a pool pay that were given a job since, where that is known.
  func payees(at pool: String, since: Timestamp) -> [UInt64] {
    guard let number = names.number(of: pool) else { return [] }
    return sessions.filter { $0.place == number && $0.payees != 0 && $0.lastJob >= since }.map(\.payees)
  }
}
