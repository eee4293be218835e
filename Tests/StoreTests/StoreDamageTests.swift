import Foundation
import GRDB
import Rules
import Testing

@testable import Store

/// Broken files, missing folders, slow disks: the sensor goes on, and says so.
@Suite struct StoreDamageTests {
  @Test func `what is no database is set aside and told`() throws {
    try StoreBench.withPath { path in
      try Data(repeating: 0x41, count: 20_000).write(to: URL(filePath: path))
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .queued)
      let loss = try #require(writer.takeLoss())
      #expect(loss.sentence?.contains("set aside as \(path).damaged") == true)
      writer.write(.memory(StoreBench.memory))
      #expect(writer.flush())
      writer.close()
      #expect(try Data(contentsOf: URL(filePath: path + ".damaged")).first == 0x41)
      #expect(StoreWriter(path: path, keep: .seconds(86_400), mode: .direct).memory.bindings.count == 2)
    }
  }

  @Test func `a page that was overwritten is found before the first write`() throws {
    try StoreBench.withPath { path in
      let first = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      for second in 0..<500 { first.write(StoreBench.alert(second)) }
      first.close()
      let file = try FileHandle(forUpdating: URL(filePath: path))
      let size = try file.seekToEnd()
      // The last page is one of the alerts', which nothing reads at the start.
      try file.seek(toOffset: size - 4_096)
      try file.write(contentsOf: Data(repeating: 0xff, count: 4_096))
      try file.close()
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .queued)
      writer.write(StoreBench.alert(1_000))
      #expect(writer.flush())
      #expect(writer.takeLoss()?.sentence?.contains("set aside") == true)
      writer.close()
      #expect(try StoreReader(path: path).alerts(AlertQuery()).count == 1)
    }
  }

  @Test func `a folder that comes later gets what waited`() throws {
    try StoreBench.withPath { path in
      let folder = path + ".d"
      let writer = StoreWriter(path: folder + "/minewatch.db", keep: .seconds(86_400), mode: .queued)
      #expect(writer.takeLoss()?.sentence?.contains("see that the folder is there") == true)
      writer.write(StoreBench.alert(1))
      #expect(!writer.flush())
      #expect(writer.takeLoss() != nil)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      #expect(writer.flush())
      writer.close()
      #expect(try StoreReader(path: folder + "/minewatch.db").alerts(AlertQuery()).count == 1)
    }
  }

  @Test func `a full queue drops the newest and counts them`() throws {
    try StoreBench.withPath { path in
      let writer = StoreWriter(
        path: path + ".d/none.db", keep: .seconds(86_400), mode: .queued, rowLimit: 8, byteLimit: 1 << 30)
      for second in 0..<20 { writer.write(StoreBench.alert(second)) }
      #expect(!writer.flush())
      #expect(writer.takeLoss()?.rows == 12)
      writer.close()
      #expect(writer.takeLoss()?.rows == 8)
    }
  }

  @Test func `readers say what is wrong`() throws {
    try StoreBench.withPath { path in
      #expect(throws: StoreFailure.self) { try StoreReader(path: path) }
      try Data("not a database, and long enough to be none".utf8).write(to: URL(filePath: path))
      let failure = #expect(throws: StoreFailure.self) { try StoreReader(path: path) }
      #expect(failure?.kind == .damaged)
    }
  }

  @Test func `rows that make no sense are passed over`() throws {
    try StoreBench.withPath { path in
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      writer.write(.memory(StoreBench.memory))
      writer.close()
      try DatabaseQueue(path: path).write { database in
        try database.execute(
          sql: """
            INSERT INTO bindings VALUES ('x.example', 'nowhere', 1);
            INSERT INTO miners (address, firstSeen, lastSeen) VALUES ('10.20.0.256', 1, 1), ('', 2, 2);
            """)
      }
      let file = StoreFile(path: path, keep: .seconds(86_400))
      let memory = try file.load()
      #expect(memory.bindings.count == 2)
      #expect(memory.miners.count == 1)
    }
  }
}
