package import Capture
package import Decode
package import Protocols

/// The site as it was seen: miners, their mining sessions and the work that pools answered for.
package struct Fleet: ~Copyable, Sendable {
  /// By address. Bounded by `Limits.seenMiners`; later ones are not remembered, so their findings lack MAC and agent.
  package private(set) var miners: [IPAddress: Miner] = [:]
  /// Mining sessions that are open, by flow. Bounded by `Limits.watchedSessions`; later ones are not summed up.
  package private(set) var sessions = ByFlow<Session>(limit: Limits.watchedSessions)
  /// Work by miner and user. Bounded by `Limits.stratumUsers`; the work of later ones is not summed up.
  package private(set) var work: [Worker: Work] = [:]
  /// Mining sessions of miners seen in all.
  package private(set) var sessionsSeen: UInt64 = 0
  /// Mining sessions that are open and cannot be read, by flow. Bounded by `Limits.watchedSessions`; the miners of later ones are not
  /// listed as mining.
  private var unreadable: [UInt64: Hashrates.Worker] = [:]
  /// Who works how much, from the answers to shares.
  package internal(set) var hashrates = Hashrates()
  /// How often each bound was hit.
  private(set) var missed: (miners: UInt64, sessions: UInt64, users: UInt64) = (0, 0, 0)

  package struct Miner: Sendable {
    package var mac = MACAddress.none
    /// From the latest subscribe or login.
    package var agent: String?
    /// What stands behind the account in the latest user, in lower case, where it is long enough to be nothing else.
    package var worker: String?
    /// Flow of the latest mining session.
    package var lastSession: UInt64?
    /// By packet time; that of an earlier run, where the store remembers it.
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
  }

  package struct Session: Sendable {
    package var miner: IPAddress
    package var server: Endpoint
    /// When its flow was first seen.
    package var since: Timestamp
    /// Place of its latest work in the table of hashrates.
    var row: Int?
  }

  package struct Worker: Hashable, Sendable {
    package var miner: IPAddress
    package var server: IPAddress
    package var port: UInt16
    /// The session's user; nil when unknown.
    package var user: String?
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
    if sessions.place(of: flow.id) == nil { open(flow) }
    // Stratum V2 that turns out to be in the clear can be read after all.
    if event.session.dialect == .stratumV2, let worker = unreadable.removeValue(forKey: flow.id) {
      hashrates.unhide(worker)
    }
    note(flow.client.address, at: now) { miner in
      miner.lastSeen = max(miner.lastSeen, now)
      if let agent = event.session.agent { miner.agent = agent }
      if case .user(let user, _) = event.what { miner.worker = workerPart(of: user) }
      miner.lastSession = flow.id
    }
    let worker = Worker(
      miner: flow.client.address, server: flow.server.address, port: flow.server.port, user: event.session.user)
    switch event.what {
    case .introduced: add(Work(sessions: 1), of: worker)
    case .shares(let totals):
      add(
        Work(
          submitted: totals.submitted, accepted: totals.accepted, rejected: totals.rejected,
          acceptedDifficulty: totals.acceptedDifficulty), of: worker)
    default: break
    }
  }

  mutating func closed(_ flow: FlowFacts) {
    _ = sessions.remove(flow.id)
    if let worker = unreadable.removeValue(forKey: flow.id) { hashrates.unhide(worker) }
  }

  /// A miner speaks with a pool in a way that nobody can read.
  mutating func hides(_ flow: FlowFacts) {
    guard unreadable[flow.id] == nil else { return }
    guard unreadable.count < Limits.watchedSessions else {
      missed.sessions &+= 1
      return
    }
    let worker = Hashrates.Worker(miner: flow.client.address, user: nil)
    unreadable[flow.id] = worker
    hashrates.hide(worker, at: flow.server, since: flow.firstSeen)
  }

  private mutating func open(_ flow: FlowFacts) {
    guard sessions.count < Limits.watchedSessions else {
      missed.sessions &+= 1
      return
    }
    sessionsSeen &+= 1
    _ = sessions.add(
      Session(miner: flow.client.address, server: flow.server, since: flow.firstSeen), of: flow.id)
  }

  private mutating func note(_ address: IPAddress, at now: Timestamp, _ change: (inout Miner) -> Void) {
    if miners.count >= Limits.seenMiners, miners[address] == nil {
      missed.miners &+= 1
      return
    }
    change(&miners[address, default: Miner(firstSeen: now, lastSeen: now)])
  }

  /// A miner that is known from an earlier run.
  mutating func remember(_ known: SiteMemory.KnownMiner) {
    guard miners.count < Limits.seenMiners else { return }
    var miner = Miner(firstSeen: known.firstSeen, lastSeen: known.lastSeen)
    miner.mac = known.mac
    miner.agent = known.agent
    miners[known.address] = miner
  }

  /// Books the answers to a session's shares; those of a session that is no miner's are nobody's.
  mutating func book(_ done: SessionWork) {
    guard let place = sessions.place(of: done.flow) else {
      if let worker = unreadable[done.flow] { hashrates.book(done.work, ofHidden: worker) }
      return
    }
    let session = sessions[place]
    sessions[place].row = hashrates.book(
      done.work, of: .init(miner: session.miner, user: done.user), at: session.server, since: session.since,
      hint: session.row)
  }

  /// When a miner's latest mining session began; nil when none of its is open.
  func startOfSession(of miner: IPAddress) -> Timestamp? {
    guard let flow = miners[miner]?.lastSession, let place = sessions.place(of: flow) else { return nil }
    return sessions[place].since
  }

  /// Who worked in the minute that was closed last was seen then.
  mutating func sawWorkers(at now: Timestamp) {
    for row in hashrates.rows where !row.minute.isEmpty { miners[row.worker.miner]?.lastSeen = now }
  }

  private mutating func add(_ more: Work, of worker: Worker) {
    if work.count >= Limits.stratumUsers, work[worker] == nil {
      missed.users &+= 1
      return
    }
    work[worker, default: Work()].add(more)
  }
}
