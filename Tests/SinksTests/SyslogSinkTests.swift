import Capture
import Foundation
import Glibc
import Policy
import Rules
import Testing

@testable import Sinks

@Suite(.enabled(if: Programs.isInstalled(SocketPeer.python), "needs python3"))
struct SyslogSinkTests {
  @Test func `a reader that stalls holds up nobody and loses nothing`() throws {
    try Programs.withFolder { folder in
      let peer = try SocketPeer(.datagram, at: folder + "/log")
      defer { peer.end() }
      try #require(Programs.eventually { peer.isReady })
      let writer = SinkWriter(SyslogSink(path: peer.path, mayBeCut: true), mode: .queued)
      let lines = (1...60).map { "message \($0)" }
      lines.forEach { writer.write(Array($0.utf8)) }
      // The kernel queues ten or so datagrams; the next is refused.
      #expect(!writer.flush(timeout: .seconds(5)))
      #expect(writer.takeLoss()?.lines == 0)
      peer.read()
      #expect(Programs.eventually { peer.lines.count == 60 })
      #expect(peer.lines == lines)
      #expect(writer.close(timeout: .seconds(120)))
      #expect(writer.takeLoss()?.lines ?? 0 == 0)
    }
  }

  @Test func `speaks to a stream where there are no datagrams`() throws {
    try Programs.withFolder { folder in
      let peer = try SocketPeer(.stream, at: folder + "/log")
      defer { peer.end() }
      try #require(Programs.eventually { peer.isReady })
      let sink = SyslogSink(path: peer.path, mayBeCut: true)
      // Bound is not yet listening: refused until then.
      #expect(Programs.eventually { sink.write([]).failure == nil && (try? sink.open()) != nil })
      let lines = ["one", "two", String(repeating: "long ", count: 1_000)].map { Array($0.utf8) }
      #expect(sink.write(lines[...]).taken == 3)
      #expect(Programs.eventually { peer.lines.map { Array($0.utf8) } == lines })
    }
  }

  @Test func `cuts what no datagram holds, or counts it as lost`() throws {
    try Programs.withFolder { folder in
      let peer = try SocketPeer(.datagram, at: folder + "/log")
      defer { peer.end() }
      try #require(Programs.eventually { peer.isReady })
      let long = Array(String(repeating: "é", count: 1_000_000).utf8)
      let progress = SyslogSink(path: peer.path, mayBeCut: true).write([long, Array("next".utf8)])
      #expect(progress.taken == 2)
      #expect(progress.lost == 0)
      let refused = SyslogSink(path: peer.path, mayBeCut: false).write([long])
      #expect(refused.taken == 1)
      #expect(refused.lost == 1)
      peer.read()
      #expect(Programs.eventually { peer.lines.count == 2 })
      #expect(peer.lines == [String(repeating: "é", count: 1_024), "next"])
    }
  }

  @Test func `says what is wrong with the socket and what to do`() throws {
    try Programs.withFolder { folder in
      let absent = SyslogSink(path: folder + "/log", mayBeCut: true).write([[65]])
      #expect(absent.taken == 0)
      #expect(
        absent.failure?.description
          == "syslog \(folder)/log: No such file or directory: start the syslog daemon, or correct the socket in the policy"
      )
      let long = SyslogSink(path: folder + String(repeating: "/x", count: 60), mayBeCut: true).write([[65]])
      #expect(long.failure?.code == ENAMETOOLONG)
    }
  }
}

@Suite(.enabled(if: Programs.isInstalled(RsyslogDaemon.program), "needs rsyslogd"))
struct RsyslogTests {
  private func settings(_ socket: String, _ format: Policy.SyslogFormat) -> SinkSet.Outlet {
    .syslog(Policy.SyslogSink(socket: socket, format: format, facility: .local5))
  }

  private let summary = """
    critical pool.unlisted 10.20.3.4 (r3-u12) -> 203.0.113.9:3333 evil.example: authorized as "mallory.x" [x1 #1870246]
    """

