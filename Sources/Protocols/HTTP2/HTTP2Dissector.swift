import Capture
import Decode

/// HTTP/2 in the clear (RFC 9113), by prior knowledge or behind `Upgrade: h2c`: which requests are made, and with what status
/// they are answered. So a gRPC call is known by its path. Bodies are only counted.
struct HTTP2Dissector: StreamDissector {
  private var client = HTTP2Reader(awaitsPreface: true)
  private var server = HTTP2Reader(awaitsPreface: false)
  /// Requests read so far.
  private var requests: UInt32 = 0
  /// Requests that are not answered yet, by stream. Bounded by ``Capture/Limits/httpPipeline``.
  private var open: [UInt32: HTTPResponse.Request] = [:]

  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    var position = 0
    while position < bytes.byteCount {
      let step = sender == .client ? client.step(bytes, from: position) : server.step(bytes, from: position)
      switch step {
      case .wait: return DissectorProgress(consumed: position)
      case .read(let next): position = next
      case .fields(let fields, let stream, let next):
        position = next
        if sender == .client { tellRequest(fields, stream, &said) } else { tellResponse(fields, stream, &said) }
      case .data(let next):
        position = next
        if sender == .client ? client.data.passesMilestone() : server.data.passesMilestone() {
          let bytes = sender == .client ? client.data.byteCount : server.data.byteCount
          said.append(.http(.transfer(HTTPTransfer(sender: sender, bytes: bytes))))
        }
      case .lost:
        server.isDeaf = server.isDeaf || sender == .server
        return DissectorProgress(consumed: bytes.byteCount, next: sender == .server ? .more : .done)
      }
    }
    return DissectorProgress(consumed: position)
  }

  /// Without the length in front nobody can tell where the next frame starts. What the client asks is worth reading on for.
  ///
  /// Where nothing was read yet the flow was joined here, and its next bytes are mostly a frame's first.
  mutating func lose(from sender: Role) -> Bool {
    guard sender == .server else { return !client.hasBegun }
    if server.hasBegun { server.isDeaf = true }
    return true
  }

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {}

  private mutating func tellRequest(
    _ fields: [HPACKTable.Entry], _ stream: UInt32, _ said: inout [Observation.Content]
  ) {
    var head = HTTPHead()
    for field in fields {
      switch String(decoding: field.name, as: UTF8.self) {
      case ":method": head.method = String(wire: field.value[...])
      case ":path": head.setTarget(field.value)
      default: head.add(field.name, field.value)
      }
    }
    // Trailers have neither (RFC 9113 §8.1).
    guard !head.method.isEmpty else { return }
    var request = HTTPRequest(head, HTTPBody())
    request.isHTTP2 = true
    if open.count >= Limits.httpPipeline, let oldest = open.keys.min() { open[oldest] = nil }
    open[stream] = HTTPResponse.Request(method: head.method, path: head.path, host: head.host)
    said.append(.http(.request(request)))
    said.append(.request(APIRequest(request, number: requests)))
    requests &+= 1
  }

  private mutating func tellResponse(
    _ fields: [HPACKTable.Entry], _ stream: UInt32, _ said: inout [Observation.Content]
  ) {
    var head = HTTPHead()
    for field in fields {
      if field.name.elementsEqual(":status".utf8) {
        head.status = Int(String(decoding: field.value, as: UTF8.self)) ?? 0
      } else {
        head.add(field.name, field.value)
      }
    }
    guard head.status >= 200 else { return }
    said.append(.http(.response(HTTPResponse(head, HTTPBody(), to: open.removeValue(forKey: stream)))))
  }
}
