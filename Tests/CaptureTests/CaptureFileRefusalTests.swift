import Capture
import Foundation
import Glibc
import Testing

@Suite struct CaptureFileRefusalTests {
  @Test func `says that a file is missing, empty or a directory`() throws {
    #expect(Reading(path: "/no/such/file").failure == .noSuchFile(path: "/no/such/file"))
    #expect(Reading(path: "").failure == .noSuchFile(path: ""))
    #expect(Reading(path: "/etc\0/passwd").failure == .noSuchFile(path: "/etc\0/passwd"))
    #expect(Reading(path: "/").failure == .directory(path: "/"))
    let empty = try TemporaryFile([])
    #expect(Reading(path: empty.path).failure == .empty(path: empty.path))
  }

  @Test(.disabled(if: geteuid() == 0, "root may read every file"))
  func `says that a file may not be read`() throws {
    let file = try TemporaryFile(CaptureFileTests.fiveFrames.bytes)
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file.path)
    #expect(Reading(path: file.path).failure == .fileNotPermitted(path: file.path))
  }

  @Test(
    arguments: [
      ([0x1f, 0x8b, 8, 0], Compression.gzip, "zcat FILE | minewatch replay -"),
      ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], .xz, "xzcat FILE | minewatch replay -"),
      ([0x28, 0xb5, 0x2f, 0xfd], .zstd, "zstdcat FILE | minewatch replay -"),
      ([0x42, 0x5a, 0x68, 0x39], .bzip2, "bzcat FILE | minewatch replay -"),
      ([0x04, 0x22, 0x4d, 0x18], .lz4, "lz4cat FILE | minewatch replay -"),
    ] as [([UInt8], Compression, String)])
  func `names the program that unpacks a compressed file`(magic: [UInt8], by: Compression, cure: String) throws {
    let file = try TemporaryFile(magic + [UInt8](repeating: 0, count: 100))
    let failure = try #require(Reading(path: file.path).failure)
    #expect(failure == .compressed(path: file.path, by: by))
    #expect(failure.sentence.contains(cure))
  }

  @Test(arguments: ["hello, world, this is no capture file", "(", "BZ", "\u{1f}", "\n", "{\"a\":1}"])
  func `refuses text`(text: String) throws {
    let failure = try #require(try Reading(bytes: Array(text.utf8)).failure)
    guard case .notACapture = failure else {
      Issue.record(failure)
      return
    }
  }

  @Test(arguments: [(105, "IEEE802_11 (105)"), (0, "NULL (0)"), (60_000, "unknown (60000)")])
  func `names a link type that is not read`(linkType: UInt32, name: String) throws {
    let failure = try #require(try Reading(bytes: CaptureBytes.pcap(linkType: linkType).bytes).failure)
    #expect(failure.exitStatus == .badCapture)
    #expect(failure.sentence.contains(name), "\(failure)")
  }

  @Test(arguments: ["tcp prot 3333", "host", "port 99999", "(", "tcp\0", "not host pool.example"])
  func `quotes a filter that is not valid`(filter: String) throws {
    let failure = try #require(try Reading(bytes: CaptureFileTests.fiveFrames.bytes, filter: filter).failure)
    guard case .badFilter(filter, _, let reason) = failure else {
      Issue.record(failure)
      return
    }
    #expect(!reason.isEmpty)
    #expect(failure.exitStatus == .badConfiguration)
    #expect(failure.sentence.contains("\"\(filter.replacingOccurrences(of: "\0", with: "?"))\""))
    #expect(isOneSentence(failure.sentence))
  }
}
