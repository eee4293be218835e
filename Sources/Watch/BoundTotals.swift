import Flows
import Protocols
import Rules

/// The bounds that can be hit, under their names in ``Capture/Limits/all``, and how often they were, at one time.
struct BoundTotals {
  private(set) var totals: [(bound: String, count: UInt64)] = []

  init() {}

  /// - Parameters:
  ///   - counts: for the workers' bounds.
  ///   - ruleBounds: those of the rules, as the analyst tells them.
  init(_ counts: SiteCounts, ruleBounds: [(bound: String, count: UInt64)] = []) {
    let flows = counts.sum(\.flows.evictedIdle) &+ counts.sum(\.flows.evictedUnanswered) &+ counts.sum(\.flows.refused)
    let datagrams = counts.sum(\.fragments.evicted) &+ counts.sum(\.fragments.refused)
    let sessions = counts.sum(\.stratum.sessionsRefused) &+ counts.sum(\.protocols.stratumSessionsRefused)
    totals = [
      ("flows", flows),
      ("held bytes", counts.sum(\.flows.segmentsDropped)),
      ("fragmented datagrams", datagrams),
      ("fragments of one datagram", counts.sum(\.fragments.tooManyPieces)),
      ("unfinished messages", counts.sum(\.protocols.buffersExhausted)),
      ("stream readers", counts.sum(\.protocols.readersRefused)),
      ("QUIC hellos", counts.sum(\.protocols.quicHellosRefused)),
      ("messages too long to be read", counts.sum(\.protocols.readersGivenUp)),
      ("link messages", counts.sum(\.linkMessagesRefused)),
      ("Stratum sessions", sessions),
      ("Stratum users", counts.sum(\.stratum.usersRefused)),
      ("Stratum requests", counts.sum(\.stratum.requestsDropped)),
      ("redirects told of one session", counts.sum(\.stratum.redirectsWithheld)),
      ("messages told of one session", counts.sum(\.stratum.messagesWithheld)),
      ("observations handed over", counts.sum(\.spilled)),
    ]
    totals += ruleBounds
  }

  /// What was hit since `earlier`.
  func since(_ earlier: BoundTotals) -> [SensorEvent.OverloadCount] {
    totals.enumerated().compactMap { index, total in
      let before = index < earlier.totals.count ? earlier.totals[index].count : 0
      return total.count > before ? .init(bound: total.bound, count: total.count - before) : nil
    }
  }
}
