package import Capture
package import Decode
import Protocols

/// The site as it was seen: miners, and the work that pools answered for. Their sessions stand in the ``JobBook``.
package struct Fleet: ~Copyable, Sendable {
  /// By address. Bounded by `Limits.seenMiners`; later ones are not remembered, so their findings lack MAC and agent.
  package private(set) var miners = Table<Miner>(limit: Limits.seenMiners)
  /// Who was seen at work. Bounded by `Limits.stratumUsers`; the work of later ones is not summed up.
  package private(set) var workers = Table<Worker>(limit: Limits.stratumUsers)
  /// Where they were; no more of these than of them.
  package private(set) var servers = Table<Server>(limit: Limits.stratumUsers)
  /// Mining sessions that are open and cannot be read, by flow. Bounded by `Limits.watchedSessions`; the miners of later ones are not
  /// listed as mining.
  private var unreadable = Table<Hidden>(limit: Limits.watchedSessions)
  /// Who works how much, from the answers to shares.
  package internal(set) var hashrates = Hashrates()
  /// How often each bound was hit.
  private(set) var missed: (miners: UInt64, sessions: UInt64, users: UInt64) = (0, 0, 0)

  package struct Miner: Keyed {
    package let address: IPAddress
    package var mac = MACAddress.none
    /// From the latest subscribe or login.
    package var agent: String?
    /// What stands behind the account in the latest user, in lower case, where it is long enough to be nothing else.
    package var worker: String?
    /// Flow of the latest mining session; `UInt64.max`, which is no flow's number, before the first.
    package var lastSession = UInt64.max
    /// By packet time; that of an earlier run, where the store remembers it.
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp

    package var key: IPAddress { address }
  }

  /// A session that cannot be read.
  struct Hidden: Keyed {
    let flow: UInt64
    let miner: IPAddress

    var key: UInt64 { flow }
    var worker: Hashrates.Worker { Hashrates.Worker(miner: miner, user: nil) }
  }

  /// A miner under one user at one server.
  package struct Worker: PlaceKey, Keyed {
    package let miner: IPAddress
    /// The session's user; nil when unknown.
    package let user: String?
    /// Place in ``Fleet/servers``.
    let server: UInt32

    package var key: Worker { self }

    package func hash(_ secrets: PlaceSecrets) -> UInt64 {
      secrets.fold(miner.hash(secrets) ^ UInt64(server), user.map(secrets.fold) ?? 0)
    }
  }

  /// Where miners work, and what was done there in all.
  package struct Server: Keyed {
    package let address: ServerAddress
    package var work = Work()

    package var key: ServerAddress { address }
  }

  /// Sums of what pools answered.
  package struct Work: Sendable {
    package var sessions: UInt64 = 0
    package var submitted: UInt64 = 0
    package var accepted: UInt64 = 0
    package var rejected: UInt64 = 0
    /// Sum of the difficulty of accepted shares, where it was known.
    package var acceptedDifficulty = 0.0

    mutating func add(_ other: Work) {
      sessions &+= other.sessions
      submitted &+= other.submitted
      accepted &+= other.accepted
      rejected &+= other.rejected
      acceptedDifficulty += other.acceptedDifficulty
    }
  }

  package init() {}
}

// MARK: - What is learned

extension Fleet {
  mutating func saw(_ miner: Endpoint, at now: Timestamp) {
    note(miner.address, at: now) {
      $0.lastSeen = max($0.lastSeen, now)
      if miner.mac != .none { $0.mac = miner.mac }
    }
  }

  mutating func heard(_ event: StratumEvent, in flow: FlowFacts, at now: Timestamp) {
    // Stratum V2 that turns out to be in the clear can be read after all.
    if event.session.dialect == .stratumV2 { unhide(flow.id) }
    note(flow.client.address, at: now) { miner in
      miner.lastSeen = max(miner.lastSeen, now)
      if let agent = event.session.agent { miner.agent = agent }
      if case .user(let user, _) = event.what { miner.worker = workerPart(of: user) }
      miner.lastSession = flow.id
    }
    switch event.what {
    case .introduced: add(Work(sessions: 1), of: event.session.user, in: flow)
    case .shares(let totals):
      add(
        Work(
          submitted: totals.submitted, accepted: totals.accepted, rejected: totals.rejected,
          acceptedDifficulty: totals.acceptedDifficulty), of: event.session.user, in: flow)
    default: break
    }
  }

