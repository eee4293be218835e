import Capture
import Foundation
import Glibc
import Testing

@testable import Sinks

struct FileSinkTests {
  private func line(_ number: Int, _ length: Int = 100) -> [UInt8] {
    Array("\(number) ".utf8) + Array(repeating: UInt8(ascii: "x"), count: length) + [UInt8(ascii: "\n")]
  }

  @Test func `appends whole lines and keeps what is there`() throws {
    try Programs.withFolder { folder in
      let path = folder + "/eve.json"
      try "before\n".write(toFile: path, atomically: false, encoding: .utf8)
      let sink = FileSink(kind: "eve", path: path)
      let progress = sink.write([Array("one\n".utf8), Array("two\n".utf8)])
      #expect(progress.taken == 2)
      #expect(progress.failure == nil)
      #expect(Programs.contents(path) == "before\none\ntwo\n")
    }
  }

  @Test func `makes a file that others cannot read`() throws {
    try Programs.withFolder { folder in
      let path = folder + "/alerts.log"
      try FileSink(kind: "log", path: path).open()
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect((mode ?? 0o777) & 0o137 == 0)
    }
  }

  @Test func `ends the half line that a crash left`() throws {
    try Programs.withFolder { folder in
      let path = folder + "/eve.json"
      try #"whole\#n{"half":"#.write(toFile: path, atomically: false, encoding: .utf8)
      let sink = FileSink(kind: "eve", path: path)
      _ = sink.write([Array("good\n".utf8)])
      #expect(Programs.lines(path) == ["whole", #"{"half":"#, "good"])
    }
  }

  @Test func `writes more than one batch`() throws {
    try Programs.withFolder { folder in
      let path = folder + "/eve.json"
      let lines = (0..<5_000).map { line($0, 200) }
      #expect(FileSink(kind: "eve", path: path).write(lines[...]).taken == 5_000)
      try #expect(Data(contentsOf: URL(filePath: path)) == Data(lines.joined()))
    }
  }

  @Test func `goes on in the new file after a rotation`() throws {
    try Programs.withFolder { folder in
      let path = folder + "/eve.json"
      let sink = FileSink(kind: "eve", path: path)
      _ = sink.write([Array("one\n".utf8)])
      try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
      _ = sink.write([Array("two\n".utf8)])
      sink.reopen()
      _ = sink.write([Array("three\n".utf8)])
      #expect(Programs.contents(path + ".1") == "one\ntwo\n")
      #expect(Programs.contents(path) == "three\n")
    }
  }

  @Test func `notices that its file was removed`() throws {
    try Programs.withFolder { folder in
      let path = folder + "/eve.json"
      let sink = FileSink(kind: "eve", path: path)
      _ = sink.write([Array("one\n".utf8)])
      try FileManager.default.removeItem(atPath: path)
      _ = sink.write([Array("two\n".utf8)])
      #expect(Programs.contents(path) == "two\n")
    }
  }

  // MARK: What goes wrong

