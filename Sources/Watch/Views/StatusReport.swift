package import Capture
import Foundation
import Rules
import Sinks
package import Store

/// How the sensor is, by what it last wrote: also after it stopped, or crashed.
package struct StatusReport: Sendable {
  private let beat: Heartbeat?
  private let site: [StoredTotal]
  private let pools: [StoredTotal]
  private let alerts: [Level: Int]
  private let path: String
  private let bytes: Int64
  private let now: Timestamp
  /// Of the latest minute that is known.
  private let end: Timestamp

  /// Minutes of the hashrates.
  private static let window = 15
  /// A sensor writes once a minute: one that did not for this long does not run, or cannot write. In seconds.
  private static let longestSilence = 150.0

  /// - Parameter now: by the clock of this machine.
  package init(_ store: StoreReader, now: Timestamp) throws(StoreFailure) {
    beat = try store.heartbeat()
    end = try store.latestMinute() ?? now
    site = try store.totals("site", until: end, minutes: Self.window)
    pools = try store.totals("pool", until: end, minutes: Self.window)
    alerts = try store.alertCounts(since: (beat?.time ?? now).advanced(by: .seconds(-86_400)))
    path = store.path
    bytes = store.byteCount
    self.now = now
  }

  package enum State: String, Sendable {
    case running, stopped, silent
    case neverStarted = "never started"
  }

  package var state: State {
    guard let beat else { return .neverStarted }
    if beat.hasEnded { return .stopped }
    return silence > Self.longestSilence ? .silent : .running
  }

  /// From when all figures are, where that is not now: old ones look like those of a site at work.
  package var age: String? {
    let time = CivilTime.rfc3339(end, fractionDigits: 0)
    return switch state {
    case .running, .neverStarted: nil
    case .stopped: "as of \(time): the sensor is stopped"
    case .silent: "as of \(time): the sensor was not heard of since"
    }
  }

  /// Seconds since the last word.
  private var silence: Double {
    beat.map { now.seconds(since: $0.time) } ?? 0
  }

  package func text() -> String {
    guard let beat else { return "sensor      no word of it in \(path) yet: it writes once a minute" }
    var lines = [("site", beat.site), ("sensor", sensor(beat))]
    lines.append(("policy", beat.policyDigest))
    if !beat.interfaces.isEmpty {
      lines.append(
        ("interfaces", beat.interfaces.map { "\($0.name) \($0.isUp ? "up" : "DOWN")" }.joined(separator: ", ")))
    }
    let total = Double(beat.packets) + Double(beat.dropped)
    let share = total > 0 ? Double(beat.dropped) / total * 100 : 0
    lines.append(
      (
        "packets",
        "\(Figures.grouped(beat.packets)), \(Figures.size(beat.bytes)); \(Figures.grouped(beat.dropped)) dropped "
          + "(\(Figures.decimal(share, places: 3)) %), \(Figures.counted(beat.missedBytes, "stream byte")) missed"
      ))
    lines.append(("miners", "\(beat.miners) seen, \(Figures.counted(UInt64(beat.sessions), "mining session")) open"))
    for (index, line) in (site + pools).enumerated() {
      let name = index < site.count ? "" : "\(line.name): "
      lines.append((index == 0 ? "hashrate" : "", name + rate(line)))
    }
    lines.append(("alerts", "\(counts), in its last 24 hours"))
    lines.append(("store", "\(path), \(Figures.size(UInt64(clamping: bytes)))"))
    return lines.map { title, text in
      title.padding(toLength: 12, withPad: " ", startingAt: 0) + WireEscape.escaped(text, as: .sentence)
    }.joined(separator: "\n")
  }

  private func sensor(_ beat: Heartbeat) -> String {
    let since = CivilTime.rfc3339(beat.started, fractionDigits: 0)
    let last = CivilTime.rfc3339(beat.time, fractionDigits: 0)
    let what =
      switch state {
      case .running: "running since \(since), last heard of \(Figures.roughly(silence)) ago"
      case .stopped: "stopped at \(last), after a start at \(since)"
      case .silent, .neverStarted:
        "NOT HEARD OF since \(last), \(Figures.span(silence.rounded())) ago: see `systemctl status minewatch`"
      }
    return "\(what); version \(beat.version)"
  }

  private var counts: String {
    let parts = Level.allCases.compactMap { level in alerts[level].map { "\($0) \(level.rawValue)" } }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }

  /// Behind a figure that is not of now.
  private var asOf: String {
    age == nil ? "" : " then"
  }

  private func rate(_ total: StoredTotal) -> String {
    let (rate, error) = Figures.hashrate(total.hashrate)
    let unknown = total.hashrate.unknownShares
    return [
      rate, error, "over \(total.hashrate.minutes) minutes, \(total.workers) at work\(asOf)",
      total.unreadable > 0 ? "(\(total.unreadable) of them encrypted, not counted)" : "",
      unknown > 0 ? "and \(Figures.counted(unknown, "share")) of unknown difficulty" : "",
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// One object.
  package var json: String {
    var json = JSONWriter()
    json.object { json in
      json.field("state", state.rawValue)
      if let beat { Self.write(beat, to: &json) }
      json.object("alerts") { json in
        for level in Level.allCases { json.field(level.rawValue, alerts[level] ?? 0) }
      }
      if let site = site.first { json.object("hashrate") { site.hashrate.write(to: &$0) } }
      json.array("pools") { json in
        for pool in pools {
          json.object { json in
            json.field("name", pool.name)
            json.field("workers", pool.workers)
            json.field("unreadable", pool.unreadable)
            json.object("hashrate") { pool.hashrate.write(to: &$0) }
          }
        }
      }
      json.object("store") { json in
        json.field("path", path)
        json.field("bytes", bytes)
      }
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private static func write(_ beat: Heartbeat, to json: inout JSONWriter) {
    json.field("site", beat.site)
    json.field("started", CivilTime.eve(beat.started))
    json.field("heard", CivilTime.eve(beat.time))
    json.field("version", beat.version)
    json.field("policy", beat.policyDigest)
    json.field("packets", beat.packets)
    json.field("bytes", beat.bytes)
    json.field("dropped", beat.dropped)
    json.field("missed_bytes", beat.missedBytes)
    json.field("findings", beat.findings)
    json.field("miners", beat.miners)
    json.field("sessions", beat.sessions)
    json.object("interfaces") { json in
      for interface in beat.interfaces { json.field(interface.name, interface.isUp ? "up" : "down") }
    }
  }
}
