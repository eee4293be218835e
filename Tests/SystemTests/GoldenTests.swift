import Capture
import Foundation
import Simulator
import Testing

/// A folder a scenario under `Tests/Golden`: `input.pcap`, the alerts it gives (`alerts.jsonl`), a page that says why, and a
/// policy of its own where the demonstration's does not fit.
///
/// `make bless` records inputs and alerts anew and fails, so that somebody reads `git diff` before committing.
@Suite(.serialized)
struct GoldenTests {
  static let folder = Program.root.appendingPathComponent("Tests/Golden")
  static let isBlessing = ProcessInfo.processInfo.environment["MINEWATCH_BLESS"] != nil

  static var scenarios: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return Set(names).union(GoldenInputs.all.keys).filter { !$0.hasPrefix(".") }.sorted()
  }

  @Test(arguments: scenarios)
  func `alerts are as recorded`(scenario: String) throws {
    let folder = Self.folder.appendingPathComponent(scenario)
    let input = folder.appendingPathComponent("input.pcap")
    let golden = folder.appendingPathComponent("alerts.jsonl")
    if Self.isBlessing, let tape = GoldenInputs.all[scenario] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try tape().write(to: input.path)
    }

    let own = folder.appendingPathComponent("policy.yaml").path
    let policy = FileManager.default.fileExists(atPath: own) ? own : CommandTests.demoPolicy
    let result = try Program.run(["replay", "--config", policy, "--eve", "-", input.path])
    #expect(result.status == 0, "\(result.errors)")
    let alerts = result.output.split(separator: "\n", omittingEmptySubsequences: true)
      .filter { $0.contains(#""event_type":"alert""#) }.map { $0 + "\n" }.joined()

    if Self.isBlessing {
      try alerts.write(to: golden, atomically: true, encoding: .utf8)
      Issue.record("recorded \(scenario): read `git diff Tests/Golden`, then run the tests without blessing")
    } else {
      #expect(alerts == (try String(contentsOf: golden, encoding: .utf8)))
    }
  }

  @Test(arguments: scenarios)
  func `every scenario says why it is there`(scenario: String) throws {
    let page = Self.folder.appendingPathComponent(scenario).appendingPathComponent("README.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    #expect(text.count > 80, "\(scenario)/README.md tells too little")
  }

  @Test
  func `a synthesised input is what its source makes`() throws {
    for (scenario, tape) in GoldenInputs.all {
      let input = Self.folder.appendingPathComponent(scenario).appendingPathComponent("input.pcap")
      #expect(try [UInt8](Data(contentsOf: input)) == tape().captureFile, "\(scenario): run make bless")
    }
  }
}

/// Where the synthesised inputs come from.
enum GoldenInputs {
  static let start = Timestamp(seconds: 1_795_357_200)

  static let all: [String: @Sendable () -> Tape] = {
    var inputs: [String: @Sendable () -> Tape] = [:]
    for scene in AttackedSite.scenes {
      // A minute of the monitor's life first, so that nothing is held because the monitor is young.
      inputs[scene.name] = { quietMinute + scene.traffic(Stage(at: start.advanced(by: .seconds(60)))) }
    }
    inputs["healthy-site"] = { healthy(miners: 6, seconds: 90) }
    inputs["joined-in-the-middle"] = { healthy(miners: 3, seconds: 120).joined(at: 120) }
    return inputs
  }()

  private static var quietMinute: Tape { healthy(miners: 1, seconds: 2) }

  private static func healthy(miners: Int, seconds: Int) -> Tape {
    var plan = HealthySite.Plan()
    plan.miners = miners
    plan.start = start
    plan.rampUp = .seconds(1)
    plan.branches = 2
    var site = HealthySite(plan)
    return site.tape(until: start.advanced(by: .seconds(seconds)))
  }
}

private func + (left: Tape, right: Tape) -> Tape {
  var tape = left
  tape.append(right)
  return tape.sorted()
}
