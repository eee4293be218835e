import Foundation
import Policy
import Rules
import Testing

@testable import Sinks

private let journald = "/lib/systemd/systemd-journald"
private let canRun =
  Programs.canMount && Programs.isInstalled(journald) && Programs.isInstalled("/usr/bin/journalctl")
  && Programs.isInstalled(SocketPeer.python)

/// Hands entries to a real journald, in a mount namespace of its own, and asks journalctl for them.
@Suite(.enabled(if: canRun, "needs root, systemd-journald and python3"))
struct JournaldTests {
  /// - Returns: the entries that journalctl finds under a rule's name, as it exports them.
  private func entries(_ messages: [[UInt8]]) throws -> [[String: Any]] {
    try Programs.withFolder { folder in
      for (index, message) in messages.enumerated() {
        try Data(message).write(to: URL(filePath: "\(folder)/\(index)"))
      }
      let script = """
        set -e
        mount --make-rprivate /; mount -t tmpfs tmpfs /run
        mkdir -p /run/systemd/journal /run/log/journal /run/systemd/system
        SYSTEMD_LOG_TARGET=null \(journald) & daemon=$!
        for try in $(seq 6000); do [ -S /run/systemd/journal/socket ] && break; sleep 0.01; done
        \(SocketPeer.python) -c '
        import socket
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.connect("/run/systemd/journal/socket")
        for n in range(\(messages.count)): s.send(open("\(folder)/%d" % n, "rb").read())'
        for try in $(seq 6000); do
          journalctl --directory=/run/log/journal --output=json MINEWATCH_RULE=pool.unlisted >\(folder)/out 2>/dev/null || true
          [ "$(wc -l <\(folder)/out)" = \(messages.count) ] && break; sleep 0.01
        done
        kill -KILL $daemon
        """
      _ = try Programs.run("/usr/bin/unshare", ["--mount", "/bin/bash", "-c", script])
      return Programs.lines(folder + "/out").compactMap { line in
        (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
      }
    }
  }

  @Test func `every field is found, whatever the wire put into one`() throws {
    let format = JournalFormat(origin: Fixtures.origin, facility: .daemon)
    var forged = Fixtures.login()
    forged.miner?.agent = "x\nPRIORITY=7\nMINEWATCH_RULE=none"
    let entries = try entries([format.message(Fixtures.login()), format.message(forged)])
    try #require(entries.count == 2)
    #expect(entries[0]["PRIORITY"] as? String == "2")
    #expect(entries[0]["MESSAGE_ID"] as? String == JournalFormat.messageID(Fixtures.unlisted))
    #expect(entries[0]["SYSLOG_IDENTIFIER"] as? String == "minewatch")
    #expect(entries[0]["MINEWATCH_MINER"] as? String == "10.20.3.4")
    #expect((entries[0]["MESSAGE"] as? String)?.hasPrefix("critical pool.unlisted 10.20.3.4 (r3-u12) -> ") == true)
    #expect(entries[1]["PRIORITY"] as? String == "2")
    #expect(entries[1]["MINEWATCH_MINER_AGENT"] as? String == #"x\nPRIORITY=7\nMINEWATCH_RULE=none"#)
  }
}
