package import Capture
package import Dispatch
package import Policy
package import Protocols
package import Rules
import Synchronization

/// All the places that findings, flows and statistics are written to.
///
/// Each sink has its own queue and thread (``Mode/queued``), so one that fails takes nothing from the others; what it loses
/// comes back in ``losses()`` for the others to report. A replay writes at once instead (``Mode/direct``).
package final class SinkSet: Sendable {
  package enum Mode: Sendable {
    /// For live use: writing returns at once.
    case queued
    /// For a replay: writing returns when the line is written, so that the result is the same in every run.
    case direct
  }

  /// One place to write to.
  package enum Outlet: Sendable {
    /// Readable lines, never coloured.
    case log(path: String)
    case eve(path: String, types: Set<Policy.EventType>)
    case syslog(Policy.SyslogSink)
    /// A folder of capture files.
    case evidence(Policy.EvidenceSink)
    case standardText(TextFormat.Color)
    case standardEVE(Set<Policy.EventType>)
  }

  private struct Line: Sendable {
    let writer: SinkWriter
    let format: Format
  }

  private enum Format: Sendable {
    case text(TextFormat)
    case eve(EVEFormat, Set<Policy.EventType>)
    case syslog(SyslogFormat)
    case journal(JournalFormat)
    /// Takes files, no lines.
    case evidence
  }

  private let lines: [Line]
  private let sequence = Mutex<UInt32>(0)

  /// Opens every outlet. It never fails: what is wrong with one is in ``losses()``, right away.
  package init(_ outlets: [Outlet], origin: Origin, mode: Mode) {
    lines = outlets.map { outlet in
      Line(writer: SinkWriter(Self.sink(of: outlet), mode: mode), format: Self.format(of: outlet, origin))
    }
  }

  /// What a policy's `alerts` names.
  package convenience init(_ settings: Policy.AlertSettings, origin: Origin, mode: Mode) {
    self.init(Self.outlets(of: settings), origin: origin, mode: mode)
  }

  /// What a policy's `alerts` names.
  package static func outlets(of settings: Policy.AlertSettings) -> [Outlet] {
    var outlets: [Outlet] = []
    if let log = settings.log { outlets.append(.log(path: log.path)) }
    if let eve = settings.eve { outlets.append(.eve(path: eve.path, types: eve.types)) }
    if let syslog = settings.syslog { outlets.append(.syslog(syslog)) }
    if let evidence = settings.evidence { outlets.append(.evidence(evidence)) }
    return outlets
  }

  private static func format(of outlet: Outlet, _ origin: Origin) -> Format {
    switch outlet {
    case .log: .text(TextFormat(origin: origin))
    case .standardText(let color): .text(TextFormat(origin: origin, color: color))
    case .eve(_, let types), .standardEVE(let types): .eve(EVEFormat(origin: origin), types)
    case .syslog(let settings):
      switch settings.format {
      case .rfc3164: .syslog(SyslogFormat(origin: origin, version: .rfc3164, facility: settings.facility))
      case .rfc5424: .syslog(SyslogFormat(origin: origin, version: .rfc5424, facility: settings.facility))
      case .journal: .journal(JournalFormat(origin: origin, facility: settings.facility))
      }
    case .evidence: .evidence
    }
  }

  private static func sink(of outlet: Outlet) -> sending any LineSink {
    switch outlet {
    case .log(let path): FileSink(kind: "log", path: path)
    case .eve(let path, _): FileSink(kind: "eve", path: path)
    case .syslog(let settings): SyslogSink(path: settings.socket, mayBeCut: settings.format != .journal)
    case .evidence(let settings): EvidenceSink(folder: settings.path, keep: settings.keep)
    case .standardText, .standardEVE: StandardOutputSink()
    }
  }
}

// MARK: - Writing

extension SinkSet {
  package func write(_ finding: Finding) {
    for line in lines {
      switch line.format {
      case .text(let format): line.writer.write(format.line(finding))
      case .eve(let format, let types): if types.contains(.alert) { line.writer.write(format.line(finding)) }
      case .syslog(let format): line.writer.write(format.message(finding, sequence: nextSequence()))
      case .journal(let format): line.writer.write(format.message(finding))
      case .evidence: break
      }
    }
  }

  /// Packets of an alert, or more of them: the file is written as a whole.
  package func write(_ evidence: EvidenceFile) {
    for line in lines {
      if case .evidence = line.format { line.writer.write(EvidenceSink.line(evidence)) }
    }
  }

  /// A flow that ended.
  package func write(flow: FlowFacts, totals: FlowTotals, application: AppProtocol?) {
    for line in lines {
      guard case .eve(let format, let types) = line.format, types.contains(.flow) else { continue }
      line.writer.write(format.line(flow, totals, application))
    }
  }

  package func write(stats: StatsRecord) {
    for line in lines {
      guard case .eve(let format, let types) = line.format, types.contains(.stats) else { continue }
      line.writer.write(format.line(stats))
    }
  }

  /// A minute's hashrate of the fleet.
  package func write(fleetOf minute: MinuteAccount) {
    for line in lines {
      guard case .eve(let format, let types) = line.format, types.contains(.fleet) else { continue }
      line.writer.write(format.fleetLine(minute))
    }
  }

  /// A minute's hashrates of some of its workers, an event for each.
  package func write(_ workers: ArraySlice<MinuteAccount.WorkerLine>, of time: Timestamp) {
    for line in lines {
      guard case .eve(let format, let types) = line.format, types.contains(.miner) else { continue }
      for worker in workers { line.writer.write(format.line(worker, at: time)) }
    }
  }

  private func nextSequence() -> UInt32 {
    sequence.withLock { number in
      number &+= 1
      return number
    }
  }
}

// MARK: - The sinks' state

extension SinkSet {
  /// Whether some outlet takes events of this type, so that nobody makes them for nothing.
  package func writes(_ type: Policy.EventType) -> Bool {
    lines.contains { line in
      switch line.format {
      case .eve(_, let types): types.contains(type)
      case .text, .syslog, .journal: type == .alert
      case .evidence: false
      }
    }
  }

  /// Whether some outlet takes what a minute's account makes.
  package var writesMinutes: Bool { writes(.miner) || writes(.fleet) }

  /// What each sink lost or could not write since the last call. Empty when all is well.
  package func losses() -> [SinkLoss] {
    lines.compactMap { $0.writer.takeLoss() }
  }

  /// How each sink stands now.
  package var conditions: [SinkCondition] {
    lines.map(\.writer.condition)
  }

  /// Files and sockets are opened anew by their paths: after a rotation, on SIGHUP.
  package func reopen() {
    lines.forEach { $0.writer.reopen() }
  }

  /// Waits until all is written, each sink has failed, or time is up for one.
  ///
  /// - Returns: whether all is written.
  @discardableResult
  package func flush(timeout: DispatchTimeInterval = .seconds(5)) -> Bool {
    lines.reduce(true) { $1.writer.flush(timeout: timeout) && $0 }
  }

  /// Writes what waits and ends the threads; the last call. What could not be written is in ``losses()``.
  ///
  /// - Returns: whether every thread ended in time.
  @discardableResult
  package func close(timeout: DispatchTimeInterval = .seconds(5)) -> Bool {
    lines.reduce(true) { $1.writer.close(timeout: timeout) && $0 }
  }
}
