package import Capture
import Decode
import Policy
package import Protocols

/// Mining sessions as rules compare them with each other: what each is given to work on, for whom, and what comes of it.
package struct JobBook: Sendable {
  package struct Session: Keyed {
    package let flow: FlowFacts
    /// The policy's pool, or what the server is called where it is none of them.
    package let place: String
    /// Who is paid, where one account and no other was named.
    package var account: String?

    private var block = BlockHash(0, 0, 0, 0)
    private var bits: UInt32 = 0
    private var height: UInt32 = 0
    var firstJob = Timestamp(nanoseconds: 0)
    /// When it went over to the block that it works on.
    var tookBlock = Timestamp(nanoseconds: 0)
    package var lastJob = Timestamp(nanoseconds: 0)
    /// When it last worked on the block that most of the site worked on.
    var agreed = Timestamp(nanoseconds: 0)
    /// Identity of scripts and tag; 0 when unknown, or when it pays the session's own user.
    var payees: UInt64 = 0

    /// See ``jobInterval`` and ``hashrate``; not a number when unknown.
    private var interval = Double.nan
    private var rate = Double.nan
    /// Shares that were answered, and those of them that were refused, since they were last judged.
    @Narrow<UInt32> fileprivate var answered = 0
    @Narrow<UInt32> fileprivate var refused = 0

    /// Several accounts were named: a proxy's session.
    package var hasManyAccounts = false
    private var hasWork = false
    private var hasHeight = false
    /// That it works on another chain was told, and has not ended since.
    var isApart = false

    init(flow: FlowFacts, place: String) {
      self.flow = flow
      self.place = place
    }

    package var key: UInt64 { flow.id }

    /// What is worked on, without who is paid for it: that is judged when it is said, and would take more than all the rest. Nil
    /// before the first job.
    package fileprivate(set) var work: MiningWork? {
      get { hasWork ? MiningWork(previousBlock: block, bits: bits, height: hasHeight ? height : nil) : nil }
      set {
        guard let work = newValue else { return }
        (block, bits, height) = (work.previousBlock, work.bits, work.height ?? 0)
        (hasWork, hasHeight) = (true, work.height != nil)
      }
    }

    /// Seconds between two jobs, of late.
    package fileprivate(set) var jobInterval: Double? {
      get { interval.isNaN ? nil : interval }
      set { interval = newValue ?? .nan }
    }

    /// Hashes a second, of late, as accepted shares of known difficulty tell; nil while there were too few.
    package fileprivate(set) var hashrate: Double? {
      get { rate.isNaN ? nil : rate }
      set { rate = newValue ?? .nan }
    }
  }

  /// By flow. Bounded by `Limits.watchedSessions`; later ones are not compared.
  package private(set) var sessions = Table<Session>(limit: Limits.watchedSessions)
  /// How many sessions work on each block.
  private var blocks: [BlockHash: Int] = [:]
  /// When all sessions last worked on one block.
  private(set) var united = Timestamp(nanoseconds: 0)
  /// When sessions that disagree may next be counted.
  var nextCount = Timestamp(nanoseconds: 0)
  /// Sessions for which there was no room.
  private(set) var missed: UInt64 = 0

  /// Fewer accepted shares tell no rate: ten are good to a third (domain.md §1.7).
  fileprivate static var sharesForRate: UInt64 { 10 }

  package init() {}

  /// Not all sessions work on the same block.
  var isDivided: Bool { blocks.count > 1 }

  // MARK: What is learned

  /// - Parameter place: where the session is, for one that is new: see ``Session/place``.
  mutating func heard(_ event: StratumEvent, in flow: FlowFacts, at now: Timestamp, place: String?) {
    guard let session = sessions.place(of: flow.id) ?? open(flow, at: place ?? "") else { return }
    switch event.what {
    case .user(let user, _): sessions[session].met(accountPart(of: user))
    case .work(let work): change(session, to: work, at: now)
    case .shares(let totals): sessions[session].add(totals, at: now)
    default: break
    }
  }

  private mutating func open(_ flow: FlowFacts, at place: String) -> Int? {
    guard sessions.count < Limits.watchedSessions else {
      missed &+= 1
      return nil
    }
    return sessions.append(Session(flow: flow, place: place))
  }

  mutating func closed(_ flow: FlowFacts) {
    guard let session = sessions.remove(flow.id) else { return }
    if let block = session.work?.previousBlock { leave(block) }
  }

  private mutating func change(_ session: Int, to work: MiningWork, at now: Timestamp) {
    let former = sessions[session].work?.previousBlock
    sessions[session].work = work
    sessions[session].lastJob = now
    if former == nil { sessions[session].firstJob = now }
    guard former != work.previousBlock else { return }
    sessions[session].tookBlock = now
    if blocks.count <= 1 { united = now }
    blocks[work.previousBlock, default: 0] += 1
    if let former { leave(former) }
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
    from majority: MiningWork, since: Timestamp, at now: Timestamp, apart: (Session, MiningWork) -> Double?
  ) -> [(Session, seconds: Double)] {
    var strays: [(Session, seconds: Double)] = []
    for index in sessions.indices {
      guard sessions[index].lastJob >= since, let work = sessions[index].work else { continue }
      if work.previousBlock == majority.previousBlock {
        sessions[index].agreed = now
        sessions[index].isApart = false
      } else if !sessions[index].isApart, let seconds = apart(sessions[index], work) {
        sessions[index].isApart = true
        strays.append((sessions[index], seconds))
      }
    }
    return strays
  }

  /// Remembers who a session's work pays.
  mutating func note(_ flow: UInt64, payees: UInt64) {
    if let session = sessions.place(of: flow) { sessions[session].payees = payees }
  }

  // MARK: What is asked

  func session(of flow: UInt64) -> Session? { sessions[flow] }

  /// See ``Session/hashrate``.
  func hashrate(of flow: UInt64) -> Double? { sessions.place(of: flow).flatMap { sessions[$0].hashrate } }

  /// Answers to a session's shares since they were last taken; nil as long as there are fewer than `minimum`.
  mutating func takeAnswers(of flow: UInt64, minimum: UInt64) -> (answered: UInt64, refused: UInt64)? {
    guard let session = sessions.place(of: flow), UInt64(sessions[session].answered) >= max(minimum, 1) else {
      return nil
    }
    defer { (sessions[session].answered, sessions[session].refused) = (0, 0) }
    return (UInt64(sessions[session].answered), UInt64(sessions[session].refused))
  }
}

