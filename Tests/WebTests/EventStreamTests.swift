import Capture
import Foundation
import HTTPTypes
import Hummingbird
import Synchronization
import Testing

@testable import Web

/// Server-sent events, as a browser gets them.
@Suite struct EventStreamTests {
  /// Follows a stream until it has said `word`, or for two hours: all other tests may come before it, slowed down by a sanitizer.
  private static func follow(
    _ bench: WebBench, last: String? = nil, until word: String, meanwhile: () async throws -> Void = {}
  ) async throws -> String {
    let name = try #require(HTTPField.Name("Last-Event-ID"))
    let response = try await bench.respond("/api/v1/events", headers: last.map { [name: $0] } ?? [:])
    #expect(response.headers[.contentType] == "text/event-stream")
    let writer = WebBench.TextWriter()
    let body = response.body
    let reading = Task { try await body.write(writer) }
    defer { reading.cancel() }
    // The first look says where the store stands; what is new comes after it.
    let end = ContinuousClock.now + .seconds(7_200)
    while ContinuousClock.now < end, !writer.written.withLock({ $0.contains("retry") }) {
      try await Task.sleep(for: .milliseconds(20))
    }
    try await meanwhile()
    while ContinuousClock.now < end, !writer.written.withLock({ $0.contains(word) }) {
      try await Task.sleep(for: .milliseconds(20))
    }
    return writer.written.withLock { $0 }
  }

  @Test func `an alert and a minute are told as they come, in one line each`() async throws {
    try await WebBench.withStore { bench in
      let text = try await Self.follow(bench, until: "event: minute") {
        bench.write([bench.alert(3), bench.minute(ending: bench.now.advanced(by: .seconds(60)), miners: [5])])
      }
      #expect(text.hasPrefix("retry: 3000\n\n"))
      let events = text.components(separatedBy: "\n\n").filter { $0.hasPrefix("event:") }
      #expect(events.map { $0.split(separator: "\n").first } == ["event: alert", "event: minute"])
      let lines = try #require(events.first).split(separator: "\n")
      #expect(lines.count == 3 && lines.last == "id: 3")
      let data = try #require(lines.dropFirst().first).dropFirst("data: ".count)
      let alert = try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
      #expect(alert?["summary"] as? String == WebBench.hostile)
    }
  }

  @Test func `a stream that broke off goes on where it was`() async throws {
    try await WebBench.withStore { bench in
      let text = try await Self.follow(bench, last: "1", until: "id: 2")
      #expect(text.contains("id: 2") && !text.contains("id: 1"))
    }
  }

  @Test func `a number of a store that is no more begins anew`() async throws {
    try await WebBench.withStore { bench in
      let text = try await Self.follow(bench, last: "77", until: "id: 2")
      #expect(text.contains("id: 1"))
    }
  }

  @Test func `trouble with the store is told once, and does not end the stream`() async throws {
    try await WebBench.withStore { bench in
      let text = try await Self.follow(bench, until: "event: trouble") {
        try FileManager.default.removeItem(atPath: bench.store)
      }
      #expect(text.contains("no store at"))
    }
  }

  @Test func `streams beyond the bound are refused, until one ends`() async throws {
    try await WebBench.withStore { bench in
      let streams = EventStreams(Archive(path: bench.store, policy: nil), limit: 1)
      // Asked for by HEAD, so never written.
      _ = try streams.answer(after: nil)
      let writer = WebBench.TextWriter()
      let body = try streams.answer(after: nil).body
      let reading = Task { try await body.write(writer) }
      while writer.written.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(5)) }
      #expect(throws: HTTPError.self) { try streams.answer(after: nil) }
      reading.cancel()
      _ = await reading.result
      _ = try streams.answer(after: nil)
    }
  }
}