  @Test func `reads our RFC 3164`() throws {
    try Programs.withFolder { folder in
      let daemon = try RsyslogDaemon(in: folder)
      defer { daemon.end() }
      try #require(Programs.eventually { daemon.isReady })
      let sinks = SinkSet([settings(daemon.socket, .rfc3164)], origin: Fixtures.origin, mode: .direct)
      sinks.write(Fixtures.login())
      sinks.write(Fixtures.hostile("\u{1b}[2J\n<0>forged"))
      #expect(Programs.eventually { daemon.messages.count == 2 })
      let message = try #require(daemon.messages.first)
      #expect(message["severity"] == "crit")
      #expect(message["facility"] == "local5")
      #expect(message["rfc3164"] == CivilTime.rfc3164(Fixtures.time))
      #expect(message["tag"] == "minewatch[4711]:")
      #expect(message["message"]?.trimmingCharacters(in: .whitespaces) == summary)
      #expect(daemon.messages.last?["severity"] == "crit")
      #expect(daemon.messages.last?["message"]?.contains(#"\u{1b}[2J\n<0>forged"#) == true)
      #expect(sinks.losses().isEmpty)
    }
  }

  @Test func `reads our RFC 5424`() throws {
    try Programs.withFolder { folder in
      let daemon = try RsyslogDaemon(in: folder)
      defer { daemon.end() }
      try #require(Programs.eventually { daemon.isReady })
      let sinks = SinkSet([settings(daemon.modernSocket, .rfc5424)], origin: Fixtures.origin, mode: .direct)
      sinks.write(Fixtures.login())
      sinks.write(Fixtures.finding(Fixtures.captureLoss, .high, brief: "矿工 lost", flow: nil))
      #expect(Programs.eventually { daemon.messages.count == 2 })
      let message = try #require(daemon.messages.first)
      #expect(message["severity"] == "crit")
      #expect(message["facility"] == "local5")
      #expect(message["rfc3339"] == "2026-11-22T14:25:01.123456Z")
      #expect(message["host"] == "gw-north")
      #expect(message["app"] == "minewatch")
      #expect(message["process"] == "4711")
      #expect(message["msgid"] == "pool.unlisted")
      #expect(message["data"] == #"[meta sequenceId="1"]"#)
      #expect(message["message"]?.trimmingCharacters(in: .whitespaces) == summary)
      let last = try #require(daemon.messages.last)
      #expect(last["data"] == #"[meta sequenceId="2"]"#)
      #expect(last["message"]?.hasSuffix("high monitor.capture-loss gw-north: 矿工 lost [x1]") == true)
    }
  }

  @Test func `gets what it missed when it starts again`() throws {
    try Programs.withFolder { folder in
      let before = try RsyslogDaemon(in: folder)
      try #require(Programs.eventually { before.isReady })
      let sinks = SinkSet([settings(before.socket, .rfc3164)], origin: Fixtures.origin, mode: .queued)
      func write(_ number: Int) { sinks.write(Fixtures.finding(brief: "number \(number)")) }
      write(1)
      #expect(Programs.eventually { before.messages.count == 1 })
      before.end()

      (2...20).forEach(write)
      #expect(!sinks.flush())
      let loss = try #require(sinks.losses().first)
      #expect(loss.lines == 0)
      #expect(loss.failures > 0)
      #expect(loss.lastError?.contains("start the syslog daemon") == true)

      let after = try RsyslogDaemon(in: folder)
      defer { after.end() }
      (21...25).forEach(write)
      #expect(Programs.eventually { after.messages.count == 25 })
      let numbers = after.messages.compactMap { $0["message"]?.firstMatch(of: /number (\d+)/)?.1 }.compactMap {
        Int($0)
      }
      #expect(numbers == Array(1...25))
      #expect(sinks.close())
    }
  }
}
