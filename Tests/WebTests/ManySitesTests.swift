import Capture
import Foundation
import Testing
import Watch

@testable import Web

private let prometheus = "/usr/bin/prometheus"
private let alertmanager = "/usr/bin/prometheus-alertmanager"
private let promtool = "/usr/bin/promtool"
private let amtool = "/usr/bin/amtool"

private func areInstalled(_ paths: String...) -> Bool {
  paths.allSatisfy(FileManager.default.isExecutableFile)
}

/// The shipped files for Prometheus and Alertmanager, in the real ones.
@Suite struct ManySitesTests {
  private static let configs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Configs")

  @Test(.enabled(if: areInstalled(promtool), "needs Debian's prometheus"))
  func `promtool finds the rules right, in every story told of them`() throws {
    let folder = Self.configs.appending(path: "prometheus").path
    for arguments in [
      ["check", "config", "\(folder)/minewatch.yml"], ["test", "rules", "\(folder)/minewatch.test.yml"],
    ] {
      let checked = try WebProgram.run(promtool, arguments)
      #expect(checked.status == 0, "\(checked.output)")
    }
  }

  @Test(.enabled(if: areInstalled(amtool), "needs Debian's prometheus-alertmanager"))
  func `amtool finds nothing wrong with the routes`() throws {
    let path = Self.configs.appending(path: "alertmanager/minewatch.yml").path
    let checked = try WebProgram.run(amtool, ["check-config", path])
    #expect(checked.status == 0, "\(checked.output)")
    for (label, receiver) in [("severity=page", "pager"), ("severity=ticket", "tickets")] {
      let route = try WebProgram.run(amtool, ["config", "routes", "test", "--config.file=\(path)", label])
      #expect(route.output.hasSuffix("\n\(receiver)\n") || route.output == "\(receiver)\n")
    }
  }

