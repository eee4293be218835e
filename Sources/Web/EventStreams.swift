import Capture
import Hummingbird
import ServiceLifecycle
import Sinks
import Store
import Synchronization
import Watch

/// Server-sent events (html.spec.whatwg.org, §9.2): `alert` for each new alert, `minute` when a minute's figures are there, `trouble`
/// while the store cannot be read. A stream looks at the store every two seconds; capture knows nothing of it.
struct EventStreams: Sendable {
  private let archive: Archive
  private let limit: Int
  private let open = Counter()

  private static let pause = Duration.seconds(2)
  /// Looks between two comments that keep the connection: half a minute.
  private static let looksPerComment = 15

  private final class Counter: Sendable {
    let value = Mutex(0)
  }

  init(_ archive: Archive, limit: Int = WebLimits.streams) {
    self.archive = archive
    self.limit = limit
  }

  /// - Parameter last: number of the last alert that the browser has, when a stream broke off.
  func answer(after last: String?) throws -> Response {
    // Counted when the body is written: one that is only asked for by HEAD never is. So a few may be open beyond the bound, which
    // is far below that of connections.
    guard open.value.withLock({ $0 < limit }) else {
      throw HTTPError(.serviceUnavailable, message: "\(limit) streams are open")
    }
    let place = Place(alert: last.flatMap { Int64($0) })
    return Response(
      status: .ok, headers: [.contentType: MediaKind.events.rawValue],
      body: ResponseBody { writer in
        open.value.withLock { $0 += 1 }
        defer { open.value.withLock { $0 -= 1 } }
        try await follow(from: place, to: &writer)
        try await writer.finish(nil)
      })
  }

  /// How far a stream has come.
  private struct Place: Sendable {
    /// Number of the last alert told; nil before the first look, which tells no old ones.
    var alert: Int64?
    var minute: Int64?
    var trouble: String?
  }

  /// Goes on until the reader goes away or the program is to end.
  private func follow(from start: Place, to writer: inout any ResponseBodyWriter) async throws {
    var place = start
    var looks = 0
    // Said with the first look: from then on nothing new is missed.
    var greeting = "retry: 3000\n\n"
    while !Task.isShuttingDownGracefully {
      let (events, next) = await look(from: place)
      place = next
      looks += 1
      if !events.isEmpty || !greeting.isEmpty {
        try await writer.write(ByteBuffer(string: greeting + events))
        greeting = ""
      } else if looks.isMultiple(of: Self.looksPerComment) {
        try await writer.write(ByteBuffer(string: ":\n\n"))
      }
      _ = try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
      try Task.checkCancellation()
    }
  }

  private func look(from place: Place) async -> (events: String, next: Place) {
    var next = place
    do {
      let events = try await archive.ask { store in try Self.news(store, from: place) }
      return (events.text, events.next)
    } catch {
      let sentence = (error as? StoreFailure)?.sentence ?? "\(error)"
      guard sentence != place.trouble else { return ("", place) }
      next.trouble = sentence
      var json = JSONWriter()
      json.object { $0.field("error", sentence) }
      return (Self.event("trouble", String(decoding: json.bytes, as: UTF8.self)), next)
    }
  }

  private static func news(_ store: StoreReader, from place: Place) throws(StoreFailure) -> (text: String, next: Place)
  {
    var next = place
    next.trouble = nil
    var text = ""
    let latest = try store.latestAlert()
    // A number beyond the latest is from a store that was set aside.
    if let known = place.alert, known != latest {
      var query = AlertQuery()
      query.after = known < latest ? known : 0
      query.limit = WebLimits.alerts
      for alert in try store.alerts(query) { text += event("alert", AlertText.json(alert), id: alert.id) }
    }
    next.alert = latest
    let minute = try store.latestMinute()?.seconds ?? 0
    if let known = place.minute, known != minute || place.trouble != nil {
      text += event("minute", "{\"until\":\(minute)}")
    }
    next.minute = minute
    return (text, next)
  }

  /// - Parameter data: in one line.
  private static func event(_ name: String, _ data: String, id: Int64? = nil) -> String {
    "event: \(name)\ndata: \(data)\n" + (id.map { "id: \($0)\n" } ?? "") + "\n"
  }
}
