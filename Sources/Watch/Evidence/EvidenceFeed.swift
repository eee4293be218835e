import Capture
import Policy
import Protocols
import Rules
import Sinks

/// Hands the sinks the packets of what is found.
struct EvidenceFeed {
  private let memory: FrameMemory
  /// Nil where the policy wants no evidence.
  private var keeper: EvidenceKeeper?
  private var toldRefused: UInt64 = 0

  /// - Parameter memory: where the packets are found. It is filled only while somebody wants evidence.
  init(_ settings: Policy.EvidenceSink?, memory: FrameMemory) {
    self.memory = memory
    keeper = settings.map(EvidenceKeeper.init)
    memory.isWanted = settings != nil
  }

  /// Names in a finding the capture of its packets, which is on its way to the disk before the finding is.
  mutating func attach(to finding: inout Finding, _ sinks: SinkSet) {
    guard let files = keeper?.attach(to: &finding, from: memory) else { return }
    for file in files { sinks.write(file) }
  }

  /// Writes what has come after earlier findings.
  mutating func writeGrown(at now: Timestamp?, _ sinks: SinkSet) {
    guard let now, let files = keeper?.takeGrown(from: memory, at: now) else { return }
    for file in files { sinks.write(file) }
  }

  /// The end of the watch, or of these settings: nothing is waited for any more.
  mutating func end(_ sinks: SinkSet) {
    for file in keeper?.takeAll(from: memory) ?? [] { sinks.write(file) }
  }

  /// Alerts since the last call that have no capture because too many came at once.
  mutating func takeRefused() -> SensorEvent.OverloadCount? {
    guard let refused = keeper?.refused, refused > toldRefused else { return nil }
    defer { toldRefused = refused }
    return SensorEvent.OverloadCount(bound: "evidence captures", count: refused - toldRefused)
  }

  /// From the next finding on these settings count.
  mutating func reload(_ settings: Policy.EvidenceSink?) {
    keeper = settings.map(EvidenceKeeper.init)
    toldRefused = 0
    memory.isWanted = settings != nil
  }
}
