import Capture
import Foundation
import Policy
import Protocols
import Testing

@testable import Sinks

struct SinkSetTests {
  private func settings(_ folder: String, _ types: Set<Policy.EventType>) -> Policy.AlertSettings {
    var settings = Policy.AlertSettings()
    settings.log = Policy.FileSink(path: folder + "/alerts.log")
    settings.eve = Policy.EVESink(path: folder + "/eve.json", types: types)
    return settings
  }

  private func writeOneOfEach(to sinks: SinkSet) {
    sinks.write(Fixtures.login())
    sinks.write(flow: Fixtures.flow(), totals: Fixtures.totals(), application: .stratum)
    sinks.write(stats: Fixtures.stats)
  }

  private func types(_ path: String) -> [String] {
    Programs.lines(path).compactMap { $0.firstMatch(of: /"event_type":"(\w+)"/).map { String($0.1) } }
  }

  @Test(arguments: [
    ([Policy.EventType.alert, .stats], ["alert", "stats"]), ([.alert, .flow, .stats], ["alert", "flow", "stats"]),
    ([.flow], ["flow"]), ([], []),
  ])
  func `writes the types that the policy asks for`(asked: [Policy.EventType], written: [String]) throws {
    try Programs.withFolder { folder in
      let sinks = SinkSet(settings(folder, Set(asked)), origin: Fixtures.origin, mode: .queued)
      writeOneOfEach(to: sinks)
      #expect(sinks.close())
      #expect(types(folder + "/eve.json") == written)
      #expect(Programs.lines(folder + "/alerts.log").count == 1)
      #expect(sinks.losses().isEmpty)
    }
  }

  @Test func `a replay writes at once and the same in both modes`() throws {
    try Programs.withFolder { folder in
      let sinks = SinkSet(settings(folder, [.alert, .flow, .stats]), origin: Fixtures.origin, mode: .direct)
      writeOneOfEach(to: sinks)
      let direct = Programs.contents(folder + "/eve.json")
      #expect(direct.utf8.count(where: { $0 == 10 }) == 3)
      try FileManager.default.removeItem(atPath: folder + "/eve.json")
      let queued = SinkSet(settings(folder, [.alert, .flow, .stats]), origin: Fixtures.origin, mode: .queued)
      writeOneOfEach(to: queued)
      #expect(queued.flush())
      #expect(Programs.contents(folder + "/eve.json") == direct)
      #expect(queued.close())
    }
  }

  @Test func `a sink that fails takes nothing from the others and is named`() throws {
    try Programs.withFolder { folder in
      var settings = settings(folder, [.alert])
      settings.log = Policy.FileSink(path: folder + "/missing/alerts.log")
      settings.syslog = Policy.SyslogSink(socket: folder + "/no-log", format: .rfc3164, facility: .daemon)
      let sinks = SinkSet(settings, origin: Fixtures.origin, mode: .queued)
      // Known at the start, before anything is to be written.
      #expect(sinks.losses().map(\.sink) == ["log \(folder)/missing/alerts.log", "syslog \(folder)/no-log"])
      for _ in 0..<100 { sinks.write(Fixtures.login()) }
      #expect(Programs.eventually { types(folder + "/eve.json").count == 100 })

      // The folder turns up, and what waited is written.
      try FileManager.default.createDirectory(atPath: folder + "/missing", withIntermediateDirectories: false)
      #expect(Programs.eventually { Programs.lines(folder + "/missing/alerts.log").count == 100 })
      #expect(sinks.close())
      let losses = sinks.losses().filter { $0.lines > 0 }
      #expect(losses.map(\.sink) == ["syslog \(folder)/no-log"])
      #expect(losses.first?.lines == 100)
    }
  }

  @Test func `a rotation loses no line and cuts none`() throws {
    try Programs.withFolder { folder in
      let sinks = SinkSet(settings(folder, [.alert]), origin: Fixtures.origin, mode: .queued)
      let path = folder + "/eve.json"
      for round in 1...5 {
        for _ in 0..<200 { sinks.write(Fixtures.login()) }
        try #require(Programs.eventually { FileManager.default.fileExists(atPath: path) })
        try FileManager.default.moveItem(atPath: path, toPath: "\(path).\(round)")
        sinks.reopen()
      }
      #expect(sinks.close())
      let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("eve.json") }
      let lines = files.flatMap { Programs.lines("\(folder)/\($0)") }
      #expect(lines.count == 1_000)
      #expect(Set(lines).count == 1)
    }
  }

  @Test(.enabled(if: Programs.isInstalled(SocketPeer.python), "needs python3"))
  func `standard output goes quiet when nobody reads it`() throws {
    try Programs.withFolder { folder in
      let peer = try SocketPeer(.rude, at: folder + "/out")
      defer { peer.end() }
      var connected: StandardOutputSink?
      #expect(
        Programs.eventually {
          connected = try? StandardOutputSink(Descriptor.connected(to: peer.path, .stream))
          return connected != nil
        })
      let sink = try #require(connected)
      #expect(Programs.eventually { peer.hasEnded })
      let lines = [Array("one\n".utf8), Array("two\n".utf8)]
      let progress = sink.write(lines[...])
      #expect(progress.taken == 2)
      #expect(progress.failure == nil)
      #expect(sink.isClosed)
      #expect(sink.write(lines[...]).taken == 2)
    }
  }
}
