import Capture
import Decode
import Policy
import Rules
import Store
import Watch

/// What `/metrics` says. Labels are bounded: the site, the policy's pools, rules, levels and interfaces; never a miner or a user.
///
/// While the sensor is not heard of there are no rates, miners or interfaces: old figures that look like new ones would hide a
/// blind monitor, and a site that seems to mine on would hide a stop.
struct Metrics {
  private(set) var text: String

  private typealias Samples = [(labels: [(String, String)], value: Double)]

  /// Minutes that rates are taken over.
  private static let window = FleetCount.window
  private static let alertSpan = Duration.seconds(86_400)

  init(_ store: StoreReader, _ policy: Policy?, now: Timestamp) throws(StoreFailure) {
    let state = try StatusReport(store, now: now).state
    let beat = try store.heartbeat()
    let site = beat?.site ?? policy?.site ?? ""
    var writer = MetricsWriter()
    writer.family(
      "build_info", .gauge, "The web program's version; always 1.", [([("version", Version.number)], 1)])
    writer.family(
      "up", .gauge, "Whether the sensor is heard of: it writes to the store once a minute.",
      [([("site", site)], state == .running ? 1 : 0)])
    writer.family("store_bytes", .gauge, "Size of the store.", [([("site", site)], Double(store.byteCount))])
    if let beat { Self.write(beat, to: &writer) }
    try Self.writeAlerts(store, site, since: now.advanced(by: .zero - Self.alertSpan), to: &writer)
    if state == .running, let beat {
      Self.writeInterfaces(beat, to: &writer)
      Self.write(try FleetCount(store, policy), site, to: &writer)
      try Self.writeRates(store, site, to: &writer)
    }
    text = writer.text
  }

  private static func write(_ beat: Heartbeat, to writer: inout MetricsWriter) {
    let figures: [(String, MetricsWriter.Kind, String, Double)] = [
      ("start_time_seconds", .gauge, "When the sensor started, since the epoch.", beat.started.fractional),
      (
        "heartbeat_timestamp_seconds", .gauge, "When the sensor was last heard of, since the epoch.",
        beat.time.fractional
      ),
      ("packets_total", .counter, "Packets read since the sensor started.", Double(beat.packets)),
      ("bytes_total", .counter, "Bytes of these on the wire.", Double(beat.bytes)),
      ("dropped_packets_total", .counter, "Packets that kernel or interface dropped.", Double(beat.dropped)),
      ("missed_stream_bytes_total", .counter, "Stream bytes acknowledged and never seen.", Double(beat.missedBytes)),
      ("findings_total", .counter, "Findings written as alerts since the sensor started.", Double(beat.findings)),
      ("miners_seen", .gauge, "Miners seen since the sensor started.", Double(beat.miners)),
      ("mining_sessions", .gauge, "Mining sessions open.", Double(beat.sessions)),
    ]
    for (name, kind, help, value) in figures { writer.family(name, kind, help, [([("site", beat.site)], value)]) }
  }

  private static func writeInterfaces(_ beat: Heartbeat, to writer: inout MetricsWriter) {
    writer.family(
      "interface_up", .gauge, "Whether a watched interface is there.",
      beat.interfaces.prefix(WebLimits.interfaces).map { interface in
        ([("site", beat.site), ("interface", interface.name)], interface.isUp ? 1 : 0)
      })
  }

  private static func writeAlerts(
    _ store: StoreReader, _ site: String, since: Timestamp, to writer: inout MetricsWriter
  ) throws(StoreFailure) {
    // A store of another version may hold names that the rule book does not; they are few, but not bounded.
    let counts = try store.ruleCounts(since: since).filter { RuleBook[$0.rule] != nil }
    let labels = { (count: StoreReader.RuleCount) in
      [("site", site), ("rule", count.rule), ("level", count.level.rawValue)]
    }
    writer.family(
      "alerts", .gauge, "Alerts of the last 24 hours.", counts.map { (labels($0), Double($0.count)) })
    writer.family(
      "last_alert_timestamp_seconds", .gauge, "When the latest of them was, since the epoch.",
      counts.map { (labels($0), $0.latest.fractional) })
  }

  private static func write(_ fleet: FleetCount, _ site: String, to writer: inout MetricsWriter) {
    writer.family(
      "miners", .gauge, "Miners that mine, that mined before, and that only the inventory knows.",
      [("mining", fleet.mining), ("silent", fleet.silent), ("never-seen", fleet.neverSeen)].map { state, count in
        ([("site", site), ("state", state)], Double(count))
      })
    writer.family(
      "power_watts", .gauge, "What the mining ones draw, by inventory or model.",
      [([("site", site)], fleet.watts.rounded())])
    writer.family(
      "miners_without_power", .gauge, "Mining ones whose power neither tells.",
      [([("site", site)], Double(fleet.withoutPower))])
  }

  private static func writeRates(
    _ store: StoreReader, _ site: String, to writer: inout MetricsWriter
  ) throws(StoreFailure) {
    guard let end = try store.latestMinute() else { return }
    let whole = try store.totals("site", until: end, minutes: window)
    let pools = bounded(try store.totals("pool", until: end, minutes: window))
    writer.family(
      "hashrate_hashes_per_second", .gauge, "What pools accepted from the site, over \(window) minutes.",
      whole.compactMap { total in total.hashrate.terahashes.map { ([("site", site)], $0 * 1e12) } })
    writer.family(
      "hashrate_relative_error", .gauge, "Its standard error, as a part of it.",
      whole.compactMap { total in total.hashrate.relativeError.map { ([("site", site)], $0) } })
    writer.family(
      "pool_hashrate_hashes_per_second", .gauge, "The same for each pool.",
      pools.map { ([("site", site), ("pool", $0.name)], $0.terahashes * 1e12) })
    writer.family(
      "pool_workers", .gauge, "Workers of each pool in the latest minute.",
      pools.map { ([("site", site), ("pool", $0.name)], Double($0.workers)) })
    writer.family(
      "unreadable_workers", .gauge, "Workers whose work is in no figure here, since their sessions are encrypted.",
      whole.map { ([("site", site)], Double($0.unreadable)) })
  }

  /// The largest pools, and all others as one.
  private static func bounded(_ pools: [StoredTotal]) -> [(name: String, terahashes: Double, workers: Int)] {
    let sorted = pools.map { (name: $0.name, terahashes: $0.hashrate.terahashes ?? 0, workers: $0.workers) }
      .sorted { ($1.terahashes, $0.name) < ($0.terahashes, $1.name) }
    guard sorted.count > WebLimits.pools else { return sorted }
    let others = sorted.dropFirst(WebLimits.pools - 1)
    let rest = (
      name: "others", terahashes: others.reduce(0) { $0 + $1.terahashes }, workers: others.reduce(0) { $0 + $1.workers }
    )
    return sorted.prefix(WebLimits.pools - 1) + [rest]
  }
}

extension Timestamp {
  /// Seconds since the epoch, to the millisecond.
  fileprivate var fractional: Double { (Double(nanoseconds) / 1e6).rounded() / 1e3 }
}
