import Foundation
import Testing

/// What the programs do when nobody takes what they say: a full disk, a pipe whose reader is gone, a stream that is closed.
@Suite(.serialized)
struct BrokenStreamTests {
  /// Runs a line of sh(1) in which `$M` is the program, `$P` the demo's policy and `$C` a capture.
  private static func shell(_ line: String, capture: String = "", temporary: URL? = nil) throws -> Program {
    var environment = ["M": Program.minewatch, "P": CommandTests.demoPolicy, "C": capture]
    environment["TMPDIR"] = temporary?.path
    return try Program.run(["-c", line], of: "/bin/sh", environment: environment)
  }

  @Test(arguments: ["rules", "rules pool.unlisted", "check -c $P", "drill", "drill pool-switch"], ["/dev/full", "&-"])
  func `output that cannot be written is one line and 74`(command: String, place: String) throws {
    let result = try Self.shell("$M \(command) >\(place)")
    #expect(result.status == 74, "\(result.errors)")
    #expect(
      result.errors.hasPrefix("minewatch: ") && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
  }

  @Test(arguments: ["replay -c $P $C", "replay -c $P --eve - $C", "learn $C"])
  func `a capture's outcome that cannot be written ends with 74`(command: String) throws {
    let capture = try CommandTests.attackedCapture()
    defer { try? FileManager.default.removeItem(atPath: capture) }
    for place in ["/dev/full", "&-"] {
      let result = try Self.shell("$M \(command) >\(place)", capture: capture)
      #expect(result.status == 74, "\(result.errors)")
    }
    for place in ["/dev/full", "&-"] {
      #expect(
        try Self.shell("$M \(command) 2>\(place)", capture: capture).status == 0, "an error that nobody hears is none")
    }
  }

  @Test
  func `a reader that leaves early is no failure, and nothing is left behind`() throws {
    let folder = try Temporary.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    for command in ["rules", "drill pool-switch", "drill all"] {
      let result = try Self.shell("{ $M \(command); echo $? >&2; } | head -1 >/dev/null", temporary: folder)
      #expect(result.errors == "0\n", "\(result.errors)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  /// The next file that is opened would have the number of the stream that is closed.
  @Test
  func `nothing meant for a closed stream lands in a file`() throws {
    let capture = try CommandTests.attackedCapture()
    let eve = capture + ".eve"
    defer { [capture, eve].forEach { try? FileManager.default.removeItem(atPath: $0) } }
    _ = try Self.shell("$M replay -c $P --eve $C.eve $C >&- 2>&-", capture: capture)
    for line in try String(contentsOfFile: eve, encoding: .utf8).split(separator: "\n") {
      #expect(line.hasPrefix("{"), "\(line)")
    }
  }
}

extension LiveTests {
  @Test(arguments: ["/dev/full", "&-"])
  func `a log that cannot be written does not end the watch`(place: String) throws {
    guard let site = try Site() else { return }
    let command = "exec '\(Program.minewatch)' run -c '\(site.policyPath)' -i \(site.wire.interface) 2>\(place)"
    let daemon = try Running(["-c", command], of: "/bin/sh")
    #expect(daemon.wait { site.alerts.contains("monitor.lifecycle") })
    try site.write(policy: site.policy + "bogus: 1\n")
    kill(daemon.process.processIdentifier, SIGHUP)
    #expect(daemon.wait { site.alerts.contains("monitor.config-rejected") })
    daemon.process.terminate()
    #expect(try daemon.wait().status == 0)
    #expect(site.alerts.filter { $0 == "monitor.lifecycle" }.count == 2, "started and stopped")
  }

  /// A pipe that is full and a reader that sleeps.
  @Test
  func `a log that nobody reads does not stop the watch`() throws {
    guard let site = try Site() else { return }
    let command = """
      '\(Program.minewatch)' run -c '\(site.policyPath)' -i \(site.wire.interface) 2>&1 >/dev/null & echo $! >'\(site.folder.path)/pid'
      wait $!
      """
    let daemon = try Running(["-c", "{ \(command)\n} | sleep 600"], of: "/bin/sh")
    #expect(daemon.wait { site.alerts.contains("monitor.lifecycle") })
    let written = try String(contentsOfFile: site.folder.path + "/pid", encoding: .utf8)
    let process = try #require(pid_t(written.trimmingCharacters(in: .whitespacesAndNewlines)))
    // More than a pipe holds, were it all said.
    let wrong = (0..<400).map { "bogus-\($0)-\(String(repeating: "x", count: 400)): 1\n" }.joined()
    for turn in 1...12 {
      try site.write(policy: site.policy + wrong + "turn-\(turn): 1\n")
      kill(process, SIGHUP)
      #expect(daemon.wait { site.alerts.filter { $0 == "monitor.config-rejected" }.count >= 1 })
    }
    try site.wire.send(site.capture, packetsPerSecond: 20_000)
    #expect(daemon.wait { site.alerts.contains("pool.unlisted") })
    kill(process, SIGTERM)
    #expect(
      daemon.wait { site.alerts.filter { $0 == "monitor.lifecycle" }.count >= 2 }, "started and stopped")
    daemon.process.terminate()
  }

  /// Where the log and the store fail together, only the daemon's own words are left.
  @Test
  func `a full disk is told in the daemon's log while it lasts`() throws {
    guard let site = try Site() else { return }
    let disk = site.folder.path + "/disk"
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    guard let mount = Program.path(of: "mount"), let umount = Program.path(of: "umount"),
      try Program.run(["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], of: mount).status == 0
    else {
      print("skipped: no disk can be mounted here")
      return
    }
    defer { _ = try? Program.run(["-l", disk], of: umount) }
    try site.write(policy: site.policy.replacing("\(site.folder.path)/", with: "\(disk)/"))
    let daemon = try site.start()
    let filler = disk + "/filler"
    try Self.fill(filler)
    try site.wire.send(site.capture, packetsPerSecond: 20_000)
    let words = ["\(disk)/eve.json: No space left on device", "store \(disk)/minewatch.db: database or disk is full"]
    #expect(daemon.wait { words.allSatisfy(daemon.errors.contains) }, "\(daemon.errors)")
    try FileManager.default.removeItem(atPath: filler)
    #expect(
      daemon.wait { daemon.errors.contains("eve \(disk)/eve.json: written again") }, "\(daemon.errors)")
    #expect(daemon.wait { daemon.errors.contains("minewatch.db: written again") }, "\(daemon.errors)")
    daemon.process.terminate()
    #expect(try daemon.wait().status == 0)
  }

  /// Takes all the room that is left.
  private static func fill(_ path: String) throws {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    for size in [1 << 16, 1 << 12, 1] {
      while (try? file.write(contentsOf: Data(repeating: 1, count: size))) != nil {}
    }
    try file.close()
  }
}