  @Test func `every figure that rules and the dashboard use is one that is served`() async throws {
    let served = try await WebBench.withStore { bench in
      let text = try await bench.ask("/metrics").text
      return Set(text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] })
    }
    for file in ["prometheus/minewatch.rules.yml", "grafana/minewatch.json"] {
      let text = try String(contentsOf: Self.configs.appending(path: file), encoding: .utf8)
      // A colon stands in names that recording rules make.
      let names = text.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        .filter { $0.hasPrefix("minewatch_") && !$0.contains(":") }
      #expect(!names.isEmpty)
      for name in names { #expect(served.contains(name), "\(file): \(name)") }
    }
  }

  @Test(.enabled(if: areInstalled(prometheus, alertmanager), "needs Debian's prometheus and prometheus-alertmanager"))
  func `three sites are scraped, and a stop across two of them pages once`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "minewatch-sites-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let sites = try ["north", "south", "west"].map { try Site($0, in: folder) }
    let watchers = try Watchers(sites.map(\.place), in: folder)
    // Optimised code lets go of what is named no more, and a site's web program ends with it.
    defer { withExtendedLifetime(sites) { watchers.end() } }
    #expect(watchers.wait(upTo: 300) { watchers.value("sum(minewatch_power_watts)") == 36_000 })
    #expect(watchers.value("count(minewatch_up == 1)") == 3)
    for expression in try Self.dashboard() {
      #expect(watchers.result(expression) != nil, "Prometheus does not understand \(expression)")
      // What recording rules make of minutes is not there yet, and nothing was alerted.
      if !expression.contains("site:"), !expression.contains("minewatch_alerts") {
        #expect(watchers.value(expression) != nil, "nothing comes of \(expression)")
      }
    }
    for site in sites.prefix(2) { site.stop() }
    #expect(watchers.wait(upTo: 300) { watchers.pages("MinewatchCoordinatedStop") > 0 })
    // At once, and no pause that lets other tests go first: it may last minutes, and the sites' last sign of life is old by then.
    #expect(watchers.wait(upTo: 300) { watchers.value("sum(site:minewatch_stopped_watts:10m)") == 24_000 })
    #expect(!watchers.wait(upTo: 5) { watchers.pages("MinewatchCoordinatedStop") > 1 })
  }

  /// What the panels of the shipped dashboard ask Prometheus for, with all sites chosen.
  private static func dashboard() throws -> [String] {
    let text = try Data(contentsOf: configs.appending(path: "grafana/minewatch.json"))
    let panels = try (JSONSerialization.jsonObject(with: text) as? [String: Any])?["panels"] as? [[String: Any]]
    let targets = try #require(panels).flatMap { $0["targets"] as? [[String: Any]] ?? [] }
    let expressions = targets.compactMap { $0["expr"] as? String }
    #expect(expressions.count > 10)
    return expressions.map { $0.replacing("$site", with: ".*") }
  }

  /// A site of four miners of 3 kW, with a web program over its store.
  private struct Site {
    private let bench: WebBench
    private let name: String
    private let server: WebProgram.Server

    /// Address and port.
    var place: String { String(server.url.dropFirst("http://".count).dropLast()) }

    private static let miners: [UInt32] = [5, 6, 7, 8]

    init(_ name: String, in folder: URL) throws {
      self.name = name
      let bench = WebBench(store: folder.appending(path: "\(name).db").path)
      let rows = Self.miners.map { "\(WebBench.address($0)),m\($0),3000\n" }
      try ("ip,name,watts\n" + rows.joined()).write(
        to: folder.appending(path: "miners.csv"), atomically: true, encoding: .utf8)
      let policy = """
        site: \(name)
        miners: {networks: [10.20.0.0/16], inventory: miners.csv}
        pools: [{name: good, endpoints: ["stratum+tcp://203.0.113.9:3333"], accounts: [acme]}]

        """
      let path = folder.appending(path: "\(name).yaml").path
      try policy.write(toFile: path, atomically: true, encoding: .utf8)
      bench.write([bench.memory(of: Self.miners), bench.beat(at: .now, site: name)])
      bench.write((0..<10).map { bench.minute(ending: bench.ago(60 * (9 - $0)), miners: Self.miners) })
      self.bench = bench
      server = try WebProgram.Server(store: bench.store, policy: path)
    }

    /// Six minutes in which nobody mines.
    func stop() {
      let minutes = (1...6).map { bench.minute(ending: bench.now.advanced(by: .seconds(60 * $0)), miners: []) }
      bench.write(minutes + [bench.beat(at: .now, site: name)])
    }
  }

  /// Prometheus, Alertmanager and somebody with a pager, on loopback, with the shipped files at a pace for tests.
  private final class Watchers {
    private var processes: [Process] = []
    private let pager: URL
    private let query: String

    init(_ places: [String], in folder: URL) throws {
      let port = Int.random(in: 31_000...39_000)
      pager = folder.appending(path: "pager")
      query = "http://127.0.0.1:\(port)/api/v1/query"
      let targets = places.map { "\"\($0)\"" }.joined(separator: ", ")
      try Self.copy(
        "prometheus/minewatch.yml", to: folder,
        [
          ("interval: 15s", "interval: 1s"), ("\"127.0.0.1:9464\"", targets),
          ("127.0.0.1:9093", "127.0.0.1:\(port + 1)"),
        ])
      try Self.copy("prometheus/minewatch.rules.yml", to: folder, [("> 5e6", "> 5e3"), ("for: 30s", "for: 2s")])
      try Self.copy(
        "alertmanager/minewatch.yml", to: folder.appending(path: "alerts"),
        [
          ("group_wait: 15s", "group_wait: 1s"), ("group_interval: 5m", "group_interval: 2s"),
          ("127.0.0.1:9099", "127.0.0.1:\(port + 2)"),
        ])
      let script = """
        import http.server, sys
        class Pager(http.server.BaseHTTPRequestHandler):
          def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            open(sys.argv[2], "ab").write(self.path.encode() + b" " + body + b"\\n")
            self.send_response(200)
            self.end_headers()
          def log_message(self, *_): pass
        http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Pager).serve_forever()
        """
      try start("/usr/bin/python3", ["-c", script, "\(port + 2)", pager.path])
      try start(
        alertmanager,
        [
          "--config.file=\(folder.path)/alerts/minewatch.yml", "--storage.path=\(folder.path)/alerts",
          "--web.listen-address=127.0.0.1:\(port + 1)", "--cluster.listen-address=",
        ])
      try start(
        prometheus,
        [
          "--config.file=\(folder.path)/minewatch.yml", "--storage.tsdb.path=\(folder.path)/series",
          "--web.listen-address=127.0.0.1:\(port)",
        ])
    }

    /// A query's first value; nil when it has none.
    func value(_ expression: String) -> Double? {
      ((result(expression)?.first?["value"] as? [Any])?.last as? String).flatMap(Double.init)
    }

    /// What comes of a query; nil when it is not one.
    func result(_ expression: String) -> [[String: Any]]? {
      let answer = try? WebProgram.run("/usr/bin/curl", ["-sG", query, "--data-urlencode", "query=\(expression)"])
      let json = (answer?.output).flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
      return (json?["data"] as? [String: Any])?["result"] as? [[String: Any]]
    }

    /// How often the pager rang for an alert.
    func pages(_ name: String) -> Int {
      let text = (try? String(contentsOf: pager, encoding: .utf8)) ?? ""
      return text.split(separator: "\n").filter { $0.hasPrefix("/page ") && $0.contains("\"alertname\":\"\(name)\"") }
        .count
    }

    func wait(upTo seconds: Double, until condition: () -> Bool) -> Bool {
      let end = ContinuousClock.now + .seconds(seconds)
      while ContinuousClock.now < end {
        if condition() { return true }
        Thread.sleep(forTimeInterval: 0.2)
      }
      return condition()
    }

    func end() {
      for process in processes.reversed() { process.terminate() }
      for process in processes { process.waitUntilExit() }
    }

    private func start(_ path: String, _ arguments: [String]) throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["--default-signal", path] + arguments
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      processes.append(process)
    }

    private static func copy(_ name: String, to folder: URL, _ changes: [(String, String)]) throws {
      var text = try String(contentsOf: configs.appending(path: name), encoding: .utf8)
      for (shipped, wanted) in changes {
        #expect(text.contains(shipped), "\(name) lacks \(shipped)")
        text = text.replacing(shipped, with: wanted)
      }
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try text.write(
        to: folder.appending(path: (name as NSString).lastPathComponent), atomically: true, encoding: .utf8)
    }
  }
}
