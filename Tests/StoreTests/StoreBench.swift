import Capture
import Decode
import Foundation
import Policy
import Protocols

@testable import Rules
@testable import Store

/// Records to write, and a folder to write them in.
enum StoreBench {
  static let start = Timestamp(seconds: 1_795_357_500)

  static func seconds(_ seconds: Int) -> Timestamp { start.advanced(by: .seconds(seconds)) }

  static func address(_ text: String) -> IPAddress {
    guard let address = IPAddress(text) else { preconditionFailure("no address: \(text)") }
    return address
  }

  /// Runs `body` with the path of a store in a folder of its own.
  static func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "minewatch-store-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.appending(path: "minewatch.db").path)
  }

  static func alert(_ second: Int = 0, _ level: Level = .high, _ rule: String = "pool.unlisted") -> StoreRecord {
    .alert(
      StoredAlert(
        time: seconds(second), level: level, rule: rule, ruleID: 1001, miner: address("10.20.0.5"), name: "r1-u1",
        summary: "\(rule) 10.20.0.5", eve: "{}"))
  }

  static func beat(_ second: Int = 0, hasEnded: Bool = false) -> StoreRecord {
    .heartbeat(
      Heartbeat(
        time: seconds(second), started: start, hasEnded: hasEnded, site: "north", version: "0.1.0", policyDigest: "ab",
        packets: 12, dropped: 3, interfaces: [.init(name: "span0", isUp: true)]))
  }

  static var memory: SiteMemory {
    var memory = SiteMemory()
    memory.bindings = [
      .init(name: "pool.example", address: address("203.0.113.9"), learned: seconds(1)),
      .init(name: "time.example", address: address("fd00::1"), learned: seconds(2)),
    ]
    memory.miners = [
      .init(
        address: address("10.20.0.5"), mac: MACAddress(rawValue: 0x0200_0a14_0005), agent: "bmminer/2.0.0",
        firstSeen: seconds(0), lastSeen: seconds(9))
    ]
    var habit = Traffic.Habit()
    (habit.hours, habit.sessions, habit.sent) = (30, 0.5, 120_000)
    memory.traffic = [.init(address: address("10.20.0.5"), habit: habit, learned: seconds(8))]
    return memory
  }

  /// A minute in which each worker has six shares of 233,000 (100 TH/s).
  static func minute(_ number: Int, workers: [(miner: String, user: String)] = [("10.20.0.5", "acme.x")]) -> StoreRecord
  {
    var work = ShareWork()
    work.accepted = 6
    work.difficulty = 6 * 233_000
    work.squares = 6 * 233_000 * 233_000
    let line = { (name: String) in
      MinuteAccount.GroupLine(name: name, workers: 1, unreadable: 0, work: work, estimates: [])
    }
    return .minute(
      MinuteAccount(
        time: seconds(60 * (number + 1)), seconds: 60,
        workers: workers.map { worker in
          MinuteAccount.WorkerLine(
            miner: Finding.Miner(address: address(worker.miner)), model: nil, user: worker.user, pool: "good",
            server: Endpoint(address: address("203.0.113.9"), port: 3_333), work: work, seconds: 60, estimates: [])
        }, site: line("north"), pools: [line("good")], accounts: [line("acme")], minersSeen: 1))
  }
}
