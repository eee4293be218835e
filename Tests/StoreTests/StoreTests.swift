import Capture
import Decode
import Foundation
import GRDB
import Rules
import Testing

@testable import Store

/// What is written is read again, by whoever reads, whatever became of the writer.
@Suite struct StoreTests {
  @Test func `a restart remembers names and miners`() throws {
    try StoreBench.withPath { path in
      let first = StoreWriter(path: path, keep: .seconds(86_400), mode: .queued)
      #expect(first.memory.bindings.isEmpty)
      first.write(.memory(StoreBench.memory))
      first.close()
      #expect(first.takeLoss() == nil)
      let second = StoreWriter(path: path, keep: .seconds(86_400), mode: .queued)
      defer { second.close() }
      #expect(second.memory.bindings == StoreBench.memory.bindings)
      #expect(second.memory.miners == StoreBench.memory.miners)
      #expect(second.memory.traffic == StoreBench.memory.traffic)
    }
  }

  @Test func `readers see all that was written, beside a writer that was never closed`() throws {
    try StoreBench.withPath { path in
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .queued)
      for record in [
        .memory(StoreBench.memory), StoreBench.minute(0), StoreBench.minute(1), StoreBench.beat(120),
        StoreBench.alert(1), StoreBench.alert(2, .info, "monitor.lifecycle"),
      ] as [StoreRecord] { writer.write(record) }
      #expect(writer.flush())
      let reader = try StoreReader(path: path)
      let beat = try #require(try reader.heartbeat())
      #expect(beat.packets == 12)
      #expect(beat.interfaces == [.init(name: "span0", isUp: true)])
      let miner = try #require(try reader.miners(until: StoreBench.seconds(120), minutes: 5).first)
      #expect(miner.user == "acme.x")
      #expect(miner.account == "acme")
      #expect(miner.server == "203.0.113.9:3333")
      #expect(miner.hashrate?.shares == 12)
      #expect(abs((miner.hashrate?.terahashes ?? 0) - 100.07) < 0.01)
      let pools = try reader.totals("pool", until: StoreBench.seconds(120), minutes: 1)
      #expect(pools.map(\.name) == ["good"])
      #expect(pools.first?.hashrate.shares == 6)
      #expect(try reader.latestMinute() == StoreBench.seconds(120))
      #expect(try reader.alerts(AlertQuery()).map(\.rule) == ["pool.unlisted", "monitor.lifecycle"])
      #expect(try reader.alertCounts(since: StoreBench.start) == [.high: 1, .info: 1])
    }
  }

  /// The daemon brings a file up to date when it opens it; commands may come first.
  @Test func `a file of an older Minewatch is read with what it has`() throws {
    try StoreBench.withPath { path in
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      for record in [.memory(StoreBench.memory), StoreBench.minute(0), StoreBench.beat(60)] as [StoreRecord] {
        writer.write(record)
      }
      writer.close()
      let file = try DatabaseQueue(path: path)
      try file.write { database in
        try database.execute(
          sql: "DROP TABLE traffic; DROP TABLE habits; DELETE FROM grdb_migrations WHERE identifier <> '1'")
      }
      try file.close()
      let old = try #require(try StoreReader(path: path).miners(until: StoreBench.seconds(60), minutes: 5).first)
      #expect(old.traffic == nil && old.user == "acme.x" && old.hashrate?.shares == 6)
      #expect(try StoreReader(path: path).heartbeat() != nil)
      let newer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      newer.write(.memory(StoreBench.memory))
      newer.close()
      let miners = try StoreReader(path: path).miners(until: StoreBench.seconds(60), minutes: 5)
      #expect(miners.contains { $0.traffic != nil })
    }
  }

  @Test func `alerts are found by each of their columns`() throws {
    try StoreBench.withPath { path in
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      writer.write(StoreBench.alert(1))
      writer.write(StoreBench.alert(50, .info, "monitor.lifecycle"))
      let reader = try StoreReader(path: path)
      func count(_ change: (inout AlertQuery) -> Void) throws -> Int {
        var query = AlertQuery()
        change(&query)
        return try reader.alerts(query).count
      }
      #expect(try count { _ in } == 2)
      #expect(try count { $0.since = StoreBench.seconds(10) } == 1)
      #expect(try count { $0.level = .high } == 1)
      #expect(try count { $0.rule = "monitor.lifecycle" } == 1)
      #expect(try count { $0.miner = "10.20.0.5" } == 2)
      #expect(try count { $0.miner = "r1-u1" } == 2)
      #expect(try count { $0.miner = "10.20.0.50" } == 0)
      #expect(try count { $0.after = 1 } == 1)
      #expect(try count { $0.limit = 1 } == 1)
    }
  }

  @Test func `a reader in the middle of reading holds nobody up`() throws {
    try StoreBench.withPath { path in
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      writer.write(StoreBench.alert(1))
      let reader = try StoreReader(path: path)
      try reader.read { database in
        let before = try Int.fetchOne(database, sql: "SELECT count(*) FROM alerts")
        #expect(before == 1)
        writer.write(StoreBench.alert(2))
        #expect(writer.takeLoss() == nil)
        let after = try Int.fetchOne(database, sql: "SELECT count(*) FROM alerts")
        #expect(after == 1)
      }
      #expect(try reader.alerts(AlertQuery()).count == 2)
    }
  }

  @Test func `a minute becomes part of an hour after a day, and goes with its time`() throws {
    try StoreBench.withPath { path in
      let writer = StoreWriter(path: path, keep: .seconds(3 * 86_400), mode: .direct)
      writer.write(StoreBench.minute(0))
      writer.write(StoreBench.minute(1))
      writer.write(StoreBench.beat(86_400 + 600))
      let reader = try StoreReader(path: path)
      func sum(_ table: String) throws -> Int? {
        try reader.read { try Int.fetchOne($0, sql: "SELECT sum(accepted) FROM \(table)") }
      }
      #expect(try sum("minutes") == nil)
      #expect(try sum("hours") == 12)
      for tick in 0..<10 { writer.write(StoreBench.beat(4 * 86_400 + tick)) }
      #expect(try sum("hours") == nil)
      #expect(try sum("totals") == nil)
      #expect(writer.takeLoss() == nil)
    }
  }

  @Test func `a file over its size loses what is oldest`() throws {
    try StoreBench.withPath { path in
      let limit = 1 << 20
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct, rowLimit: 1_000_000, byteLimit: limit)
      let workers = (0..<400).map { (miner: "10.20.\($0 / 250).\($0 % 250)", user: "acme.\($0)") }
      for number in 0..<120 {
        writer.write(StoreBench.minute(number, workers: workers))
        writer.write(StoreBench.beat(60 * (number + 1)))
      }
      #expect(writer.takeLoss() == nil)
      let reader = try StoreReader(path: path)
      let minutes = try reader.read { try Int.fetchOne($0, sql: "SELECT count(DISTINCT time) FROM minutes") } ?? 0
      #expect(minutes > 5)
      #expect(minutes < 120)
      let newest = try reader.read { try Int64.fetchOne($0, sql: "SELECT max(time) FROM minutes") }
      #expect(newest == StoreBench.seconds(120 * 60).seconds)
      let pages = try reader.read { try Int.fetchOne($0, sql: "PRAGMA page_count") } ?? 0
      #expect(pages * 4_096 < 2 * limit)
    }
  }
}

