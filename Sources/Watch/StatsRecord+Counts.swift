import Capture
import Decode
import Flows
import Protocols
import Rules
import Sinks

extension StatsRecord {
  /// All counters of a sensor, under the names that EVE's readers know and, below `minewatch`, our own.
  init(
    _ counts: SiteCounts, findings book: AlertBook.Counters, captured: SensorEvent.CaptureLoss?, start: Timestamp,
    at now: Timestamp
  ) {
    let uptime = UInt64(clamping: now.nanoseconds(since: start) / 1_000_000_000)
    let findings: [Entry] = [
      Entry("raised", book.raised), Entry("written", book.written), Entry("folded", book.folded),
    ]
    self.init(
      time: now, uptime: uptime, groups: Self.common(counts, captured: captured),
      own: Self.own(counts) + [Entry("findings", .group(findings))])
  }

  private static func common(_ counts: SiteCounts, captured: SensorEvent.CaptureLoss?) -> [Entry] {
    let frames = counts.sum(\.frames)
    let capture: [Entry] = [
      Entry("kernel_packets", captured?.received ?? frames), Entry("kernel_drops", captured?.kernelDropped ?? 0),
      Entry("kernel_ifdrops", captured?.interfaceDropped ?? 0),
    ]
    let decoder: [Entry] = [Entry("pkts", frames), Entry("bytes", counts.sum(\.bytes))]
    let flow: [Entry] = [Entry("total", counts.sum(\.flows.made)), Entry("active", counts.sum(\.openFlows))]
    return [Entry("capture", .group(capture)), Entry("decoder", .group(decoder)), Entry("flow", .group(flow))]
  }

  private static func own(_ counts: SiteCounts) -> [Entry] {
    let unread: [Entry] = counts.decoded.entries.map { Entry($0.text, $0.count) }
    let streams: [Entry] = [
      Entry("gaps", counts.sum(\.flows.gaps)), Entry("missed_bytes", counts.sum(\.flows.missedBytes)),
      Entry("conflicts", counts.sum(\.flows.conflicts)),
      Entry("retransmissions", counts.sum(\.flows.retransmissions)),
      Entry("out_of_order", counts.sum(\.flows.outOfOrder)),
    ]
    let stratum: [Entry] = [
      Entry("sessions", counts.sum(\.stratum.sessionsOpened)), Entry("messages", counts.sum(\.stratum.messages)),
      Entry("shares_submitted", counts.sum(\.stratum.sharesSubmitted)),
      Entry("shares_accepted", counts.sum(\.stratum.sharesAccepted)),
      Entry("shares_rejected", counts.sum(\.stratum.sharesRejected)),
    ]
    let dns: [Entry] = [
      Entry("queries", counts.sum(\.protocols.dnsQueries)), Entry("responses", counts.sum(\.protocols.dnsResponses)),
    ]
    return [
      Entry("unread", .group(unread)), Entry("streams", .group(streams)), Entry("stratum", .group(stratum)),
      Entry("dns", .group(dns)),
    ]
  }
}
