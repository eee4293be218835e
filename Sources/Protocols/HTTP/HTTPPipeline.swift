import Capture

/// Requests that a response is awaited to, in order (RFC 9112 §9.3.2).
struct HTTPPipeline: Sendable {
  struct Entry: Sendable {
    var request: HTTPResponse.Request
    /// Counts requests of the flow.
    var number: UInt32
    /// `host:port` of a CONNECT.
    var tunnel: String?
    /// What the request asked to go over to.
    var upgrade: String?

    var isHead: Bool { request.method == "HEAD" }
  }

  private var entries: [Entry] = []
  /// Requests behind those, of which nothing is remembered.
  private var beyond = 0

  /// An answer may turn the connection into another protocol.
  var mayChange: Bool { entries.contains { $0.tunnel != nil || $0.upgrade != nil } }
  var isEmpty: Bool { entries.isEmpty && beyond == 0 }

  mutating func append(_ entry: Entry) {
    if entries.count < Limits.httpPipeline && beyond == 0 {
      entries.append(entry)
    } else {
      beyond += 1
    }
  }

  /// The request that an answer is to; nil when nobody asked, or when it is not remembered.
  mutating func next() -> Entry? {
    if !entries.isEmpty { return entries.removeFirst() }
    if beyond > 0 { beyond -= 1 }
    return nil
  }

  /// Bytes were lost: what answers what is not known any more.
  mutating func forget() {
    entries.removeAll()
    beyond = 0
  }
}
