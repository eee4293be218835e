import Hummingbird

/// Kinds of answers, as their `Content-Type` tells.
enum MediaKind: String, Sendable {
  case html = "text/html; charset=utf-8"
  case css = "text/css; charset=utf-8"
  case javaScript = "text/javascript; charset=utf-8"
  case svg = "image/svg+xml"
  case json = "application/json"
  case text = "text/plain; charset=utf-8"
  /// Prometheus's text format (prometheus.io/docs/instrumenting/exposition_formats).
  case metrics = "text/plain; version=0.0.4; charset=utf-8"
  /// Server-sent events (html.spec.whatwg.org, §9.2).
  case events = "text/event-stream"
}

extension Response {
  init(_ bytes: [UInt8], _ kind: MediaKind, status: HTTPResponse.Status = .ok) {
    self.init(
      status: status, headers: [.contentType: kind.rawValue], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  init(_ text: String, _ kind: MediaKind, status: HTTPResponse.Status = .ok) {
    self.init(Array(text.utf8), kind, status: status)
  }
}
