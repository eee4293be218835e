import Foundation
import Simulator
import Testing

/// `minewatch drill` as the person who proves the pager uses it.
@Suite(.serialized)
struct DrillTests {
  @Test
  func `lists every scenario`() throws {
    let list = try Program.run(["drill"])
    #expect(list.status == 0 && list.errors.isEmpty)
    for scenario in Scenario.all {
      #expect(list.output.contains("  \(scenario.name) ") && list.output.contains(scenario.rule))
    }
  }

  @Test(arguments: [["pool-switch"], ["stratum.redirect"]])
  func `plays a scenario, or all of a rule`(arguments: [String]) throws {
    let drill = try Program.run(["drill"] + arguments)
    #expect(drill.status == 0, "\(drill.output)\(drill.errors)")
    #expect(drill.errors.isEmpty, "\(drill.errors)")
    for scenario in Scenario.named(arguments[0]) {
      #expect(drill.output.contains("drill    \(scenario.name): \(scenario.summary)"))
      #expect(drill.output.contains("expect   critical \(scenario.rule)"))
    }
    #expect(drill.output.hasPrefix("drill    "), "lines are out of order: \(drill.output)")
    let alerts = drill.output.split(separator: "\n").filter { $0.contains("Z critical ") }
    #expect(!alerts.isEmpty && alerts.allSatisfy { $0.contains("DRILL, nothing has happened") })
  }

  /// Arguments, and a word of what is said.
  static let refusals: [(arguments: [String], says: String)] = [
    (["pool-swich"], "did you mean pool-switch"),
    (["stratum.redirct"], "did you mean stratum.redirect"),
    (["monitor.overload"], "by the monitor itself"),
    (["stratum.redirect", "--write", "/nowhere/x.pcap"], "--write takes one scenario"),
  ]

  @Test(arguments: refusals.indices)
  func `refuses what it cannot play`(index: Int) throws {
    let (arguments, word) = Self.refusals[index]
    let drill = try Program.run(["drill"] + arguments)
    #expect(drill.status == 64 && drill.errors.contains(word), "\(drill.errors)")
  }

  @Test
  func `writes the capture, which gives the alert in a replay`() throws {
    let folder = try Temporary.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let capture = folder.appendingPathComponent("drill.pcap").path
    let drill = try Program.run(["drill", "strangers-account", "--write", capture])
    #expect(drill.status == 0 && drill.output.hasPrefix("wrote    \(capture)"))
    #expect(!drill.output.contains("stratum.account-unlisted"), "it was played, too")
    let replay = try Program.run(["replay", "--config", CommandTests.demoPolicy, capture])
    #expect(replay.output.contains("critical stratum.account-unlisted") && !replay.output.contains("DRILL"))
    #expect(try Program.run(["drill", "pool-switch", "--write", "/nowhere/x.pcap"]).status == 74)
  }

  @Test
  func `sends the alerts where the policy sends its own`() throws {
    let (policy, folder) = try Self.policy("")
    defer { try? FileManager.default.removeItem(at: folder) }
    let drill = try Program.run(["drill", "pool-switch", "--config", policy])
    #expect(drill.status == 0, "\(drill.errors)")
    let log = folder.appendingPathComponent("alerts.log")
    #expect(drill.output.contains("written  to \(log.path), "))
    let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 1 && lines[0].contains("high pool.unlisted") && lines[0].contains("DRILL"), "\(lines)")

    let eve = try Data(contentsOf: folder.appendingPathComponent("eve.json"))
    let event = try #require(try JSONSerialization.jsonObject(with: eve) as? [String: Any])
    let alert = event["alert"] as? [String: Any]
    let context = try #require(alert?["context"] as? [String: Any])
    #expect(context["site"] as? String == "DRILL north-hall")
    #expect((context["message"] as? String)?.hasPrefix("DRILL, nothing has happened: ") == true)
    #expect((context["advice"] as? String)?.hasPrefix("This is a drill: ") == true)
  }

  @Test
  func `says when the policy would keep silent`() throws {
    let (policy, folder) = try Self.policy("stratum.show-message: off")
    defer { try? FileManager.default.removeItem(at: folder) }
    let drill = try Program.run(["drill", "pool-message", "--config", policy])
    #expect(drill.status == 0)
    #expect(drill.output.contains("expect   nothing: the policy turns stratum.show-message off"))
  }

  @Test
  func `fails when the alert cannot be written`() throws {
    let (policy, folder) = try Self.policy("")
    try FileManager.default.removeItem(at: folder.appendingPathComponent("logs"))
    try Data().write(to: folder.appendingPathComponent("logs"))
    defer { try? FileManager.default.removeItem(at: folder) }
    let drill = try Program.run(["drill", "pool-switch", "--config", policy.replacing("p.yaml", with: "bad.yaml")])
    #expect(drill.status == 74, "\(drill.output)\(drill.errors)")
    #expect(drill.errors.contains("logs/alerts.log"))
  }

  /// A site that takes pool.unlisted for less than critical, and one whose log cannot be written.
  private static func policy(_ override: String) throws -> (path: String, folder: URL) {
    let folder = try Temporary.folder()
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("logs"), withIntermediateDirectories: true)
    for (name, log) in [("p.yaml", "alerts.log"), ("bad.yaml", "logs/alerts.log")] {
      let text = """
        site: north-hall
        miners: {networks: [172.20.0.0/16]}
        pools: [{name: own, endpoints: ["stratum+tcp://pool.example:3333"], accounts: [us]}]
        detection:
          rules:
            pool.unlisted: {level: high}
            \(override)
        alerts:
          log: {path: \(folder.path)/\(log)}
          eve: {path: \(folder.path)/eve.json, types: [alert, stats, flow]}
        """
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    return (folder.appendingPathComponent("p.yaml").path, folder)
  }
}
