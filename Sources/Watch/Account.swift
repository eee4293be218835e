import Capture
import Decode
import Flows
import Protocols
import Rules
import Sinks

/// The bounds that can be hit and how often they were, at one time.
struct BoundTotals {
  private var totals: [(bound: String, count: UInt64)] = []

  init() {}

  init(_ pipeline: borrowing Pipeline) {
    let flows = pipeline.flows.statistics
    let protocols = pipeline.protocols.counters
    let stratum = pipeline.protocols.stratumCounters
    totals = [
      ("flows", flows.evictedIdle &+ flows.evictedUnanswered &+ flows.refused),
      ("held bytes", flows.segmentsDropped),
      ("fragmented datagrams", pipeline.fragments.statistics.evicted &+ pipeline.fragments.statistics.refused),
      ("fragments of one datagram", pipeline.fragments.statistics.tooManyPieces),
      ("unfinished messages", protocols.buffersExhausted),
      ("stream readers", protocols.readersRefused),
      ("QUIC hellos", protocols.quicHellosRefused),
      ("messages too long to be read", protocols.readersGivenUp),
      ("link messages", pipeline.protocols.linkMessagesRefused),
      ("Stratum sessions", stratum.sessionsRefused &+ protocols.stratumSessionsRefused),
      ("Stratum users", stratum.usersRefused),
      ("Stratum requests", stratum.requestsDropped),
      ("redirects told of one session", stratum.redirectsWithheld),
      ("messages told of one session", stratum.messagesWithheld),
    ]
  }

  /// What was hit since `earlier`.
  func since(_ earlier: BoundTotals) -> [SensorEvent.OverloadCount] {
    totals.enumerated().compactMap { index, total in
      let before = index < earlier.totals.count ? earlier.totals[index].count : 0
      return total.count > before ? .init(bound: total.bound, count: total.count - before) : nil
    }
  }
}

extension StatsRecord {
  /// All counters of a pipeline, under the names that EVE's readers know and, below `minewatch`, our own.
  init(_ pipeline: borrowing Pipeline, captured: SensorEvent.CaptureLoss?, start: Timestamp, at now: Timestamp) {
    let flows = pipeline.flows.statistics
    let stratum = pipeline.protocols.stratumCounters
    let protocols = pipeline.protocols.counters
    let book = pipeline.analyst.book.counters
    self.init(
      time: now, uptime: UInt64(clamping: now.nanoseconds(since: start) / 1_000_000_000),
      groups: [
        .init(
          "capture",
          .group([
            .init("kernel_packets", captured?.received ?? pipeline.frames),
            .init("kernel_drops", captured?.kernelDropped ?? 0),
            .init("kernel_ifdrops", captured?.interfaceDropped ?? 0),
          ])),
        .init("decoder", .group([.init("pkts", pipeline.frames), .init("bytes", pipeline.bytes)])),
        .init("flow", .group([.init("total", flows.made), .init("active", UInt64(clamping: pipeline.flows.count))])),
      ],
      own: [
        .init("unread", .group(pipeline.decoded.entries.map { .init($0.text, $0.count) })),
        .init(
          "streams",
          .group([
            .init("gaps", flows.gaps), .init("missed_bytes", flows.missedBytes), .init("conflicts", flows.conflicts),
            .init("retransmissions", flows.retransmissions), .init("out_of_order", flows.outOfOrder),
          ])),
        .init(
          "stratum",
          .group([
            .init("sessions", stratum.sessionsOpened), .init("messages", stratum.messages),
            .init("shares_submitted", stratum.sharesSubmitted), .init("shares_accepted", stratum.sharesAccepted),
            .init("shares_rejected", stratum.sharesRejected),
          ])),
        .init(
          "dns", .group([.init("queries", protocols.dnsQueries), .init("responses", protocols.dnsResponses)])),
        .init(
          "findings",
          .group([.init("raised", book.raised), .init("written", book.written), .init("folded", book.folded)])),
      ])
  }
}

extension SinkLoss {
  /// What was lost where, and what to do.
  var sentence: String {
    lastError ?? "\(sink): lines came faster than they could be written"
  }
}
