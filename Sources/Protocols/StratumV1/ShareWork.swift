/// What a pool answered to somebody's shares in a stretch of time, in sums: what hashrate is made from.
package struct ShareWork: Equatable, Sendable, BitwiseCopyable {
  /// Accepted shares whose difficulty was known.
  package var accepted: UInt32 = 0
  /// Accepted shares whose difficulty was not known (joined in the middle): unknown work, not none.
  package var unknown: UInt32 = 0
  package var rejected: UInt32 = 0
  /// Sum of the difficulty of ``accepted``, and of its square: the square's root over the sum is the relative error.
  package var difficulty = 0.0
  package var squares = 0.0

  package init() {}

  package var isEmpty: Bool { accepted | unknown | rejected == 0 }

  /// Books one answer.
  ///
  /// - Parameter worth: the share's difficulty; 0 when it is not known.
  @inline(__always)
  mutating func book(accepted isAccepted: Bool, worth: Double) {
    guard isAccepted else {
      rejected &+= 1
      return
    }
    guard worth > 0 else {
      unknown &+= 1
      return
    }
    accepted &+= 1
    difficulty += worth
    squares += worth * worth
  }

  /// Books accepted shares that were answered together.
  ///
  /// - Parameter worth: their difficulty together; 0 when it is not known.
  mutating func book(accepted count: UInt64, worth: Double) {
    guard count > 0 else { return }
    let count = UInt32(clamping: count)
    guard worth > 0, worth.isFinite else { return unknown = unknown &+ count }
    accepted &+= count
    difficulty += worth
    squares += worth * worth / Double(count)
  }

  package mutating func add(_ other: ShareWork) {
    accepted &+= other.accepted
    unknown &+= other.unknown
    rejected &+= other.rejected
    difficulty += other.difficulty
    squares += other.squares
  }
}

/// Somebody's work in one session since it was last taken.
package struct SessionWork: Equatable, Sendable {
  /// Number of the session's flow, as in ``FlowFacts/id``.
  package var flow: UInt64
  /// As the session named it; nil when it named nobody, or more users than are remembered.
  package var user: String?
  package var work: ShareWork

  package init(flow: UInt64, user: String?, work: ShareWork) {
    self.flow = flow
    self.user = user
    self.work = work
  }
}

/// Taking the sums: once a minute of every session, and of one that ends.
extension StratumSessionState {
  /// Hands on what was booked since the last call, each user's apart, and starts at zero.
  mutating func takeWork(flow: UInt64, _ users: inout StratumUsers, into taken: inout [SessionWork]) {
    if !shareWork.isEmpty {
      let user = userCount == 1 ? users.text(of: self.users) : nil
      taken.append(SessionWork(flow: flow, user: user, work: shareWork))
      shareWork = ShareWork()
    }
    guard userCount > 1 else { return }
    users.takeWork(of: self.users) { text, work in
      taken.append(SessionWork(flow: flow, user: text, work: work))
    }
  }
}
