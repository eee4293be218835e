import Capture
import Decode
import Foundation
import Policy
import Protocols
import Rules
import Simulator
import Testing
import Watch

/// Several workers and one analyst: the same alerts as one pipeline gives, in the same order.
@Suite
struct WorkerTests {
  @Test(arguments: [2, 3, 4])
  func `a site under attack is told alike by any number of workers`(workers: Int) throws {
    let split = WorkerSplit(AttackedSite.tape().frames, policy: try Bench.policy())
    let alone = split.alertsOfOne()
    #expect(alone.count > 10)
    Self.expectSame(split.alerts(workers: workers), alone)
  }

  @Test(arguments: [1, 7, 100_000])
  func `it does not matter how often workers hand over`(turn: Int) throws {
    let split = WorkerSplit(Array(AttackedSite.tape().frames.prefix(20_000)), policy: try Bench.policy())
    Self.expectSame(split.alerts(workers: 2, turn: turn), split.alertsOfOne())
  }

  /// What happens in it, without the healthy site around, whose share is told by the site under attack.
  @Test(arguments: Scenario.all.map(\.name))
  func `a scenario is told alike by three workers`(name: String) throws {
    for scenario in Scenario.named(name) {
      let tape = scenario.traffic(Stage(at: WorkerSplit.start))
      let split = WorkerSplit(tape.frames, policy: try Bench.policy())
      let (shared, alone) = (split.alerts(workers: 3), split.alertsOfOne())
      if Self.crowds.contains(name) {
        // Which of many alike has an alert of its own, and which are told as a crowd, is a matter of who came first.
        #expect(Set(shared.compactMap(Self.rule)) == Set(alone.compactMap(Self.rule)))
      } else {
        Self.expectSame(shared.sorted(), alone.sorted())
      }
    }
  }

  /// Scenarios in which time does the same to many flows in the same second, which has no order.
  private static let crowds: Set<String> = ["site-scan", "rush-to-a-stranger"]

  private static func rule(_ line: String) -> Substring? {
    line.range(of: "\"rule\":\"").map { line[$0.upperBound...].prefix { $0 != "\"" } }
  }

  /// Presence is told from pulses of all workers' sessions.
  @Test
  func `a stop of many is told alike by three workers`() throws {
    for scenario in Scenario.named("lights-out") {
      let split = WorkerSplit(scenario.drill(start: WorkerSplit.start).frames, policy: try Bench.policy())
      let alone = split.alertsOfOne()
      #expect(!alone.isEmpty)
      Self.expectSame(split.alerts(workers: 3), alone)
    }
  }

  @Test
  func `captures of real programs are told alike by two workers`() throws {
    for file in try RealCaptures.files() {
      let (frames, link) = RealCaptures.frames(of: file)
      var split = WorkerSplit(frames, policy: PolicyFile.withoutFile)
      split.link = link
      Self.expectSame(split.alerts(workers: 2), split.alertsOfOne(), file.lastPathComponent)
    }
  }

  @Test
  func `no two workers give a flow or a session the same number`() throws {
    let shares = (0..<3).map { WorkerShare(index: $0, of: 3) }
    #expect(shares.map { $0.of(100) } == [33, 33, 33])
    #expect(WorkerShare(index: 31, of: 32).of(1) == 1)
  }

  private static func expectSame(_ shared: [String], _ alone: [String], _ what: String = "") {
    #expect(shared.count == alone.count, "\(what)")
    for (shared, alone) in zip(shared, alone) where shared != alone {
      Issue.record("\(what) several workers say\n\(shared)one says\n\(alone)")
      return
    }
  }
}

/// Captures of real programs, where they are. Crowds of flows that all fall silent in the same second are not among them: these
/// are told in the order of the workers, and by one worker in the order of its table.
enum RealCaptures {
  static func files() throws -> [URL] {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.appendingPathComponent("../shared/captures").standardizedFileURL
    guard FileManager.default.fileExists(atPath: folder.path) else {
      print("skipped: there is no \(folder.path)")
      return []
    }
    return try FileManager.default.contentsOfDirectory(
      at: folder.appendingPathComponent("real"), includingPropertiesForKeys: nil
    ).filter { $0.pathExtension.hasPrefix("pcap") }.sorted { $0.path < $1.path }
  }

  /// Frames of a file, up to where it ends or is damaged; the first thousands of a long one.
  static func frames(of file: URL, limit: Int = 20_000) -> (frames: [Tape.TimedFrame], link: LinkType) {
    var tape = Tape()
    var link = LinkType.ethernet
    do throws(CaptureError) {
      var capture = try CaptureFile(path: file.path, source: 0)
      while tape.frames.count < limit {
        let result = try capture.forEachFrame(limit: 1_000) { frame in
          link = frame.linkType
          let bytes = (0..<frame.bytes.byteCount).map { frame.bytes.byte(at: $0) }
          tape.append(bytes, at: frame.timestamp)
        }
        if result.ended { break }
      }
    } catch {
      // What was read until then counts.
    }
    return (tape.frames, link)
  }
}
