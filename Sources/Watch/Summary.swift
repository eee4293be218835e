import Capture
import Decode
import Flows
import Foundation
import Protocols
import Rules
import Sinks

/// What a replay says at its end: what was watched, what was found, and what could not be read.
package struct Summary: Sendable {
  private let frames: UInt64
  private let bytes: UInt64
  private let seconds: Double
  private let elapsed: Double
  private let files: Int
  private let unreadable: Int
  private let analyst: AnalystSummary
  private let stratum: StratumCounters
  private let methods: [(name: String, count: UInt64)]
  private let users: [String]
  private let protocols: [(name: String, flows: UInt64)]
  private let decoded: DecodeCounters
  private let unread: [(text: String, count: UInt64)]

  /// - Parameter namesUsers: whether ``json`` will be asked for, which names all users.
  init(_ sensor: borrowing Sensor, files: Int, unreadable: Int, elapsed: Double, namesUsers: Bool) {
    frames = sensor.pipeline.packets.frames
    bytes = sensor.pipeline.packets.bytes
    seconds = sensor.watchedSeconds
    self.elapsed = elapsed
    self.files = files
    self.unreadable = unreadable
    analyst = sensor.pipeline.judging.analyst.summary
    stratum = sensor.pipeline.packets.protocols.stratumCounters
    methods = sensor.pipeline.packets.protocols.stratumMethods
    users = namesUsers ? sensor.pipeline.judging.analyst.analysis.fleet.users : []
    let counters = sensor.pipeline.packets.protocols.counters
    protocols = AppProtocol.allCases.map { ($0.rawValue, counters.flows(identifiedAs: $0)) }.filter { $0.1 > 0 }
    decoded = sensor.pipeline.packets.decoded
    let flows = sensor.pipeline.packets.flows.statistics
    unread =
      (Fault.allCases.map { ("frames: \($0.text)", sensor.pipeline.packets.decoded[$0]) }
      + Ignored.allCases.map { ("frames: \($0.text)", sensor.pipeline.packets.decoded[$0]) } + [
        ("stream bytes that never came", flows.missedBytes),
        ("flows put out of a full table", flows.evictedIdle &+ flows.evictedUnanswered &+ flows.refused),
        ("DNS messages that make no sense", counters.dnsAnomalies),
      ]).filter { $0.1 > 0 }
  }

  // MARK: For a person

  package var text: String {
    ([""] + watched + miners + found + notRead).joined(separator: "\n")
  }

  private var watched: [String] {
    let what = files > 1 ? " in \(files) files" : ""
    var lines = [
      "watched  \(Figures.counted(frames, "packet")), \(Figures.size(bytes))\(what), \(Figures.span(seconds)) of traffic, "
        + "read in \(Figures.decimal(elapsed, places: 2)) s"
    ]
    if !protocols.isEmpty {
      lines.append("flows    " + protocols.map { "\(Figures.grouped($0.flows)) \($0.name)" }.joined(separator: ", "))
    }
    return lines
  }

  private var miners: [String] {
    var lines = [
      "miners   \(Figures.grouped(UInt64(analyst.miners))), \(Figures.counted(analyst.sessions, "mining session"))"
    ]
    let shown = analyst.pools.prefix(Self.poolLines)
    for pool in shown {
      let address = pool.address.map { address in
        pool.port.map { address.isIPv4 ? "\(address):\($0)" : "[\(address)]:\($0)" } ?? "\(address)"
      }
      let name = pool.pool.map { "pool \($0)" } ?? "\(address ?? "somewhere"), which is no pool of the policy"
      lines.append(
        "         \(name): \(Figures.counted(UInt64(pool.miners), "miner")), \(Figures.counted(pool.work.submitted, "share")) "
          + "(\(Figures.grouped(pool.work.accepted)) accepted, \(Figures.grouped(pool.work.rejected)) rejected)")
    }
    if analyst.pools.count > shown.count {
      lines.append("         and \(analyst.pools.count - shown.count) more places")
    }
    return lines
  }

  private var found: [String] {
    let levels = Level.allCases.map { level in
      (level, analyst.findings.filter { $0.level == level }.reduce(0) { $0 + $1.count })
    }.filter { $0.1 > 0 }
    guard !levels.isEmpty else { return ["found    nothing that the policy does not explain"] + hidden }
    var lines = ["found    " + levels.map { "\(Figures.grouped($0.1)) \($0.0.rawValue)" }.joined(separator: ", ")]
    for finding in analyst.findings.sorted(by: { ($0.level, $0.rule) < ($1.level, $1.rule) }) {
      lines.append("         \(finding.level.rawValue) \(finding.rule): \(Figures.grouped(finding.count))")
    }
    return lines + hidden
  }

  /// What exemptions and suppressions hid. Silence is never taken for peace.
  private var hidden: [String] {
    var lines = analyst.exemptions.map { "         not judged, \($0.summary): \(Figures.grouped($0.count))" }
    lines += analyst.suppressions.map { "         suppressed, \($0.label): \(Figures.grouped($0.count))" }
    lines += analyst.book.off.sorted { $0.key < $1.key }.map {
      "         rule off, \($0.key): \(Figures.grouped($0.value))"
    }
    return lines.map { WireEscape.escaped($0, as: .sentence) }
  }

  private var notRead: [String] {
    var lines = unread.map { "\(Figures.grouped($0.count)) \($0.text)" }
    if unreadable > 0 { lines.insert("\(unreadable) of \(files) files, or their ends", at: 0) }
    guard let first = lines.first else { return ["unread   nothing"] }
    return ["unread   \(first)"] + lines.dropFirst().map { "         \($0)" }
  }

  /// Places listed one by one.
  private static let poolLines = 20

  // MARK: For a program

  /// One JSON object on one line.
  package var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { summary in
      summary.field("event_type", "summary")
      summary.field("packets", frames)
      summary.field("bytes", bytes)
      summary.field("seconds", seconds)
      summary.field("files", files)
      summary.field("unreadable_files", unreadable)
      summary.field("miners", analyst.miners)
      summary.object("stratum") { stratum in
        stratum.field("sessions", self.stratum.sessionsOpened)
        stratum.field("messages", self.stratum.messages)
        stratum.field("users", users)
        stratum.object("shares") { shares in
          shares.field("submitted", self.stratum.sharesSubmitted)
          shares.field("accepted", self.stratum.sharesAccepted)
          shares.field("rejected", self.stratum.sharesRejected)
        }
        stratum.object("methods") { methods in
          for (name, count) in self.methods { methods.field(name, count) }
        }
      }
      summary.object("flows") { flows in
        for (name, count) in protocols { flows.field(name, count) }
      }
      summary.object("findings") { findings in
        for (rule, lines) in Dictionary(grouping: analyst.findings, by: \.rule).sorted(by: { $0.key < $1.key }) {
          findings.field(rule, lines.reduce(0) { $0 + $1.count })
        }
      }
      summary.object("unread") { unread in
        for (text, count) in self.unread { unread.field(text, count) }
      }
    }
    return writer.bytes
  }
}