extension StoreTests {
  @Test func `a curve sums up minutes, late ones with those that they belong to`() throws {
    try StoreBench.withPath { path in
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      for number in 0..<9 where number != 4 { writer.write(StoreBench.minute(number)) }
      let reader = try StoreReader(path: path)
      let (start, end) = (StoreBench.start, StoreBench.seconds(540))
      let points = try reader.series("site", from: start, until: end, minutes: 3)
      // Three minutes end at a multiple of three minutes since the epoch, which the start is not.
      #expect(points.map(\.time) == [120, 300, 480, 660].map(StoreBench.seconds))
      #expect(points.map(\.hashrate.seconds) == [120, 120, 180, 60])
      #expect(points.allSatisfy { abs(($0.hashrate.terahashes ?? 0) - 100.07) < 0.01 })
      #expect(try reader.series("site", from: start, until: end, minutes: 1).count == 8)
      #expect(Set(try reader.series("pool", from: start, until: end, minutes: 9).map(\.name)) == ["good"])
    }
  }

  @Test func `alerts are counted by rule and by miner`() throws {
    try StoreBench.withPath { path in
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      for record in [StoreBench.alert(1), StoreBench.alert(2), StoreBench.alert(3, .info, "monitor.lifecycle")] {
        writer.write(record)
      }
      let reader = try StoreReader(path: path)
      let counts = try reader.ruleCounts(since: StoreBench.start)
      #expect(counts.map(\.rule) == ["monitor.lifecycle", "pool.unlisted"])
      #expect(counts.map(\.count) == [1, 2])
      #expect(counts.last?.latest == StoreBench.seconds(2))
      #expect(try reader.minerCounts(since: StoreBench.start, level: .high) == [StoreBench.address("10.20.0.5"): 2])
      #expect(try reader.latestAlert() == 3)
    }
  }
}
