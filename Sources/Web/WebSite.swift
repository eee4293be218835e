import Capture
import HTTPTypes
package import Hummingbird
import Policy
import Rules
import Store
import Watch

/// All that the server answers: the page, JSON for it and for programs, figures for Prometheus. It reads the store and changes nothing.
package struct WebSite: Sendable {
  private let archive: Archive
  private let names: HostNames

  /// - Parameter names: that the server is called by beside `localhost` and its address.
  package init(_ archive: Archive, names: [String] = []) {
    self.archive = archive
    self.names = HostNames(names)
  }

  /// Every route, in one place.
  package func router() -> Router<WebContext> {
    let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: Guard(names: names))
    for file in PageFile.allCases {
      router.get(RouterPath(file.path)) { _, _ in file.response }
    }
    router.get("/healthz") { _, _ in try await health() }
    router.get("/metrics") { _, _ in
      let archive = archive
      return Response(try await archive.ask { try Metrics($0, archive.policy, now: .now).text }, .metrics)
    }
    let api = router.group("/api/v1")
    api.get("/status") { request, _ in
      _ = try Question(request)
      return try await json { store, _ in try StatusReport(store, now: .now).json }
    }
    api.get("/hashrate") { request, _ in
      let curve = try Curve(Question(request, of: ["hours", "of"]))
      return try await json { store, _ in try curve.json(store) }
    }
    api.get("/miners") { request, _ in
      let words: Set = ["sort", "miner", "pool", "silent", "window", "limit"]
      let query = try MinerListing.Query(Question(request, of: words))
      return try await json { store, policy in
        let listing = try MinerListing(store, policy: policy, query: query)
        return "{\"miners\":[\(listing.json.replacing("\n", with: ","))]}"
      }
    }
    api.get("/attention") { request, _ in
      _ = try Question(request)
      return try await json { store, policy in try Attention(store, policy: policy).json }
    }
    api.get("/alerts") { request, _ in
      let words: Set = ["since", "after", "level", "rule", "miner", "limit"]
      let query = try AlertQuery(Question(request, of: words), now: .now)
      return try await json { store, _ in AlertText.json(try store.alerts(query)) }
    }
    api.get("/rules/:name") { _, context in
      guard let rule = context.parameters.get("name").flatMap({ RuleBook[$0] }) else {
        throw HTTPError(.notFound, message: "no such rule")
      }
      return Response(rule.json, .json)
    }
    let streams = EventStreams(archive)
    api.get("/events") { request, _ in try streams.answer(after: request.headers[.lastEventID]) }
    return router
  }

  private func json(
    _ question: @escaping @Sendable (StoreReader, Policy?) throws -> String
  ) async throws -> Response {
    let policy = archive.policy
    return Response(try await archive.ask { try question($0, policy) }, .json)
  }

  /// 200 while the sensor is heard of, 503 otherwise: for whatever watches the watch.
  private func health() async throws -> Response {
    let state = try await archive.ask { try StatusReport($0, now: .now).state }
    return Response("sensor \(state.rawValue)\n", .text, status: state == .running ? .ok : .serviceUnavailable)
  }
}

extension HTTPField.Name {
  /// Where an event stream broke off (html.spec.whatwg.org, §9.2.4).
  fileprivate static var lastEventID: Self { HTTPField.Name("Last-Event-ID") ?? .range }
}

extension MinerListing.Query {
  init(_ question: Question) throws(WrongValue) {
    self.init()
    if let text = question.text("sort") {
      guard let order = MinerListing.Order(rawValue: text) else {
        throw WrongValue("sort must be one of \(MinerListing.Order.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      self.order = order
    }
    miner = question.text("miner")
    pool = question.text("pool")
    isSilentOnly = try question.flag("silent")
    window = try question.number("window", in: 1...1_440, or: window)
    limit = try question.number("limit", in: 1...WebLimits.miners, or: 1_000)
  }
}

extension AlertQuery {
  init(_ question: Question, now: Timestamp) throws(WrongValue) {
    self.init()
    since = try question.time("since", now: now)
    after = try question.number("after", in: 0...Int64.max, or: 0)
    level = try question.level("level")
    rule = try question.rule("rule")
    miner = question.text("miner")
    limit = try question.number("limit", in: 1...WebLimits.alerts, or: 100)
  }
}