extension JobBook.Session {
  fileprivate mutating func met(_ name: String) {
    if account == nil, !hasManyAccounts { account = name }
    guard account != name else { return }
    account = nil
    hasManyAccounts = true
  }

  fileprivate mutating func add(_ totals: ShareTotals, at now: Timestamp) {
    if let age = totals.sinceLastJob { lastJob = now.advanced(byNanoseconds: -Int64(min(age, 1e9) * 1e9)) }
    if totals.jobs > 2 { jobInterval = totals.seconds / Double(totals.jobs) }
    answered += Int(UInt32(clamping: totals.accepted &+ totals.rejected))
    refused += Int(UInt32(clamping: totals.rejected))
    guard totals.acceptedOfUnknownDifficulty == 0, totals.accepted >= JobBook.sharesForRate, totals.seconds > 0 else {
      return
    }
    hashrate = totals.acceptedDifficulty * 0x1p32 / totals.seconds
  }
}

extension Analysis {
  /// The pool that is mined for in a flow: the policy's name for it, or the server's.
  func place(of flow: FlowFacts) -> String {
    switch policy.pool(at: flow.server.address, port: flow.server.port, bindings) {
    case .endpoint(let pool, _): pool.name
    case .otherPort(let pool): pool.name
    case .none: name(of: flow.server.address) ?? flow.server.address.description
    }
  }
}
