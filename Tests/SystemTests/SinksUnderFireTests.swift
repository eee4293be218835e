import Foundation
import Testing

/// The daemon while what it writes to fails: it goes on watching, and says what could not be written.
extension LiveTests {
  @Test
  func `sinks that fail stop neither the watch nor the others, and are told where it can be`() throws {
    guard let site = try Site() else { return }
    let folder = site.folder.path
    // A folder that is missing, one whose place is taken, and nobody behind the socket.
    try "".write(toFile: folder + "/taken", atomically: true, encoding: .utf8)
    try site.write(
      policy: site.policy
        .replacing("log: {path: \(folder)/alerts.log}", with: "log: {path: \(folder)/missing/alerts.log}")
        .replacing(
          "  eve:",
          with: """
              syslog: {socket: \(folder)/nobody}
              evidence: {path: \(folder)/taken/evidence}
              eve:
            """))
    let daemon = try site.start()
    for name in ["log \(folder)/missing/alerts.log", "syslog \(folder)/nobody", "evidence \(folder)/taken/evidence"] {
      #expect(daemon.errors.contains(name), "\(daemon.errors)")
    }
    try site.wire.send(site.capture, packetsPerSecond: 20_000)
    #expect(daemon.wait { site.alerts.contains("stratum.unexpected-method") })

    // One comes back, and gets what waited.
    try FileManager.default.createDirectory(atPath: folder + "/missing", withIntermediateDirectories: false)
    let moved = folder + "/missing/alerts.log"
    #expect(daemon.wait { Self.lines(moved).contains { $0.contains(" pool.unlisted ") } })
    daemon.process.terminate()
    let ended = try daemon.wait()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.errors.contains(" 0 dropped"), "\(ended.errors)")
    let told = Self.lines(folder + "/eve.json").filter { $0.contains("monitor.overload") }.joined()
    #expect(told.contains("\(folder)/nobody: No such file or directory"), "\(told)")
    #expect(told.contains("\(folder)/taken/evidence: Not a directory"), "\(told)")
  }

  @Test
  func `logrotate under load loses no line and cuts none`() throws {
    guard let logrotate = Program.path(of: "logrotate") else {
      print("skipped: logrotate is not installed")
      return
    }
    guard let site = try Site() else { return }
    let folder = site.folder.path
    try site.write(policy: site.policy.replacing("types: [alert]", with: "types: [alert, flow]"))
    let daemon = try site.start()
    // The shipped file, with this folder's places, as often as it is asked, and with no service manager between.
    let rules = try String(
      contentsOf: Program.root.appendingPathComponent("Configs/logrotate/minewatch"), encoding: .utf8
    )
    .replacing("/var/log/minewatch/", with: folder + "/")
    .replacing("su minewatch minewatch", with: "su root root")
    .replacing(
      /(?s)postrotate.*endscript/, with: "postrotate\n\t\tkill -HUP \(daemon.process.processIdentifier)\n\tendscript"
    )
    .replacing("rotate 30", with: "rotate 1000").replacing("\tdelaycompress\n\tcompress\n", with: "")
    try rules.write(toFile: folder + "/rotate.conf", atomically: true, encoding: .utf8)
    var rotations = 0
    for _ in 0..<3 {
      let load = try site.wire.startSending(site.capture, packetsPerSecond: 20_000)
      while load.process.isRunning {
        let turn = try Program.run(["--force", "--state", folder + "/state", folder + "/rotate.conf"], of: logrotate)
        #expect(turn.status == 0, "\(turn.errors)")
        rotations += 1
      }
      #expect(try load.wait().status == 0)
    }
    #expect(rotations > 3)
    daemon.process.terminate()
    let ended = try daemon.wait()
    #expect(ended.status == 0, "\(ended.errors)")

    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    let events = files.filter { $0.hasPrefix("eve.json") }.flatMap { Self.lines("\(folder)/\($0)") }
    let broken = events.filter { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) == nil }
    #expect(broken.isEmpty, "\(broken)")
    let texts = files.filter { $0.hasPrefix("alerts.log") }.flatMap { Self.lines("\(folder)/\($0)") }
    // The store has every alert that was accepted, too, and is not rotated.
    let stored = try Program.run(["alerts", "--json", "--store", folder + "/minewatch.db", "--since", "1h"]).output
      .split(separator: "\n").count
    #expect(stored > 20)
    #expect(events.filter { $0.contains(#""event_type":"alert""#) }.count == stored)
    #expect(texts.count == stored)
    #expect(texts.allSatisfy { $0.hasPrefix("20") && $0.contains(" [x") })
  }

  /// The lines of a file; the last one has to end with a line feed like all others.
  private static func lines(_ path: String) -> [String] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.isEmpty || lines.last?.isEmpty == true
      ? lines.dropLast().map(String.init) : lines.map(String.init) + ["(cut)"]
  }
}
