import Foundation
import Testing

/// `alerts`, `status`, `miners` and `top` over a store that a replay left.
@Suite(.serialized)
struct StoreCommandTests {
  /// A folder with a policy, a store of an attacked site, and its logs.
  private struct Ground {
    let folder: URL
    var config: String { path("minewatch.yaml") }
    var store: String { path("minewatch.db") }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    init() throws {
      folder = try Temporary.folder()
      let demo = try String(contentsOfFile: CommandTests.demoPolicy, encoding: .utf8)
      try "ip,name\n10.20.0.2,r1-u1\n10.20.99.9,r9-u9\n".write(
        toFile: path("miners.csv"), atomically: true, encoding: .utf8)
      let policy =
        demo.replacing("networks: [10.20.0.0/16]", with: "networks: [10.20.0.0/16]\n  inventory: miners.csv")
          + """

          alerts:
            log: {path: \(path("alerts.log"))}
            eve: {path: \(path("eve.json")), types: [alert]}
          store: {path: \(path("minewatch.db"))}
          """
      try policy.write(toFile: config, atomically: true, encoding: .utf8)
      let capture = try CommandTests.attackedCapture()
      defer { try? FileManager.default.removeItem(atPath: capture) }
      let replay = try Program.run(
        ["replay", "--config", config, "--store", store, "--eve", path("eve.json"), capture])
      guard replay.status == 0 else { throw Program.Failed(description: replay.errors) }
      try replay.output.write(toFile: path("alerts.log"), atomically: true, encoding: .utf8)
    }
  }