  mutating func closed(_ flow: FlowFacts) {
    unhide(flow.id)
  }

  private mutating func unhide(_ flow: UInt64) {
    if let hidden = unreadable.remove(flow) { hashrates.unhide(hidden.worker) }
  }

  /// A miner speaks with a pool in a way that nobody can read.
  mutating func hides(_ flow: FlowFacts) {
    guard unreadable.place(of: flow.id) == nil else { return }
    guard unreadable.count < Limits.watchedSessions else {
      missed.sessions &+= 1
      return
    }
    let hidden = Hidden(flow: flow.id, miner: flow.client.address)
    unreadable.append(hidden)
    hashrates.hide(hidden.worker, at: ServerAddress(flow.server), since: flow.firstSeen)
  }

  private mutating func note(_ address: IPAddress, at now: Timestamp, _ change: (inout Miner) -> Void) {
    if let place = miners.place(of: address) { return change(&miners[place]) }
    guard miners.count < Limits.seenMiners else {
      missed.miners &+= 1
      return
    }
    var miner = Miner(address: address, firstSeen: now, lastSeen: now)
    change(&miner)
    miners.append(miner)
  }

  /// A miner that is known from an earlier run.
  mutating func remember(_ known: SiteMemory.KnownMiner) {
    guard miners.count < Limits.seenMiners else { return }
    var miner = Miner(address: known.address, firstSeen: known.firstSeen, lastSeen: known.lastSeen)
    miner.mac = known.mac
    miner.agent = known.agent
    if let place = miners.place(of: known.address) { miners[place] = miner } else { miners.append(miner) }
  }

  /// Books the answers to the shares of a session that cannot be read; those of a session that is no miner's are nobody's.
  mutating func bookHidden(_ done: SessionWork) {
    if let hidden = unreadable[done.flow] { hashrates.book(done.work, ofHidden: hidden.worker) }
  }

  /// Flow of a miner's latest mining session; nil for one that was not seen.
  func lastSession(of miner: IPAddress) -> UInt64? { miners.place(of: miner).map { miners[$0].lastSession } }

  /// Who worked in the minute that was closed last was seen then.
  mutating func sawWorkers(at now: Timestamp) {
    for row in hashrates.rows.indices where !hashrates.rows[row].minute.isEmpty {
      if let place = miners.place(of: hashrates.rows[row].worker.miner) { miners[place].lastSeen = now }
    }
  }

  /// The users that were seen, each once, in alphabetical order.
  package var users: [String] {
    // A set of them would take twice the room, at the end of a run, when the most is in use.
    var users: [String] = []
    users.reserveCapacity(workers.count)
    for worker in workers.rows { if let user = worker.user { users.append(user) } }
    users.sort()
    var kept = 0
    for place in users.indices where kept == 0 || users[place] != users[kept - 1] {
      users[kept] = users[place]
      kept += 1
    }
    users.removeLast(users.count - kept)
    return users
  }

  private mutating func add(_ more: Work, of user: String?, in flow: FlowFacts) {
    let address = ServerAddress(flow.server)
    let known = servers.place(of: address)
    // A new server's place is the next one.
    let server = known ?? servers.count
    let worker = Worker(miner: flow.client.address, user: user, server: UInt32(truncatingIfNeeded: server))
    if known == nil || workers.place(of: worker) == nil {
      guard workers.count < Limits.stratumUsers else {
        missed.users &+= 1
        return
      }
      if known == nil { servers.append(Server(address: address)) }
      workers.append(worker)
    }
    servers[server].work.add(more)
  }
}
