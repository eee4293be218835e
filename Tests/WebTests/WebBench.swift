import Capture
import Decode
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Policy
import Protocols
import Synchronization

@testable import Rules
@testable import Store
@testable import Web

/// A store that a sensor might have left, and questions to the site over it.
struct WebBench {
  /// What a miner or a pool may say to whoever looks at it in a browser.
  static let hostile = #"<img src=x onerror="document.title='owned'">"# + "\u{1b}[31m\u{202e}\n</script>&amp;"

  let store: String
  let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970) / 60 * 60)

  /// Runs `body` with a store in a folder of its own, in which the sensor wrote ten minutes, up to this one.
  static func withStore<Result>(_ body: (WebBench) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "minewatch-web-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let bench = WebBench(store: folder.appending(path: "minewatch.db").path)
    bench.write(bench.records)
    return try await body(bench)
  }

  func write(_ records: [StoreRecord]) {
    let writer = StoreWriter(path: store, keep: .seconds(86_400 * 30), mode: .direct)
    records.forEach(writer.write)
    writer.close()
  }

  // MARK: Questions

  struct Reply {
    var status: Int
    var headers: HTTPFields
    var text: String

    func json<Value>(_ key: String) throws -> Value? {
      try (JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])?[key] as? Value
    }
  }

  func ask(
    _ path: String, host: String = "localhost:9464", method: HTTPRequest.Method = .get, policy: Policy? = nil
  ) async throws -> Reply {
    let response = try await respond(path, host: host, method: method, policy: policy)
    let writer = TextWriter()
    try await response.body.write(writer)
    return Reply(
      status: response.status.code, headers: response.headers, text: writer.written.withLock { $0 })
  }

  func respond(
    _ path: String, host: String = "localhost", method: HTTPRequest.Method = .get, headers: HTTPFields = [:],
    policy: Policy? = nil
  ) async throws -> Response {
    let site = WebSite(Archive(path: store, policy: policy))
    let head = HTTPRequest(method: method, scheme: "http", authority: host, path: path, headerFields: headers)
    return try await site.router().buildResponder().respond(
      to: Request(head: head, body: RequestBody(buffer: ByteBuffer())),
      context: WebContext(logger: Logger(label: "test")))
  }

  /// Keeps what a response writes.
  final class TextWriter: ResponseBodyWriter {
    let written = Mutex("")

    func write(_ buffer: ByteBuffer) async throws {
      written.withLock { $0 += String(buffer: buffer) }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
  }

  // MARK: What the sensor wrote

  private var records: [StoreRecord] {
    var memory = SiteMemory()
    memory.miners = [
      SiteMemory.KnownMiner(
        address: Self.address(5), mac: MACAddress(rawValue: 0x0200_0a14_0005), agent: "Antminer S21/4210",
        name: Self.hostile, firstSeen: ago(600), lastSeen: now),
      SiteMemory.KnownMiner(
        address: Self.address(6), mac: .none, agent: "bmminer", firstSeen: ago(600), lastSeen: ago(540)),
      SiteMemory.KnownMiner(address: Self.address(7), mac: .none, agent: nil, firstSeen: ago(600), lastSeen: ago(540)),
    ]
    var records: [StoreRecord] = [.memory(memory)]
    for minute in 0..<10 {
      // The second miner mined in a minute long ago, the third never.
      records.append(self.minute(ending: ago((9 - minute) * 60), miners: minute == 0 ? [5, 6] : [5]))
    }
    // The site looks at the real clock, and beside all other tests a test's turn may come minutes later: the sensor is not silent then.
    return records + [beat(at: now.advanced(by: .seconds(600))), alert(1), alert(2, "a line\nand another")]
  }

  func memory(of miners: [UInt32]) -> StoreRecord {
    var memory = SiteMemory()
    memory.miners = miners.map { miner in
      SiteMemory.KnownMiner(address: Self.address(miner), mac: .none, agent: nil, firstSeen: ago(600), lastSeen: now)
    }
    return .memory(memory)
  }

  func ago(_ seconds: Int) -> Timestamp { now.advanced(by: .seconds(-seconds)) }

  static func address(_ last: UInt32) -> IPAddress { IPAddress(v4: 0x0a14_0000 + last) }

  func beat(at time: Timestamp, hasEnded: Bool = false, site: String = "north <b>hall") -> StoreRecord {
    .heartbeat(
      Heartbeat(
        time: time, started: ago(600), hasEnded: hasEnded, site: site, version: "0.1.0", policyDigest: "ab",
        packets: 1_234, dropped: 5, miners: 3, sessions: 1,
        interfaces: [.init(name: "span0", isUp: true), .init(name: "span\"1\\", isUp: false)]))
  }

  func alert(_ number: Int, _ summary: String = hostile) -> StoreRecord {
    let eve = #"{"event_type":"alert","alert":{"context":{"message":"m\#(number)","advice":"look there"}}}"#
    return .alert(
      StoredAlert(
        time: ago(60 - number), level: .critical, rule: "pool.unlisted", ruleID: 1_001, miner: Self.address(5),
        name: Self.hostile, summary: summary, eve: eve))
  }

  /// Six shares of 233,000 a miner: 100 TH/s.
  func minute(ending time: Timestamp, miners: [UInt32], pools: Int = 1) -> StoreRecord {
    var work = ShareWork()
    work.accepted = 6
    work.difficulty = 6 * 233_000
    work.squares = 6 * 233_000 * 233_000
    let line = { (name: String) in
      MinuteAccount.GroupLine(name: name, workers: miners.count, unreadable: 0, work: work, estimates: [])
    }
    return .minute(
      MinuteAccount(
        time: time, seconds: 60,
        workers: miners.map { miner in
          MinuteAccount.WorkerLine(
            miner: Finding.Miner(address: Self.address(miner)), model: nil, user: "acme.\(miner)", pool: Self.hostile,
            server: Endpoint(address: Self.address(200), port: 3_333), work: work, seconds: 60, estimates: [])
        }, site: line("north"), pools: (0..<pools).map { line($0 == 0 ? Self.hostile : "pool \($0)") },
        accounts: [line("acme")], minersSeen: 3))
  }
}