  private static func lines(_ ground: Ground, _ arguments: String...) throws -> [String] {
    let result = try Program.run(arguments + ["--config", ground.config])
    guard result.status == 0, result.errors.isEmpty else { throw Program.Failed(description: result.errors) }
    #expect(!result.output.contains("\u{1b}"), "colour went to a file")
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test func `alerts are those that the replay printed, filtered as asked`() throws {
    let ground = try Ground()
    defer { try? FileManager.default.removeItem(at: ground.folder) }
    let printed = try String(contentsOfFile: ground.path("alerts.log"), encoding: .utf8)
    let all = try Self.lines(ground, "alerts")
    #expect(!all.isEmpty)
    #expect(all.allSatisfy { printed.contains($0) })
    let critical = try Self.lines(ground, "alerts", "--level", "critical")
    #expect(critical == all.filter { $0.contains("Z critical ") })
    #expect(try Self.lines(ground, "alerts", "--rule", "1001") == all.filter { $0.contains(" pool.unlisted ") })
    #expect(try Self.lines(ground, "alerts", "--count", "2") == Array(all.suffix(2)))
    #expect(try Self.lines(ground, "alerts", "--since", "1m").isEmpty)
    let json = try Self.lines(ground, "alerts", "--json")
    #expect(json.count == all.count)
    #expect(json.allSatisfy { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil })
  }

  @Test func `without a store, alerts come from the logs`() throws {
    let ground = try Ground()
    defer { try? FileManager.default.removeItem(at: ground.folder) }
    let stored = try Self.lines(ground, "alerts", "--level", "high").count
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: ground.store + suffix) }
    #expect(try Self.lines(ground, "alerts", "--level", "high").count == stored)
    try FileManager.default.removeItem(atPath: ground.path("eve.json"))
    #expect(try Self.lines(ground, "alerts", "--level", "high").count == stored)
    let status = try Program.run(["status", "--config", ground.config])
    #expect(status.status == 66)
    #expect(status.errors.contains("no store at \(ground.store)"))
  }

  @Test func `miners are listed with their hashrate, and those that nobody saw`() throws {
    let ground = try Ground()
    defer { try? FileManager.default.removeItem(at: ground.folder) }
    let lines = try Self.lines(ground, "miners")
    #expect(lines.first?.hasSuffix("Z: the sensor is stopped") == true, "old figures say so")
    #expect(lines.dropFirst().first?.hasPrefix("MINER ") == true)
    #expect(lines.contains { $0.hasPrefix("10.20.0.2 ") && $0.contains("r1-u1") && $0.contains("TH/s") })
    #expect(lines.contains { $0.contains("r9-u9") && $0.contains("never seen") })
    #expect(try Self.lines(ground, "miners", "--miner", "r1-u1").count == 3)
    #expect(try Self.lines(ground, "miners", "--silent").contains { $0.contains("never seen") })
    let objects = try Self.lines(ground, "miners", "--json").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    #expect(objects.contains { $0?["state"] as? String == "never seen" && $0?["ip"] as? String == "10.20.99.9" })
    #expect(objects.contains { ($0?["hashrate"] as? [String: Any])?["ths"] is Double })
  }

  @Test func `status tells how the sensor was, and top shows it all`() throws {
    let ground = try Ground()
    defer { try? FileManager.default.removeItem(at: ground.folder) }
    let status = try Self.lines(ground, "status")
    #expect(status.contains { $0.hasPrefix("site ") && $0.hasSuffix("demo-hall") })
    #expect(status.contains { $0.hasPrefix("sensor ") && $0.contains("stopped at") })
    #expect(status.contains { $0.hasPrefix("alerts ") && $0.contains("critical") })
    let json = try #require(try Self.lines(ground, "status", "--json").first)
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect(object?["state"] as? String == "stopped")
    let top = try Self.lines(ground, "top")
    #expect(top.contains { $0.hasPrefix("MINER ") })
    #expect(top.contains { $0.contains(" critical ") })
  }

  /// On a terminal of 72 columns, which util-linux's script(1) makes.
  @Test(.enabled(if: Program.path(of: "script") != nil), arguments: ["miners", "alerts"])
  func `on a terminal lines fit, and colour is for those who want it`(command: String) throws {
    let ground = try Ground()
    defer { try? FileManager.default.removeItem(at: ground.folder) }
    let script = try #require(Program.path(of: "script"))
    func shown(_ environment: [String: String]) throws -> String {
      let line = "stty rows 24 cols 72 && '\(Program.minewatch)' \(command) --config '\(ground.config)'"
      let result = try Program.run(
        ["-qec", line, "/dev/null"], of: script, environment: ["TERM": "xterm"].merging(environment) { $1 })
      #expect(result.status == 0, "\(result.output)")
      return result.output
    }
    let plain = try shown(["NO_COLOR": "1"])
    #expect(!plain.contains("\u{1b}"))
    // An alert is as long as it is; the terminal breaks it.
    #expect(command == "alerts" || plain.split(whereSeparator: \.isNewline).allSatisfy { $0.count <= 72 }, "\(plain)")
    #expect(try shown(["NO_COLOR": ""]).contains("\u{1b}["))
    #expect(try !shown(["NO_COLOR": "", "TERM": "dumb"]).contains("\u{1b}"))
  }

  /// Where the picture is taller than the screen, the terminal scrolls and what matters is gone.
  @Test(.enabled(if: Program.path(of: "script") != nil), arguments: [(24, 80), (10, 40), (5, 20), (2, 10)])
  func `top is never larger than its screen`(rows: Int, columns: Int) throws {
    let ground = try Ground()
    defer { try? FileManager.default.removeItem(at: ground.folder) }
    let script = try #require(Program.path(of: "script"))
    let line = """
      stty rows \(rows) cols \(columns) && timeout -s INT 3 '\(Program.minewatch)' top --config '\(ground.config)'
      """
    let result = try Program.run(
      ["-qec", line, "/dev/null"], of: script, environment: ["TERM": "xterm", "NO_COLOR": "1"])
    let picture = try #require(result.output.components(separatedBy: "\u{1b}[H").dropFirst().first)
    let lines = picture.components(separatedBy: "\u{1b}[J")[0].components(separatedBy: "\r\n")
      .map { $0.replacing("\u{1b}[K", with: "").replacing("\r", with: "") }
    #expect(lines.count <= rows && lines.allSatisfy { $0.count <= columns }, "\(lines)")
    #expect(lines.contains { !$0.isEmpty })
  }

  @Test(arguments: [
    (["alerts", "--since", "soon"], 64, "neither a span of time"),
    (["alerts", "--rule", "pool.unlistd"], 64, "did you mean pool.unlisted"),
    (["alerts", "--level", "worse"], 64, "worse"),
    (["miners", "--store", "/nowhere/minewatch.db"], 66, "no store at /nowhere/minewatch.db"),
    (["status", "--store", "README.md"], 74, "file is not a database"),
    (["top", "--config", "/nowhere/minewatch.yaml"], 78, "/nowhere/minewatch.yaml"),
  ])
  func `a refusal is one line and a code`(arguments: [String], status: Int32, word: String) throws {
    let readme = Program.root.appendingPathComponent("README.md").path
    let result = try Program.run(arguments.map { $0 == "README.md" ? readme : $0 })
    #expect(result.status == status)
    #expect(result.errors.contains(word), "\(result.errors)")
  }
}
