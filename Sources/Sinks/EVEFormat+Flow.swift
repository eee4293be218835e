import Capture
import Flows
import Protocols

extension EVEFormat {
  func writeTotals(_ totals: FlowTotals, of flow: FlowFacts, to json: inout JSONWriter) {
    json.field("pkts_toserver", totals.toServer.packets)
    json.field("pkts_toclient", totals.toClient.packets)
    json.field("bytes_toserver", totals.toServer.bytes)
    json.field("bytes_toclient", totals.toClient.bytes)
    json.field("start", CivilTime.eve(flow.firstSeen))
    json.field("end", CivilTime.eve(totals.lastSeen))
    // Whole seconds. A capture file may run backwards.
    json.field("age", max(0, totals.lastSeen.nanoseconds(since: flow.firstSeen) / 1_000_000_000))
    json.field("state", Self.state(totals))
    json.field("reason", Self.reason(totals.reason))
  }

  /// Suricata's three words for how far a flow had come.
  private static func state(_ totals: FlowTotals) -> String {
    switch totals.reason {
    case .finished, .reset: "closed"
    case .idle, .evicted, .replaced, .shutdown: totals.answered ? "established" : "new"
    }
  }

  /// Suricata's words where it has them (src/output-json-flow.c): it does not tell how a closed connection closed.
  private static func reason(_ end: FlowEnd) -> String {
    switch end {
    case .finished: "finished"
    case .reset: "reset"
    case .idle: "timeout"
    case .evicted: "forced"
    case .replaced: "tcp_reuse"
    case .shutdown: "shutdown"
    }
  }
}
