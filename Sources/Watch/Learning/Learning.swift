package import Capture
import Foundation
package import Policy
import Rules

/// Watches a site, over an interface or over captures, and proposes a policy for it.
package struct Learning {
  /// The policy in force, to compare with; nil where there is none yet.
  private let standing: Policy?
  private let filter: String

  package init(standing: Policy?, filter: String) {
    self.standing = standing
    self.filter = filter
  }

  /// What came of it.
  package struct Outcome: Sendable {
    /// A policy file, commented.
    package let text: String
    /// How it differs from the policy in force, a line each: `+ ` proposed, `- ` in force only. Nil without such a policy.
    package let differences: [String]?
    /// What the capture raises under the proposal, by rule; nil where it cannot be read a second time.
    package let raised: [(rule: String, count: UInt64)]?
    package let unreadable: [CaptureError]
    /// How many were read.
    package let frames: UInt64
  }

  /// Frames between two looks at what was observed.
  private static let batch = 16_384

  private var policy: Policy { standing ?? PolicyFile.withoutFile }

  // MARK: Captures

  /// - Throws: when the proposal is not fit to be a policy, which is a fault of this program.
  package func overFiles(_ paths: [String]) throws(WatchFailure) -> Outcome {
    var pupil = Pupil(policy: policy)
    var unreadable: [CaptureError] = []
    for path in paths {
      do { try read(path) { frame in pupil.receive(frame) } } catch { unreadable.append(error) }
    }
    pupil.finish()
    let origin = paths.count == 1 ? paths[0] : "\(paths.count) captures"
    let (text, proposed) = try propose(from: pupil, origin: origin, unreadable)
    let raised = paths.contains("-") ? nil : check(proposed, over: paths)
    return Outcome(
      text: text, differences: differences(to: proposed), raised: raised, unreadable: unreadable, frames: pupil.frames)
  }

  private func read(_ path: String, _ body: (borrowing Frame) -> Void) throws(CaptureError) {
    var file = try CaptureFile(path: path, source: 0, filter: filter)
    while try !file.forEachFrame(limit: Self.batch, body).ended {}
  }

  /// What the same captures raise under the proposal.
  private func check(_ proposed: Policy, over paths: [String]) -> [(rule: String, count: UInt64)] {
    var pupil = Pupil(policy: proposed, learns: false)
    // What cannot be read was said the first time.
    for path in paths { try? read(path) { frame in pupil.receive(frame) } }
    pupil.finish()
    return pupil.raised.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  // MARK: Interfaces

  /// Watches until `duration` is over or somebody asks to stop.
  package func over(_ interfaces: [String], for duration: Duration) throws(WatchFailure) -> Outcome {
    let opened: [WatchedInterface]
    do {
      var wanted = policy
      if !filter.isEmpty { wanted.capture.filter = filter }
      opened = try WatchedInterface.open(interfaces, wanted)
    } catch {
      throw WatchFailure(error)
    }
    var pupil = Pupil(policy: policy)
    let stop = StopSignals()
    let end = Date(timeIntervalSinceNow: duration.inSeconds)
    while Date() < end, !stop.wasAsked {
      _ = try? LiveCapture.wait(for: opened.compactMap(\.fileDescriptor), milliseconds: 100)
      let now = Timestamp.now
      for interface in opened {
        _ = interface.read(limit: Self.batch, now: now) { frame in pupil.receive(frame) }
        interface.reopenIfDue(now: now)
      }
      pupil.tick(at: now)
    }
    pupil.finish()
    let (text, proposed) = try propose(from: pupil, origin: interfaces.joined(separator: ", "))
    return Outcome(
      text: text, differences: differences(to: proposed), raised: nil, unreadable: [], frames: pupil.frames)
  }

  // MARK: Proposing

  private func propose(
    from pupil: borrowing Pupil, origin: String, _ unreadable: [CaptureError] = []
  ) throws(WatchFailure) -> (String, Policy) {
    let proposal = Proposal(pupil.learner, policy: policy, minersAreKnown: standing != nil)
    guard !proposal.networks.isEmpty else {
      let nobody = "no miner was seen in \(origin) (\(pupil.span)); nothing to propose"
      throw WatchFailure(
        unreadable.exitStatus ?? .badCapture,
        (unreadable.map(\.sentence) + [nobody]).joined(separator: "; "))
    }
    let text = proposal.yaml(
      origin: "\(origin) (\(pupil.span))", site: standing?.site, leftOut: pupil.learner.leftOut,
      findings: pupil.findings)
    do {
      return (text, try PolicyFile.read(text: text, file: "proposal"))
    } catch {
      // A site that showed no mining has no pool to propose, which is no fault.
      guard proposal.pools.isEmpty else {
        let why = error.problems.map(\.description).joined(separator: "; ")
        throw WatchFailure(.software, "the proposal is no policy: \(why)")
      }
      return (text, policy)
    }
  }

  private func differences(to proposed: Policy) -> [String]? {
    guard let standing else { return nil }
    // A proposal is about these three; everything else stays as it is in force.
    var merged = standing
    merged.miners.networks = proposed.miners.networks
    merged.miners.managers = proposed.miners.managers
    merged.pools = proposed.pools
    merged.services = proposed.services
    return PolicyFile.changes(from: standing, to: merged, added: "+ ", removed: "- ")
  }
}

/// A pipeline that is listened to.
private struct Pupil: ~Copyable {
  private var pipeline: Pipeline
  private(set) var learner = Learner()
  /// Sentences about what no policy allows, the first ``findingLimit`` of them.
  private(set) var findings: [String] = []
  private(set) var raised: [String: UInt64] = [:]
  private(set) var frames: UInt64 = 0

  private static let findingLimit = 100

  init(policy: Policy, learns: Bool = true) {
    pipeline = Pipeline(policy: policy, seed: 1, readers: .init(wantObservations: learns))
  }

  mutating func receive(_ frame: borrowing Frame) {
    pipeline.receive(frame)
    frames += 1
    if frames % 4_096 == 0 { take() }
  }

  mutating func tick(at now: Timestamp) {
    pipeline.tick(at: now)
    take()
  }

  mutating func finish() {
    pipeline.finish()
    take()
  }

  /// Packet time that was watched, and packets: `23 h 59 min, 1000 packets`.
  var span: String {
    let seconds = learner.firstSeen.flatMap { first in learner.lastSeen?.seconds(since: first) } ?? 0
    let minutes = Int(seconds / 60)
    return "\(minutes / 60) h \(minutes % 60) min, \(pipeline.packets.frames) packets"
  }

  private mutating func take() {
    for observation in pipeline.judging.takeObservations() { learner.hear(observation) }
    for finding in pipeline.judging.takeFindings() {
      raised[finding.rule.name, default: 0] &+= finding.count
      guard Self.isTold(finding), findings.count < Self.findingLimit else { continue }
      findings.append("\(finding.level.rawValue) \(finding.rule.name): \(finding.message)")
    }
  }

  /// What follows from a policy is not told, as there is none yet that was meant; what nobody allows is, and what changes a miner.
  private static func isTold(_ finding: Finding) -> Bool {
    guard finding.level <= .medium else { return false }
    let fromPolicy = [
      "pool.", "destination.", "dns.unlisted", "ntp.unlisted", "stratum.account", "control.access", "monitor.",
    ]
    return finding.rule.name == "destination.indicator" || !fromPolicy.contains { finding.rule.name.hasPrefix($0) }
  }
}
