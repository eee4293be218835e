import Foundation
import Testing

extension CommandTests {
  @Test
  func `a replay keeps evidence where it is told, and tshark opens it`() throws {
    let capture = try Self.attackedCapture()
    let folder = try Temporary.folder()
    defer {
      try? FileManager.default.removeItem(atPath: capture)
      try? FileManager.default.removeItem(at: folder)
    }
    let result = try Program.run(["replay", "--config", Self.demoPolicy, "--evidence", folder.path, capture])
    #expect(result.status == 0, "\(result.errors)")
    let named = result.output.split(separator: "\n").compactMap { line in
      line.firstMatch(of: #/ evidence (\S+\.pcap)$/#).map { String($0.1) }
    }
    #expect(named.count > 10)
    for path in named { #expect(FileManager.default.fileExists(atPath: path), "\(path)") }
    guard let tshark = Program.path(of: "tshark"), let first = named.first else {
      print("skipped: tshark is not installed")
      return
    }
    let read = try Program.run(["-n", "-r", first], of: tshark)
    #expect(read.status == 0, "\(read.errors)")
    #expect(!read.output.isEmpty)
  }
}
