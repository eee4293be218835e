import Capture
import Decode
import Protocols

/// For whom each miner works, so that one that works for two is seen.
///
/// Sums of shares come every five minutes and at the end of a session. Two places whose sums cover the same time were worked for
/// at once; a place that is gone back to, again and again, is worked for in turns.
package struct Allegiances: Sendable {
  /// A pool and an account, and the work that a miner did for them.
  struct Place: Sendable {
    let pool: String
    /// Nil when unknown, or when a session names several.
    let account: String?
    var server: Endpoint
    var accepted: UInt64 = 0
    /// Sum of the difficulty of accepted shares; meaningless when that of some was not known.
    var difficulty = 0.0
    var isDifficultyKnown = true
    /// Stretches of time in which work was done here, each behind one for another place.
    var spells = 0
    fileprivate var last: (begin: Timestamp, end: Timestamp)
  }

  struct Miner: Sendable {
    /// Bounded by `Limits.placesPerMiner`: who works for more is a proxy.
    var places: [Place] = []
    /// When the sums began.
    fileprivate var since: Timestamp
    /// How long it worked for two places at once, in nanoseconds.
    fileprivate(set) var overlap: Int64 = 0
    fileprivate var wasTold = false
    fileprivate var isProxy = false
  }

  /// Bounded by `Limits.seenMiners`.
  private var miners: [IPAddress: Miner] = [:]
  private(set) var missed: UInt64 = 0

  package init() {}

  /// What makes work for two places a split, instead of a failover.
  struct Bounds {
    var window: Duration
    var overlap: Duration
    var turns: UInt64
  }

  /// Takes in the sums of a session.
  ///
  /// - Returns: the miner, when its work was found to be split, once a window.
  mutating func heard(
    _ totals: ShareTotals, of session: JobBook.Session, at now: Timestamp, _ bounds: Bounds
  ) -> Miner? {
    guard totals.accepted > 0 else { return nil }
    let address = session.flow.client.address
    if miners[address] == nil {
      guard miners.count < Limits.seenMiners else {
        missed &+= 1
        return nil
      }
      miners[address] = Miner(since: now)
    }
    let stretch = (begin: now.advanced(byNanoseconds: -Int64(min(totals.seconds, 1e9) * 1e9)), end: now)
    return miners[address]?.add(totals, of: session, stretch, bounds)
  }

  /// Time was set back: no stretch means anything any more.
  mutating func forget() { miners = [:] }
}

extension Allegiances.Miner {
  fileprivate mutating func add(
    _ totals: ShareTotals, of session: JobBook.Session, _ stretch: (begin: Timestamp, end: Timestamp),
    _ bounds: Allegiances.Bounds
  ) -> Allegiances.Miner? {
    if stretch.end > since.advanced(by: bounds.window) { self = Allegiances.Miner(since: stretch.end) }
    guard !isProxy else { return nil }
    let account = session.hasManyAccounts ? nil : session.account
    let index = places.firstIndex {
      $0.pool == session.place && ($0.account == account || $0.account == nil || account == nil)
    }
    let worked = places.map(\.last)
    if let index {
      // Another place's stretch lies between: it is gone back to.
      let former = places[index].last.end
      if worked.enumerated().contains(where: { $0.offset != index && $0.element.end > former }),
        stretch.begin > former
      {
        places[index].spells += 1
      }
      places[index].last = stretch
    } else {
      guard places.count < Limits.placesPerMiner else {
        isProxy = true
        return nil
      }
      places.append(
        Allegiances.Place(
          pool: session.place, account: account, server: session.flow.server, spells: 1, last: stretch))
    }
    let own = index ?? places.count - 1
    for other in worked.indices where other != own {
      let common = min(stretch.end, worked[other].end).nanoseconds(since: max(stretch.begin, worked[other].begin))
      overlap += max(common, 0)
    }
    places[own].accepted &+= totals.accepted
    places[own].difficulty += totals.acceptedDifficulty
    if totals.acceptedOfUnknownDifficulty > 0 { places[own].isDifficultyKnown = false }
    guard !wasTold, places.count > 1, isSplit(bounds) else { return nil }
    wasTold = true
    return self
  }

  private func isSplit(_ bounds: Allegiances.Bounds) -> Bool {
    overlap >= bounds.overlap.saturatedNanoseconds
      || places.count { UInt64($0.spells) >= max(bounds.turns, 2) } > 1
  }

  /// Places with their shares of the work, the largest first.
  var shares: [(place: Allegiances.Place, share: Double)] {
    let isKnown = places.allSatisfy { $0.isDifficultyKnown && $0.difficulty > 0 }
    let works = places.map { isKnown ? $0.difficulty : Double($0.accepted) }
    let total = max(works.reduce(0, +), .leastNormalMagnitude)
    return zip(places, works).map { ($0, $1 / total) }.sorted { $0.1 > $1.1 }
  }
}
