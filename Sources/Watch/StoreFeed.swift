import Capture
import Decode
import Protocols
import Rules
package import Sinks
package import Store

/// Hands the store what the sensor finds, counts and learns.
package struct StoreFeed: Sendable {
  let writer: StoreWriter
  private let origin: Origin
  /// What was learned up to then is written.
  private var written: Timestamp?

  /// - Parameter origin: stands in the alerts that the store keeps.
  package init(_ writer: StoreWriter, origin: Origin) {
    self.writer = writer
    self.origin = origin
  }

  func write(_ finding: Finding) {
    let eve = EVEFormat(origin: origin).line(finding).dropLast()
    writer.write(
      .alert(
        StoredAlert(
          time: finding.time, level: finding.level, rule: finding.rule.name, ruleID: finding.rule.id,
          miner: finding.miner?.address, mac: finding.miner?.mac ?? .none, name: finding.miner?.name,
          summary: TextFormat.summary(finding, host: origin.host), eve: String(decoding: eve, as: UTF8.self))))
  }

  func write(_ minute: MinuteAccount) {
    writer.write(.minute(minute))
  }

  /// What was learned since the last call, and how the sensor is.
  mutating func write(_ beat: Heartbeat, of analyst: borrowing Analyst) {
    let memory = analyst.memory(
      after: written ?? beat.started.advanced(byNanoseconds: -1), isLast: beat.hasEnded)
    written = beat.time.advanced(byNanoseconds: -1)
    if !memory.isEmpty { writer.write(.memory(memory)) }
    writer.write(.heartbeat(beat))
  }

  /// How the store stands now.
  var condition: SinkCondition {
    SinkCondition(name: "store \(writer.path)", trouble: writer.trouble)
  }

  /// What went wrong since the last call, as the monitor's own rules hear it.
  func takeLoss() -> SensorEvent.OverloadCount? {
    writer.takeLoss().map { loss in
      SensorEvent.OverloadCount(bound: loss.statement(of: writer.path), count: max(loss.rows &+ loss.failures, 1))
    }
  }
}

extension StoreLoss {
  fileprivate func statement(of path: String) -> String {
    sentence ?? "store \(path): rows came faster than they could be written"
  }
}
