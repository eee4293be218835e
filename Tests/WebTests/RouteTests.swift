import Capture
import Foundation
import HTTPTypes
import Rules
import Testing

@testable import Web

/// What each address answers, over a store that a sensor left.
@Suite struct RouteTests {
  @Test func `the page and its parts come with a policy that lets nothing else in`() async throws {
    try await WebBench.withStore { bench in
      for (path, kind) in [
        ("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript"), ("/icon.svg", "image/svg+xml"),
        ("/?still", "text/html"),
      ] {
        let reply = try await bench.ask(path)
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType]?.hasPrefix(kind) == true)
        let policy = try #require(reply.headers[.contentSecurityPolicy])
        #expect(policy.hasPrefix("default-src 'none';") && !policy.contains("unsafe"))
        #expect(reply.headers[.xContentTypeOptions] == "nosniff")
        #expect(try await bench.ask(path, method: .head).text == "")
      }
      // Nothing in the page points to another host, is script or is style.
      let page = try await bench.ask("/").text
      #expect(!page.contains("://") && !page.contains("style=") && !page.contains(" on"))
      #expect(page.ranges(of: "<script").count == 1 && page.contains(#"<script src="/page.js" defer></script>"#))
      let script = try await bench.ask("/page.js").text
      for word in ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "new Function"] {
        #expect(!script.contains(word), "page.js says \(word)")
      }
    }
  }

  @Test func `status, curve, miners and attention are those of the store`() async throws {
    try await WebBench.withStore { bench in
      let status = try await bench.ask("/api/v1/status")
      #expect(try status.json("state") == "running")
      #expect(try status.json("site") == "north <b>hall")
      let curve = try await bench.ask("/api/v1/hashrate?hours=1")
      let points: [[String: Any]] = try #require(try curve.json("points"))
      #expect(points.count == 10)
      #expect(points.allSatisfy { abs(($0["ths"] as? Double ?? 0) - 100.07) < 0.01 })
      #expect(try curve.json("minutes") == 1)
      #expect(try await bench.ask("/api/v1/hashrate?hours=720&of=pool").json("minutes") == 120)
      let miners: [[String: Any]] = try #require(try await bench.ask("/api/v1/miners").json("miners"))
      #expect(miners.map { $0["state"] as? String } == ["mining", "mining", "silent"])
      #expect(miners.first?["name"] as? String == WebBench.hostile)
      let one: [Any] = try #require(try await bench.ask("/api/v1/miners?limit=1&silent").json("miners"))
      #expect(one.count == 1)
      let attention: [[String: Any]] = try #require(try await bench.ask("/api/v1/attention").json("miners"))
      #expect(attention.map { $0["ip"] as? String } == ["10.20.0.5"])
    }
  }

  @Test func `a miner that stopped needs attention`() async throws {
    try await WebBench.withStore { bench in
      let later = (1...20).map { bench.minute(ending: bench.now.advanced(by: .seconds(60 * $0)), miners: [5]) }
      bench.write(later)
      let attention: [[String: Any]] = try #require(try await bench.ask("/api/v1/attention").json("miners"))
      let reasons = attention.map { ($0["reasons"] as? [[String: String]] ?? []).compactMap { $0["kind"] } }
      #expect(reasons == [["alerts"], ["silent"]])
    }
  }

  @Test func `alerts hold the whole event and are found by what is asked`() async throws {
    try await WebBench.withStore { bench in
      let alerts: [[String: Any]] = try #require(try await bench.ask("/api/v1/alerts").json("alerts"))
      #expect(alerts.map { $0["id"] as? Int } == [1, 2])
      #expect(alerts.first?["summary"] as? String == WebBench.hostile)
      #expect(alerts.first?["title"] as? String == RuleBook["pool.unlisted"]?.reference.title)
      let event = alerts.last?["event"] as? [String: Any]
      #expect(((event?["alert"] as? [String: Any])?["context"] as? [String: Any])?["message"] as? String == "m2")
      for (query, count) in [
        ("after=1", 1), ("level=high", 2), ("limit=1", 1), ("rule=stratum.redirect", 0), ("rule=1001", 2),
        ("rule=pool.unlisted", 2), ("miner=10.20.0.5", 2),
        ("since=1h", 2), ("since=1s", 0),
      ] {
        let found: [Any] = try #require(try await bench.ask("/api/v1/alerts?\(query)").json("alerts"))
        #expect(found.count == count, "\(query)")
      }
    }
  }

  @Test func `every rule has its explanation`() async throws {
    try await WebBench.withStore { bench in
      for rule in RuleBook.rules {
        let reply = try await bench.ask("/api/v1/rules/\(rule.name)")
        #expect(try reply.json("advice") == rule.advice)
      }
      #expect(try await bench.ask("/api/v1/rules/no.such").status == 404)
    }
  }

  @Test(arguments: [
    ("/api/v1/alerts?limit=501", 400, "limit must be a number from 1 to 500"),
    ("/api/v1/alerts?after=-1", 400, "after must be a number"),
    ("/api/v1/alerts?level=worse", 400, "critical, high"),
    ("/api/v1/alerts?since=soon", 400, "neither a span of time"),
    ("/api/v1/miners?sort=wealth", 400, "sort must be one of address"),
    ("/api/v1/miners?window=0", 400, "window must be"),
    ("/api/v1/hashrate?hours=99999999999999999999", 400, "hours must be"),
    ("/api/v1/hashrate?of=everything", 400, "site, pool or account"),
    ("/api/v1/alerts?rule=nope", 400, "no rule is called nope"),
    ("/api/v1/alerts?levle=high", 400, "only after, level, limit, miner, rule, since can be asked for"),
    ("/api/v1/miners?silent=banana", 400, "silent must be true or false"),
    ("/api/v1/status?verbose", 400, "nothing can be asked for here"),
    ("/nothing", 404, "Not Found"),
    ("/../../etc/passwd", 404, "Not Found"),
    ("/%00", 404, "Not Found"),
  ])
  func `a refusal says what is wrong`(path: String, status: Int, words: String) async throws {
    try await WebBench.withStore { bench in
      let reply = try await bench.ask(path)
      #expect(reply.status == status)
      #expect(try reply.json("error").map { (error: String) in error.contains(words) } == true, "\(reply.text)")
    }
  }

  @Test func `without a store all is unavailable but the page`() async throws {
    let bench = WebBench(store: "/nowhere/minewatch.db")
    for path in ["/healthz", "/metrics", "/api/v1/status", "/api/v1/alerts"] {
      let reply = try await bench.ask(path)
      #expect(reply.status == 503)
      #expect(reply.text.contains("no store at /nowhere/minewatch.db"))
    }
    #expect(try await bench.ask("/").status == 200)
  }

  @Test func `health is the sensor's`() async throws {
    try await WebBench.withStore { bench in
      #expect(try await bench.ask("/healthz").status == 200)
      bench.write([bench.beat(at: bench.now.advanced(by: .seconds(601)), hasEnded: true)])
      let reply = try await bench.ask("/healthz")
      #expect(reply.status == 503)
      #expect(reply.text == "sensor stopped\n")
    }
  }

  @Test(arguments: [
    ("localhost", 200), ("LOCALHOST:9464", 200), ("127.0.0.1:9464", 200), ("[::1]:9464", 200), ("[fd00::7]", 200),
    ("evil.example", 421), ("evil.example:9464", 421), ("localhost.evil.example", 421), ("", 421),
    ("127.0.0.1.evil.example", 421),
  ])
  func `a stranger's name is refused`(host: String, status: Int) async throws {
    try await WebBench.withStore { bench in
      let reply = try await bench.ask("/api/v1/status", host: host)
      #expect(reply.status == status)
    }
    #expect(HostNames(["Watch.example"]).answers(to: "watch.example:443"))
  }

  @Test(arguments: [
    ("127.0.0.1:9464", ListenAddress.internet(host: "127.0.0.1", port: 9_464)),
    ("[::1]:0", .internet(host: "::1", port: 0)), ("localhost:80", .internet(host: "localhost", port: 80)),
    ("unix:/run/x", .unix(path: "/run/x")), ("unix:x", nil), ("9464", nil), (":9464", nil), ("::1:9464", nil),
    ("host:65536", nil), ("host:", nil), ("", nil), ("[host]:1", nil),
    ("unix:/" + String(repeating: "x", count: 120), nil),
  ])
  func `places to listen at`(text: String, address: ListenAddress?) {
    #expect(ListenAddress(text) == address)
    if let address { #expect(address.description == text) }
  }
}
