import Capture
import Decode
import Foundation
import Glibc
import Rules
import Testing

@testable import Sinks

struct EvidenceSinkTests {
  /// The evidence of the login, so many seconds later than it was, with one frame of so many bytes.
  private func file(_ seconds: Int = 0, bytes: Int = 100) -> EvidenceFile {
    var finding = Fixtures.login()
    finding.time = finding.time.advanced(by: .seconds(seconds))
    var file = EvidenceFile(for: finding, linkType: .ethernet)
    file.append([UInt8](repeating: 0x55, count: bytes), originalLength: bytes, at: finding.time)
    return file
  }

  private func captures(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  // MARK: Files

  @Test func `is named for its alert, in letters that no shell and no scp minds`() {
    #expect(file().name.hasPrefix("20261122T142501.123456Z-pool.unlisted-1870246-"))
    var finding = Fixtures.finding(flow: nil)
    #expect(EvidenceFile(for: finding, linkType: .ethernet).name.contains("-site-"))
    finding.miner = Finding.Miner(address: Fixtures.address("2001:db8::1"))
    finding.subject = "../../etc/passwd\n"
    let name = EvidenceFile(for: finding, linkType: .ethernet).name
    #expect(name.contains("-2001_db8__1-"))
    #expect(EvidenceFile.isName(name))
    var other = finding
    other.subject = "another"
    #expect(EvidenceFile(for: other, linkType: .ethernet).name != name)
  }

  @Test func `a hash of its first bytes stays true when it grows`() {
    var file = file()
    let before = (bytes: file.bytes, reference: file.reference(in: "/e"))
    file.append([1, 2, 3], originalLength: 1_500, at: Fixtures.time)
    #expect(file.bytes.prefix(before.reference.bytes) == before.bytes[...])
    #expect(file.sha256 != before.reference.sha256)
    #expect(before.reference.packets == 1)
    #expect(file.reference(in: "/e").packets == 2)
    #expect(before.reference.file == "/e/\(file.name)")
  }

  @Test func `hashes as sha256sum does, and capinfos reads it`() throws {
    try Programs.withFolder { folder in
      let file = file()
      #expect(EvidenceSink(folder: folder, keep: 1 << 20).write([EvidenceSink.line(file)]).taken == 1)
      let path = "\(folder)/\(file.name)"
      let sum = try Programs.run("/usr/bin/sha256sum", [path])
      #expect(sum.output.hasPrefix(file.sha256 + " "))
      guard Programs.isInstalled("/usr/bin/capinfos") else { return print("skipped: capinfos is not installed") }
      let facts = try Programs.run("/usr/bin/capinfos", ["-M", "-c", "-t", "-E", path])
      #expect(facts.output.contains("nsecpcap"), "\(facts.output)")
      #expect(facts.output.contains("Number of packets:   1"), "\(facts.output)")
    }
  }

  // MARK: The folder

  @Test func `makes its folder, and files that others cannot read`() throws {
    try Programs.withFolder { parent in
      let folder = parent + "/evidence"
      let sink = EvidenceSink(folder: folder, keep: 1 << 20)
      try sink.open()
      let file = file()
      #expect(sink.write([EvidenceSink.line(file)]).failure == nil)
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(file.name)")
      #expect((attributes[.posixPermissions] as? Int ?? 0o777) & 0o137 == 0)
      #expect(captures(folder) == [file.name])
      try #expect(Data(contentsOf: URL(filePath: "\(folder)/\(file.name)")) == Data(file.bytes))
    }
  }

  @Test func `a file that grew takes the place of its beginning`() throws {
    try Programs.withFolder { folder in
      let sink = EvidenceSink(folder: folder, keep: 1 << 20)
      var file = file()
      _ = sink.write([EvidenceSink.line(file)])
      file.append([1, 2, 3], originalLength: 3, at: Fixtures.time)
      _ = sink.write([EvidenceSink.line(file)])
      #expect(captures(folder) == [file.name])
      try #expect(Data(contentsOf: URL(filePath: "\(folder)/\(file.name)")) == Data(file.bytes))
    }
  }

  @Test func `keeps so much, the oldest go first, those of earlier runs too, and nothing else is touched`() throws {
    try Programs.withFolder { folder in
      try "mine".write(toFile: folder + "/notes.pcap", atomically: false, encoding: .utf8)
      let size = file().bytes.count
      let earlier = EvidenceSink(folder: folder, keep: 3 * size)
      for number in 1...3 { _ = earlier.write([EvidenceSink.line(file(number))]) }
      // A crash in the middle of a write leaves its draft.
      try "half".write(toFile: "\(folder)/.\(file(9).name).part", atomically: false, encoding: .utf8)

      let sink = EvidenceSink(folder: folder, keep: 3 * size)
      for number in 4...5 { _ = sink.write([EvidenceSink.line(file(number))]) }
      #expect(captures(folder) == (3...5).map { file($0).name } + ["notes.pcap"])
      // One that is older than all others, and one that is larger than all that may be kept.
      _ = sink.write([EvidenceSink.line(file(1))])
      #expect(captures(folder) == ([1, 3, 4, 5].map { file($0).name } + ["notes.pcap"]))
      _ = sink.write([EvidenceSink.line(file(6, bytes: 10 * size))])
      #expect(captures(folder) == [file(6).name, "notes.pcap"])
    }
  }

  @Test func `so many files at the most`() throws {
    try Programs.withFolder { folder in
      let sink = EvidenceSink(folder: folder, keep: 1 << 20, fileLimit: 2)
      for number in 1...4 { _ = sink.write([EvidenceSink.line(file(number))]) }
      #expect(captures(folder) == [file(3).name, file(4).name])
    }
  }

  // MARK: What goes wrong

  @Test func `a folder that is gone is made again`() throws {
    try Programs.withFolder { parent in
      let folder = parent + "/evidence"
      let sink = EvidenceSink(folder: folder, keep: 1 << 20)
      _ = sink.write([EvidenceSink.line(file(1))])
      try FileManager.default.removeItem(atPath: folder)
      #expect(sink.write([EvidenceSink.line(file(2))]).failure == nil)
      #expect(captures(folder) == [file(2).name])
    }
  }

  @Test func `says what is wrong and keeps what it was given`() throws {
    try Programs.withFolder { parent in
      let folder = parent + "/missing/evidence"
      let sink = EvidenceSink(folder: folder, keep: 1 << 20)
      let progress = sink.write([EvidenceSink.line(file())])
      #expect(progress.taken == 0)
      #expect(
        progress.failure?.description
          == "evidence \(folder): No such file or directory: the folder above it is missing: create it, "
          + "writable for the user that Minewatch runs as")
      // A link of somebody else's under the file's own name is replaced, not followed.
      let made = parent + "/made"
      try FileManager.default.createDirectory(atPath: made, withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(
        atPath: "\(made)/\(file().name)", withDestinationPath: parent + "/victim")
      #expect(EvidenceSink(folder: made, keep: 1 << 20).write([EvidenceSink.line(file())]).failure == nil)
      #expect(!FileManager.default.fileExists(atPath: parent + "/victim"))
    }
  }

  @Test(.enabled(if: Programs.canMount, "needs the right to mount a tmpfs"))
  func `a full disk gets no half file, and what waits is written when there is room`() throws {
    try Programs.withFolder { folder in
      try Programs.withSmallDisk(in: folder, kilobytes: 64) { disk in
        try Data(count: 50_000).write(to: URL(filePath: disk + "/ballast"))
        let writer = SinkWriter(EvidenceSink(folder: disk, keep: 1 << 20), mode: .queued)
        writer.write(EvidenceSink.line(file(1, bytes: 30_000)))
        #expect(!writer.flush(timeout: .seconds(60)))
        let loss = writer.takeLoss()
        #expect(loss?.lines == 0)
        #expect(loss?.lastError?.contains("free some space") == true)
        // It is tried again now and then, under a name that no one takes for a capture, and taken away again.
        #expect(Programs.eventually { captures(disk) == ["ballast"] })
        try FileManager.default.removeItem(atPath: disk + "/ballast")
        #expect(Programs.eventually { captures(disk) == [file(1).name] })
        #expect(writer.close(timeout: .seconds(120)))

        try #expect(Programs.run("/usr/bin/mount", ["-o", "remount,ro", disk]).status == 0)
        let failure = EvidenceSink(folder: disk, keep: 1 << 20).write([EvidenceSink.line(file(2))]).failure
        #expect(failure?.code == EROFS)
      }
    }
  }
}
