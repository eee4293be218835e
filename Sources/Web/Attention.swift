import Capture
import Decode
import Policy
import Rules
import Sinks
import Store
import Watch

/// Miners that somebody should look at, and why; those with the gravest reason first.
struct Attention {
  /// In the order of urgency.
  enum Reason: Int {
    case alerts, silent, rejects, neverSeen

    var name: String {
      switch self {
      case .alerts: "alerts"
      case .silent: "silent"
      case .rejects: "rejects"
      case .neverSeen: "never-seen"
      }
    }
  }

  struct Entry {
    var miner: StoredMiner
    var reasons: [(kind: Reason, text: String)]

    /// Fewer is graver.
    var rank: Int { reasons.map(\.kind.rawValue).min() ?? .max }
  }

  private var entries: [Entry] = []

  /// Alerts of this level or worse count, for so long.
  private static let level = Level.high
  private static let alertSpan = Duration.seconds(86_400)
  /// Of a miner's shares, and of how many at the least, in ``MinerListing/Query/window``.
  private static let rejectShare = 0.05
  private static let fewestShares: UInt64 = 20

  init(_ store: StoreReader, policy: Policy?) throws(StoreFailure) {
    let listing = try MinerListing(store, policy: policy, query: .init())
    let beat = try store.heartbeat()
    let end = beat?.time ?? Timestamp(seconds: 0)
    let alerts = try store.minerCounts(since: end.advanced(by: .zero - Self.alertSpan), level: Self.level)
    for (address, lines) in Dictionary(grouping: listing.lines, by: \.miner.address) {
      var told = alerts[address] ?? 0
      // Rows of the inventory without address are miners of their own.
      let groups = address.isUnspecified ? lines.map { [$0] } : [lines]
      for lines in groups {
        let reasons = Self.reasons(lines, alerts: told, at: end)
        told = 0
        if !reasons.isEmpty { entries.append(Entry(miner: lines[0].miner, reasons: reasons)) }
      }
    }
    entries.sort { ($0.rank, $0.miner.address, $0.miner.name ?? "") < ($1.rank, $1.miner.address, $1.miner.name ?? "") }
  }

  private static func reasons(
    _ lines: [MinerListing.Line], alerts: Int, at end: Timestamp
  ) -> [(kind: Reason, text: String)] {
    var reasons: [(kind: Reason, text: String)] = []
    if alerts > 0 { reasons.append((.alerts, "\(alerts) serious alert\(alerts == 1 ? "" : "s") in a day")) }
    if lines.allSatisfy({ $0.state == .neverSeen }) { reasons.append((.neverSeen, "in the inventory, never seen")) }
    if lines.allSatisfy({ $0.state == .silent }), let last = lines.compactMap(\.miner.lastMinute).max() {
      reasons.append((.silent, "does not mine; last share around \(CivilTime.rfc3339(last, fractionDigits: 0))"))
    }
    let accepted = lines.reduce(UInt64(0)) { $0 &+ ($1.miner.hashrate?.shares ?? 0) }
    let rejected = lines.reduce(UInt64(0)) { $0 &+ $1.miner.rejected }
    let shares = Double(accepted) + Double(rejected)
    if shares >= Double(fewestShares), Double(rejected) / shares > rejectShare {
      reasons.append((.rejects, "\(Int((Double(rejected) / shares * 100).rounded())) % of its shares refused"))
    }
    return reasons
  }

  var json: String {
    var json = JSONWriter()
    json.object { json in
      json.field("total", entries.count)
      json.array("miners") { json in
        for entry in entries.prefix(WebLimits.attention) { json.object { entry.write(to: &$0) } }
      }
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }
}

extension Attention.Entry {
  func write(to json: inout JSONWriter) {
    if !miner.address.isUnspecified { json.field("ip", miner.address.description) }
    if miner.mac != .none { json.field("mac", miner.mac.description) }
    if let name = miner.name { json.field("name", name) }
    if let pool = miner.pool ?? miner.server { json.field("pool", pool) }
    json.array("reasons") { json in
      for reason in reasons {
        json.object { json in
          json.field("kind", reason.kind.name)
          json.field("text", reason.text)
        }
      }
    }
  }
}