  @Test func `says which folder is missing and makes none`() throws {
    try Programs.withFolder { folder in
      let sink = FileSink(kind: "log", path: folder + "/a/b/alerts.log")
      let progress = sink.write([Array("x\n".utf8)])
      #expect(progress.taken == 0)
      #expect(
        progress.failure?.description == """
          log \(folder)/a/b/alerts.log: No such file or directory: folder \(folder)/a is missing: create it, writable for \
          the user that Minewatch runs as
          """)
      #expect(!FileManager.default.fileExists(atPath: folder + "/a"))
    }
  }

  @Test func `follows no symbolic link`() throws {
    try Programs.withFolder { folder in
      try "secret".write(toFile: folder + "/passwd", atomically: false, encoding: .utf8)
      try FileManager.default.createSymbolicLink(atPath: folder + "/eve.json", withDestinationPath: folder + "/passwd")
      let progress = FileSink(kind: "eve", path: folder + "/eve.json").write([Array("x\n".utf8)])
      #expect(progress.failure?.code == ELOOP)
      #expect(Programs.contents(folder + "/passwd") == "secret")
    }
  }

  @Test func `refuses what is no file, and does not wait for a pipe's reader`() throws {
    try Programs.withFolder { folder in
      #expect(FileSink(kind: "eve", path: folder).write([[10]]).failure?.code == EISDIR)
      try #expect(Programs.run("/usr/bin/mkfifo", [folder + "/pipe"]).status == 0)
      #expect(FileSink(kind: "eve", path: folder + "/pipe").write([[10]]).failure?.code == ENXIO)
    }
  }

  @Test func `tells a full disk from a device that is always full`() {
    let sink = FileSink(kind: "eve", path: "/dev/full")
    let progress = sink.write([Array("x\n".utf8)])
    #expect(progress.taken == 0)
    #expect(progress.failure?.code == ENOSPC)
    #expect(progress.failure?.description.contains("free some space") == true)
    #expect(!sink.isMidLine)
  }

  // MARK: A full disk

  @Test(.enabled(if: Programs.canMount, "needs the right to mount a tmpfs"))
  func `finishes the torn line when there is room again`() throws {
    try Programs.withFolder { folder in
      try Programs.withSmallDisk(in: folder, kilobytes: 64) { disk in
        try Data(count: 40_000).write(to: URL(filePath: disk + "/ballast"))
        let sink = FileSink(kind: "eve", path: disk + "/eve.json")
        let lines = (0..<300).map { line($0) }
        let first = sink.write(lines[...])
        #expect(first.failure?.code == ENOSPC)
        #expect(sink.isMidLine, "a page does not end where a line does")
        #expect(first.taken > 100)
        #expect(sink.write(lines.dropFirst(first.taken)).taken == 0)

        try FileManager.default.removeItem(atPath: disk + "/ballast")
        let second = sink.write(lines.dropFirst(first.taken))
        #expect(second.failure == nil)
        #expect(!sink.isMidLine)
        try #expect(Data(contentsOf: URL(filePath: disk + "/eve.json")) == Data(lines.joined()))
      }
    }
  }

  @Test(.enabled(if: Programs.canMount, "needs the right to mount a tmpfs"))
  func `writes the torn line whole when the file is another one`() throws {
    try Programs.withFolder { folder in
      try Programs.withSmallDisk(in: folder, kilobytes: 64) { disk in
        try Data(count: 40_000).write(to: URL(filePath: disk + "/ballast"))
        let path = disk + "/eve.json"
        let sink = FileSink(kind: "eve", path: path)
        let lines = (0..<300).map { line($0) }
        let first = sink.write(lines[...])
        #expect(sink.isMidLine)

        try FileManager.default.removeItem(atPath: disk + "/ballast")
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        sink.reopen()
        #expect(sink.write(lines.dropFirst(first.taken)).failure == nil)
        try #expect(Data(contentsOf: URL(filePath: path)) == Data(lines.dropFirst(first.taken - 1).joined()))
        #expect(Programs.lines(path + ".1").count == first.taken - 1)
      }
    }
  }

  @Test(.enabled(if: Programs.canMount, "needs the right to mount a tmpfs"))
  func `starts the torn line anew behind what somebody else wrote`() throws {
    try Programs.withFolder { folder in
      try Programs.withSmallDisk(in: folder, kilobytes: 64) { disk in
        try Data(count: 40_000).write(to: URL(filePath: disk + "/ballast"))
        let path = disk + "/eve.json"
        let sink = FileSink(kind: "eve", path: path)
        let lines = (0..<300).map { line($0) }
        let first = sink.write(lines[...])
        #expect(sink.isMidLine)

        try FileManager.default.removeItem(atPath: disk + "/ballast")
        try #expect(Programs.run("/bin/sh", ["-c", "printf foreign >>\(path)"]).status == 0)
        #expect(sink.write([]).failure == nil)
        let last = Programs.lines(path).suffix(2)
        #expect(last.first?.hasSuffix("foreign") == true)
        #expect(last.last.map { Array(($0 + "\n").utf8) } == lines[first.taken - 1])
      }
    }
  }

  @Test(.enabled(if: Programs.canMount, "needs the right to mount a tmpfs"))
  func `says that the file system is read-only, and writes when it no longer is`() throws {
    try Programs.withFolder { folder in
      try Programs.withSmallDisk(in: folder, kilobytes: 64) { disk in
        let sink = FileSink(kind: "log", path: disk + "/alerts.log")
        try #expect(Programs.run("/usr/bin/mount", ["-o", "remount,ro", disk]).status == 0)
        let failure = sink.write([Array("x\n".utf8)]).failure
        #expect(failure?.code == EROFS)
        #expect(failure?.description.contains("ReadWritePaths=") == true)
        try #expect(Programs.run("/usr/bin/mount", ["-o", "remount,rw", disk]).status == 0)
        #expect(sink.write([Array("x\n".utf8)]).failure == nil)
        #expect(Programs.contents(disk + "/alerts.log") == "x\n")
      }
    }
  }
}
