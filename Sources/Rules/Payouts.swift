import Capture
import Protocols

/// Who the coinbases of each pool pay, and changes of that which wait to be compared with the pool's other sessions.
package struct Payouts: Sendable {
  /// A payout that the pool's sessions had not shown before.
  struct Change: Sendable {
    var flow: FlowFacts
    var session: StratumSession
    var place: String
    var payees: UInt64
    var payout: MiningPayout
    /// What the session, or the pool's other ones, paid before.
    var former: MiningPayout?
    var time: Timestamp
    /// It came with work on another block.
    var isAtNewBlock: Bool
  }

  private struct Pool {
    var since: Timestamp
    /// The latest last. Bounded by `Limits.payoutsPerPool`.
    var known: [(payees: UInt64, payout: MiningPayout)] = []
    /// How often all sessions went over to another payout together.
    var rotations = 0
  }

  /// By name. Bounded by `Limits.poolsSeen`.
  private var pools: [String: Pool] = [:]
  private var waiting = Queue<Change>()
  /// Pools, and changes, for which there was no room.
  private(set) var missed: UInt64 = 0

  package init() {}

  /// Takes in a session's payout.
  ///
  /// - Parameter learning: how long a pool's first payouts are all believed.
  mutating func heard(_ change: Change, learning: Duration) {
    if pools[change.place] == nil {
      guard pools.count < Limits.poolsSeen else {
        missed &+= 1
        return
      }
      pools[change.place] = Pool(since: change.time)
    }
    guard var pool = pools[change.place], !pool.known.contains(where: { $0.payees == change.payees }) else { return }
    var change = change
    change.former = pool.known.last?.payout
    pool.known.append((change.payees, change.payout))
    if pool.known.count > Limits.payoutsPerPool { pool.known.removeFirst() }
    pools[change.place] = pool
    guard change.former != nil, change.time >= pool.since.advanced(by: learning) else { return }
    if waiting.count < Limits.heldJudgements { waiting.append(change) } else { missed &+= 1 }
  }

  /// Changes that have had time to reach a pool's other sessions.
  mutating func due(at now: Timestamp, window: Duration) -> [Change] {
    var due: [Change] = []
    while let next = waiting.first, next.time.advanced(by: window) <= now {
      due.append(next)
      _ = waiting.popFirst()
    }
    return due
  }

  /// Counts that a pool pays others from here on.
  ///
  /// - Returns: how often it did so before.
  mutating func rotate(_ place: String) -> Int {
    defer { pools[place]?.rotations += 1 }
    return pools[place]?.rotations ?? 0
  }

  /// Time was set back: nobody can say what happened inside a window.
  mutating func forget() { waiting = Queue() }
}
