import Capture
import Foundation
import GRDB
import Rules
import Testing

@testable import Store

/// Broken files, missing folders, slow disks: the sensor goes on, and says so.
@Suite struct StoreDamageTests {
  /// Leaves a store whose header is right and whose pages are not.
  private static func damage(_ path: String) throws {
    let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
    for second in 0..<20 { writer.write(StoreBench.alert(second)) }
    writer.close()
    var bytes = try Data(contentsOf: URL(filePath: path))
    for index in 100..<bytes.count { bytes[index] = 0x41 }
    try bytes.write(to: URL(filePath: path))
  }

  @Test func `a broken store is set aside and told`() throws {
    try StoreBench.withPath { path in
      try Self.damage(path)
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .queued)
      let loss = try #require(writer.takeLoss())
      #expect(loss.sentence?.contains("set aside as \(path).damaged") == true)
      #expect(writer.takeRepairs().count == 1 && writer.trouble == nil)
      writer.write(.memory(StoreBench.memory))
      #expect(writer.flush())
      writer.close()
      #expect(try Data(contentsOf: URL(filePath: path + ".damaged"))[200] == 0x41)
      #expect(StoreWriter(path: path, keep: .seconds(86_400), mode: .direct).memory.bindings.count == 2)
    }
  }

  @Test func `earlier broken stores are kept, up to the limit`() throws {
    try StoreBench.withPath { path in
      for turn in 1...Limits.damagedStores {
        try Self.damage(path)
        let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
        let name = "\(path).damaged\(turn == 1 ? "" : ".\(turn)")"
        #expect(writer.takeRepairs().first?.contains("set aside as \(name),") == true)
        writer.close()
      }
      try Self.damage(path)
      let before = try Data(contentsOf: URL(filePath: path))
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      writer.write(StoreBench.alert())
      #expect(writer.trouble?.contains("move them away") == true)
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }
  }

  /// One wrong word in a policy must not cost anybody a file.
  @Test(arguments: ["text", "a capture", "another database", "another's mark", "a damaged database"])
  func `what is no store of ours is left as it is`(kind: String) throws {
    try StoreBench.withPath { path in
      switch kind {
      case "text": try Data("site: north\n".utf8).write(to: URL(filePath: path))
      case "a capture":
        try Data([0xd4, 0xc3, 0xb2, 0xa1] + [UInt8](repeating: 1, count: 9_000)).write(to: URL(filePath: path))
      default:
        let database = try DatabaseQueue(path: path)
        try database.write { database in
          try database.execute(sql: "CREATE TABLE alerts (a); INSERT INTO alerts VALUES (1)")
          if kind == "another's mark" { try database.execute(sql: "PRAGMA application_id = 9") }
        }
        try database.close()
        if kind == "a damaged database" {
          var bytes = try Data(contentsOf: URL(filePath: path))
          for index in 100..<bytes.count { bytes[index] = 0x41 }
          try bytes.write(to: URL(filePath: path))
        }
      }
      let before = try Data(contentsOf: URL(filePath: path))
      let refusal = try #require(StoreFailure.refusal(of: path))
      #expect(refusal.kind == .foreign && refusal.sentence.contains("give the store another path"))
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      writer.write(StoreBench.alert())
      writer.close()
      #expect(writer.trouble == refusal.sentence)
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: URL(filePath: path).deletingLastPathComponent().path).count
          == 1)
    }
  }

  @Test func `an empty file, none, and a store without its mark are ours to write`() throws {
    try StoreBench.withPath { path in
      #expect(StoreFailure.refusal(of: path) == nil)
      try Data().write(to: URL(filePath: path))
      #expect(StoreFailure.refusal(of: path) == nil)
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
      writer.write(StoreBench.alert())
      writer.close()
      #expect(StoreOwner(of: path) == .us)
      // As an earlier version left it.
      let database = try DatabaseQueue(path: path)
      try database.write { try $0.execute(sql: "PRAGMA application_id = 0") }
      try database.close()
      #expect(StoreOwner(of: path) == .us)
    }
  }

  @Test func `a store that somebody removes is begun anew, and that is told`() throws {
    try StoreBench.withPath { path in
      let writer = StoreWriter(path: path, keep: .seconds(86_400), mode: .queued)
      writer.write(StoreBench.alert(1))
      #expect(writer.flush() && writer.takeLoss() == nil)
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
      writer.write(StoreBench.alert(2))
      #expect(writer.flush())
      #expect(writer.takeLoss()?.sentence?.contains("removed or replaced") == true)
      #expect(writer.takeRepairs().count == 1)
      let stored = try StoreReader(path: path).alerts(AlertQuery())
      #expect(stored.count == 1)
      writer.write(StoreBench.alert(3))
      #expect(writer.flush() && writer.takeLoss() == nil)
      writer.close()
    }
  }

  @Test func `what fails is in trouble until it works`() throws {
    try StoreBench.withPath { path in
      let folder = path + ".d"
      let writer = StoreWriter(path: folder + "/minewatch.db", keep: .seconds(86_400), mode: .direct)
      #expect(writer.trouble?.contains("see that the folder is there") == true)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      writer.write(StoreBench.alert(1))
      #expect(writer.trouble == nil)
      writer.close()
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
