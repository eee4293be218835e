import Capture
import Foundation
import Policy
import Protocols
import Rules
import Simulator
import Watch

/// The whole pipeline on a bench: a policy and a tape in, findings out.
enum Bench {
  /// The policy that scenarios are made for: miners 10.20.0.0/16, managers 10.1.0.16/28, one pool in the clear and one
  /// behind TLS only.
  static let policyText: String = {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return (try? String(contentsOf: root.appendingPathComponent("Configs/demo.yaml"), encoding: .utf8)) ?? ""
  }()

  static func policy(_ text: String = policyText) throws -> Policy {
    try PolicyFile.read(text: text, file: "demo.yaml")
  }

  /// Findings of a tape, in the order in which they would be written.
  static func findings(_ tape: Tape, policyText: String = policyText) throws -> [Finding] {
    var pipeline = Pipeline(policy: try policy(policyText), seed: 1)
    for frame in tape.frames { pipeline.receive(frame) }
    pipeline.finish()
    return pipeline.judging.takeFindings()
  }

  /// Names of the rules that a tape raises, each once.
  static func rules(_ tape: Tape, policyText: String = policyText) throws -> Set<String> {
    Set(try findings(tape, policyText: policyText).map(\.rule.name))
  }

  /// Names of the rules that the sensor's own events raise.
  static func rules(_ events: [SensorEvent]) throws -> Set<String> {
    var pipeline = Pipeline(policy: try policy(), seed: 1)
    for event in events { pipeline.judging.observe(event, at: Timestamp(seconds: 1_790_000_000)) }
    pipeline.finish()
    return Set(pipeline.judging.takeFindings().map(\.rule.name))
  }
}

extension Pipeline {
  mutating func receive(_ frame: Tape.TimedFrame) {
    let span = frame.bytes.span
    let bytes = unsafe span.bytes
    receive(
      Frame(
        bytes: bytes, timestamp: frame.time, originalLength: frame.bytes.count, linkType: .ethernet, source: 0))
  }
}
