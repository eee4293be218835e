import Foundation
import Testing

@testable import Web

private let browser = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"]
  .first { FileManager.default.isExecutableFile(atPath: $0) }

/// The program that is installed, and the page as a real browser shows it.
@Suite struct PageTests {
  @Test(.enabled(if: browser != nil, "needs Debian's chromium-headless-shell"))
  func `a browser shows the site, and what came from the wire as text`() async throws {
    try await WebBench.withStore { bench in
      let server = try WebProgram.Server(store: bench.store)
      let page = try Self.browse(server.url + "?still")
      #expect(page.contains(#"data-ready="yes""#))
      #expect(page.contains("<title>north &lt;b&gt;hall · Minewatch</title>"))
      #expect(page.contains(#"<span id="state" class="badge running" role="status">running</span>"#))
      #expect(page.contains(#"<span id="rate">100 TH/s</span>"#))
      #expect(page.contains(#"class="rate" points=""#))
      #expect(page.ranges(of: "<details").count == 2)
      // The latest alert stands open, with its explanation.
      #expect(page.contains("<dd>m2</dd>") && page.contains("<dt>What else can cause it</dt>"))
      // Two alerts, a pool and a miner go by that name; none of it is markup.
      #expect(page.ranges(of: "&lt;img src=x onerror=").count >= 4)
      #expect(!page.contains("<img") && !page.contains("owned</title>"))
      #expect(!page.contains("CONSOLE"), "the console is not empty: \(page.prefix(2_000))")
      #expect(server.end() == 0)
    }
  }

  @Test(.enabled(if: browser != nil, "needs Debian's chromium-headless-shell"))
  func `without a store the page says so`() throws {
    let server = try WebProgram.Server(store: "/nowhere/minewatch.db")
    let page = try Self.browse(server.url + "?still")
    #expect(page.contains(#"role="alert">no store at /nowhere/minewatch.db"#))
    #expect(server.end() == 0)
  }

  @Test func `SIGTERM ends it although a stream is open`() async throws {
    try await WebBench.withStore { bench in
      let server = try WebProgram.Server(store: bench.store)
      let heard = bench.store + ".events"
      let reader = Process()
      reader.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
      reader.arguments = ["-sN", "--max-time", "600", "-o", heard, server.url + "api/v1/events"]
      try reader.run()
      let isOpen = { (try? String(contentsOfFile: heard, encoding: .utf8))?.hasPrefix("retry: 3000") == true }
      for _ in 0..<6_000 where !isOpen() { try await Task.sleep(for: .milliseconds(20)) }
      #expect(isOpen())
      let start = ContinuousClock.now
      #expect(server.end() == 0)
      #expect(ContinuousClock.now - start < .seconds(8))
      reader.waitUntilExit()
    }
  }

  @Test func `SIGHUP has it read its policy again, and a bad one is refused`() async throws {
    try await WebBench.withStore { bench in
      let path = bench.store + ".yaml"
      func write(store: String, miners: String = "miners") throws {
        let text = """
          \(miners): {networks: [10.20.0.0/16]}
          pools: [{name: demo, endpoints: ["stratum+tcp://pool.example:3333"]}]
          store: {path: \(store)}

          """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
      }
      try write(store: "/nowhere/minewatch.db")
      let server = try WebProgram.Server(store: nil, policy: path)
      #expect(try server.ask("api/v1/status").contains("no store at /nowhere"))
      try write(store: bench.store)
      server.reload()
      // Of the sensor's, and not how it is: beside all other tests this may come so late that it is taken for silent.
      let isRead = { (try? server.ask("api/v1/status"))?.contains("span0") == true }
      for _ in 0..<6_000 where !isRead() { try await Task.sleep(for: .milliseconds(20)) }
      #expect(isRead())
      try write(store: "/nowhere/minewatch.db", miners: "minners")
      server.reload()
      // Whatever comes of it has come when a third, good one is in force.
      #expect(isRead())
      try write(store: "/elsewhere/minewatch.db")
      server.reload()
      let isMoved = { (try? server.ask("api/v1/status"))?.contains("/elsewhere") == true }
      for _ in 0..<6_000 where !isMoved() { try await Task.sleep(for: .milliseconds(20)) }
      #expect(isMoved())
      #expect(server.end() == 0)
    }
  }

  @Test(arguments: [
    (["--listen", "nowhere"], 64, "neither ADDRESS:PORT nor unix:/PATH"),
    (["--listen", "192.0.2.1:9464", "--store", "/x"], 69, "cannot listen on 192.0.2.1:9464"),
    (["--config", "/nowhere/minewatch.yaml"], 78, "/nowhere/minewatch.yaml"),
  ])
  func `a refusal is one line and a code`(arguments: [String], status: Int32, words: String) throws {
    let result = try WebProgram.run(WebProgram.web, arguments)
    #expect(result.status == status)
    #expect(result.output.contains(words), "\(result.output)")
  }

  /// - Returns: the document when all is loaded, and whatever the browser said of it.
  private static func browse(_ url: String) throws -> String {
    let profile = FileManager.default.temporaryDirectory.appending(path: "minewatch-browser-\(UUID())")
    defer { try? FileManager.default.removeItem(at: profile) }
    return try WebProgram.run(
      "/usr/bin/timeout",
      [
        "60", #require(browser), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--user-data-dir=\(profile.path)", "--virtual-time-budget=10000", "--enable-logging=stderr", "--dump-dom", url,
      ]
    ).output
  }
}
