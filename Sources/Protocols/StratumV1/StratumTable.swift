package import Capture
import Decode
import Flows

/// A session's place in the ``StratumTable``. Valid from ``StratumTable/open(midstream:rolesAreCertain:at:)`` until it ends.
package struct StratumSessionIndex: Hashable, Sendable, BitwiseCopyable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }
}

/// What became of the bytes that were handed over.
package struct StratumProgress: Equatable, Sendable {
  /// Bytes that are done with. The others are the start of a message: hand them over again, first, with what follows on them.
  package var consumed: Int
  /// The sender is the other one of client and server than was said, for what it says tells. Both roles are to be swapped from
  /// now on; the session has already done so.
  package var rolesReversed = false
}

/// All Stratum V1 sessions: what each has said, and what of it somebody may want to judge.
///
/// It reads and reports, and never judges. Its memory is bounded by ``Capture/Limits``; what does not fit is counted.
package struct StratumTable: ~Copyable {
  private var sessions: Slab<StratumSessionState>
  private var ledger: StratumLedger
  /// What is being read: kept, so that no message is made ready for one line.
  private var message = JSONMessage()
  private var firstFree: UInt32 = 0
  private var used: UInt32 = 0
  /// Sessions open now.
  package private(set) var count = 0

  /// - Parameters:
  ///   - sessions: sessions at once.
  ///   - users: users of all sessions.
  ///   - requests: open requests of all sessions.
  ///   - seed: keys the hashes; anything that a sender cannot know. Results do not depend on it.
  package init(
    sessions: Int = Limits.stratumSessions, users: Int = Limits.stratumUsers, requests: Int = Limits.stratumRequests,
    seed: UInt64 = .random(in: .min ... .max)
  ) {
    self.sessions = Slab(count: sessions, isHot: true)
    ledger = StratumLedger(sessions: sessions, users: users, requests: requests, seed: seed)
  }

  package var counters: StratumCounters {
    var counters = ledger.counters
    counters.requestsDropped = ledger.requests.dropped
    return counters
  }

  /// How often each known method was said, those that were said at all, busiest kinds first.
  package var methods: [(name: String, count: UInt64)] {
    StratumMethod.table.indices.map { (StratumMethod.spellings[$0], ledger.methods[$0]) }.filter { $0.1 > 0 }
  }

  /// Users of all open sessions.
  package var userCount: Int { ledger.users.count }

  /// Starts to follow a session.
  ///
  /// - Parameters:
  ///   - midstream: it was joined after its start, so the first bytes may be half a message, and what was said before is unknown.
  ///   - rolesAreCertain: the handshake told who is client. Otherwise the first message that only one side says decides.
  /// - Returns: nil when there is no place; the session is counted as refused.
  package mutating func open(midstream: Bool, rolesAreCertain: Bool = true, at time: Timestamp) -> StratumSessionIndex?
  {
    guard let index = takePlace() else {
      ledger.counters.sessionsRefused &+= 1
      return nil
    }
    ledger.beats[Int(index)] = ShareBeat()
    ledger.dues.forget(Int(index))
    sessions[Int(index)] = StratumSessionState(
      index: index, midstream: midstream, rolesAreCertain: rolesAreCertain, now: time)
    ledger.counters.sessionsOpened &+= 1
    count &+= 1
    return StratumSessionIndex(rawValue: index)
  }

  /// Asks for all that is remembered of a session, while what was said in it is still being taken apart.
  @inline(__always)
  func prefetch(_ session: StratumSessionIndex) { sessions.prefetch(Int(session.rawValue)) }

  /// Reads the bytes of one direction as far as whole messages go.
  ///
  /// Cost is linear in the bytes that are new: the left-over of the last call is not searched again.
  ///
  /// - Parameters:
  ///   - bytes: what the last call for this direction left, and what follows on it.
  ///   - atEnd: the sender will say no more, so a last message is whole without its line feed.
  package mutating func receive(
    _ bytes: RawSpan, from sender: Role, _ session: StratumSessionIndex, at time: Timestamp, atEnd: Bool = false,
    into events: inout [StratumEvent]
  ) -> StratumProgress {
    guard isOpen(session) else { return StratumProgress(consumed: bytes.byteCount) }
    ledger.now = time
    return Self.receive(
      bytes, from: sender, &sessions[Int(session.rawValue)], &message, &ledger, atEnd: atEnd, into: &events)
  }

  private static func receive(
    _ bytes: RawSpan, from claimed: Role, _ session: inout StratumSessionState, _ message: inout JSONMessage,
    _ ledger: inout StratumLedger, atEnd: Bool, into events: inout [StratumEvent]
  ) -> StratumProgress {
    var sender = claimed
    let left = Int(session[from: sender].left)
    ledger.counters.bytes &+= UInt64(max(0, bytes.byteCount &- left))
    let consumed = session.read(bytes, from: &sender, atEnd: atEnd, &message, &ledger, &events)
    session[from: sender].left = UInt32(truncatingIfNeeded: bytes.byteCount &- consumed)
    session.tick(&ledger, &events)
    return StratumProgress(consumed: consumed, rolesReversed: sender != claimed)
  }

  /// Bytes of one direction were lost. What the last call left of it must not be handed over again.
  package mutating func gap(_ session: StratumSessionIndex, from sender: Role) {
    guard isOpen(session) else { return }
    sessions[Int(session.rawValue)].lose(from: sender)
  }

  /// So many unknown jobs were said of sessions in which bytes were missing, which nobody knew yet.
  mutating func withdrawUnknownJobs(_ count: Int) { ledger.counters.unknownJobs &-= UInt64(count) }

  /// Says what is due: the introduction after ten seconds, the sums after five minutes. ``receive(_:from:_:at:atEnd:into:)`` does the
  /// same, so this is for sessions that fell silent.
  package mutating func tick(_ session: StratumSessionIndex, at time: Timestamp, into events: inout [StratumEvent]) {
    guard isOpen(session) else { return }
    let place = Int(session.rawValue)
    ledger.now = time
    sessions[place].tick(&ledger, &events)
    if let due = sessions[place].due { ledger.dues.wait(place, until: due) } else { ledger.dues.forget(place) }
  }

  /// The next place of a session that it may be time to ask: told without looking at the sessions.
  package func nextDue(in places: Range<Int>, at time: Timestamp) -> Int? { ledger.dues.next(in: places, at: time) }

  /// Takes what a session's shares came to since the last call, each user's apart.
  ///
  /// - Parameter flow: number of the session's flow.
  package mutating func takeWork(of session: StratumSessionIndex, flow: UInt64, into taken: inout [SessionWork]) {
    guard isOpen(session) else { return }
    sessions[Int(session.rawValue)].takeWork(flow: flow, &ledger.users, into: &taken)
  }

  /// Whether a session may have handed in shares since its last pulse: asked of every place, and answered without a call.
  @inline(__always)
  func hasPulse(_ place: Int) -> Bool { ledger.beats[place].shares > 0 }

  /// Takes what shares a session handed in since the last call; nil when there were none.
  ///
  /// - Parameters:
  ///   - flow: number of the session's flow.
  ///   - now: packet time in seconds.
  package mutating func takePulse(of session: StratumSessionIndex, flow: UInt64, at now: Int64) -> SharePulse? {
    let place = Int(session.rawValue)
    guard session.rawValue < used, hasPulse(place) else { return nil }
    let beat = ledger.beats[place]
    ledger.beats[place] = ShareBeat()
    return SharePulse(
      session: session.rawValue, flow: flow, shares: beat.shares, lastShare: beat.last(before: now),
      difficulty: sessions[place].announcedDifficulty)
  }

  /// When the latest job of an open session came, in seconds; 0 before the first, nil when the session is over.
  package func lastJob(of session: StratumSessionIndex, at now: Int64) -> Int64? {
    guard isOpen(session) else { return nil }
    let last = sessions[Int(session.rawValue)].work.lastJob
    return last == 0 ? 0 : now &- Int64(UInt32(truncatingIfNeeded: now) &- last)
  }

  /// The session is over: says what was not said yet, with the last sums, and forgets it.
  package mutating func end(_ session: StratumSessionIndex, at time: Timestamp, into events: inout [StratumEvent]) {
    guard isOpen(session) else { return }
    ledger.now = time
    Self.close(&sessions[Int(session.rawValue)], &ledger, into: &events)
    sessions[Int(session.rawValue)].nextFree = firstFree
    firstFree = session.rawValue &+ 1
    count &-= 1
  }

  private static func close(
    _ session: inout StratumSessionState, _ ledger: inout StratumLedger, into events: inout [StratumEvent]
  ) {
    session.introduce(if: true, &ledger, &events)
    session.sayDialect(ledger, &events)
    session.sayShares(isFinal: true, &ledger, &events)
    ledger.users.removeAll(&session.users)
    ledger.requests.removeAll(&session.requests)
    ledger.agents[Int(session.index)] = nil
    session.flags = []
  }

  /// An open session has the flag and is followed by no free place. The flag alone would tell; but the two stand in the two
  /// cache lines that a message needs first, and asked for at once they come at once.
  @inline(__always)
  private func isOpen(_ session: StratumSessionIndex) -> Bool {
    guard session.rawValue < used else { return false }
    let place = Int(session.rawValue)
    return sessions[place].nextFree == 0 && sessions[place].flags.contains(.isOpen)
  }

  private mutating func takePlace() -> UInt32? {
    if firstFree != 0 {
      let index = firstFree &- 1
      firstFree = sessions[Int(index)].nextFree
      return index
    }
    guard used < sessions.count else { return nil }
    ledger.agents.append(nil)
    used &+= 1
    return used &- 1
  }
}
