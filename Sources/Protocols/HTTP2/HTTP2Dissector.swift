import Capture
import Decode

/// HTTP/2 in the clear (RFC 9113), by prior knowledge or behind `Upgrade: h2c`: which requests are made, with what, and how they
/// are answered. So a gRPC call is known by its path and its arguments. The bodies of answers are only counted.
struct HTTP2Dissector: StreamDissector {
  /// A request, until it is answered.
  private struct Open: Sendable {
    var head: HTTPHead
    /// Counts requests of the flow.
    let number: UInt32
    var body = HTTPBody(keeping: Limits.httpRequestBody)
    var isTold = false
    /// Its path stands in a part of the connection that was not seen.
    var lacksPath = false

    var request: HTTPResponse.Request { HTTPResponse.Request(method: head.method, path: head.path, host: head.host) }
    var isCall: Bool { head.mediaType?.hasPrefix("application/grpc") ?? false }
  }

  /// What is told instead of a path that was not seen.
  private static let unknownTarget = "(a path that was not seen)"
  /// Bytes of a gRPC call with nothing in it.
  private static let emptyCall = 5

  private var client = HTTP2Reader(awaitsPreface: true)
  private var server = HTTP2Reader(awaitsPreface: false)
  /// Requests read so far.
  private var requests: UInt32 = 0
  /// By stream. Bounded by ``Capture/Limits/httpPipeline``; the oldest makes room.
  private var open: [UInt32: Open] = [:]

  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    var position = 0
    while position < bytes.byteCount {
      let step = sender == .client ? client.step(bytes, from: position) : server.step(bytes, from: position)
      switch step {
      case .wait: return DissectorProgress(consumed: position)
      case .read(let next): position = next
      case .fields(let fields, let stream, let isLast, let next):
        position = next
        if sender == .client {
          begin(fields, stream, isLast: isLast, &said)
        } else {
          answer(fields, stream, isLast: isLast, &said)
        }
      case .data(let body, let stream, let isLast, let next):
        position = next
        if sender == .client { add(bytes, body, stream, isLast: isLast, &said) }
        if sender == .client ? client.data.passesMilestone() : server.data.passesMilestone() {
          let bytes = sender == .client ? client.data.byteCount : server.data.byteCount
          said.append(.http(.transfer(HTTPTransfer(sender: sender, bytes: bytes))))
        }
      case .lost:
        server.isDeaf = server.isDeaf || sender == .server
        if sender == .client { tellAll(&said) }
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

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) { tellAll(&said) }

  // MARK: Requests

  private mutating func begin(
    _ fields: [HPACKTable.Entry], _ stream: UInt32, isLast: Bool, _ said: inout [Observation.Content]
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
    guard !head.method.isEmpty else {
      if isLast { tell(stream, &said) }
      return
    }
    if open.count >= Limits.httpPipeline, let oldest = open.keys.min() {
      tell(oldest, &said)
      open[oldest] = nil
    }
    var entry = Open(head: head, number: requests)
    if client.isJoined, head.target.isEmpty {
      entry.lacksPath = true
      entry.head.standIn(target: Self.unknownTarget)
    }
    open[stream] = entry
    requests &+= 1
    if isLast { tell(stream, &said) }
  }

  private mutating func add(
    _ bytes: RawSpan, _ range: Range<Int>, _ stream: UInt32, isLast: Bool, _ said: inout [Observation.Content]
  ) {
    open[stream]?.body.append(bytes, range)
    if isLast || open[stream]?.body.isFull == true { tell(stream, &said) }
  }

  /// A request is whole, or as much of it is there as is kept.
  private mutating func tell(_ stream: UInt32, _ said: inout [Observation.Content]) {
    guard var entry = open[stream], !entry.isTold else { return }
    open[stream]?.isTold = true
    // A type that was not seen is told by the flag in front of a message.
    if client.isJoined, let flag = entry.body.start.first, flag <= 1 { entry.head.standIn(type: "application/grpc") }
    // Asked or told nothing, for all that was seen: a fleet's tools do so every few seconds, over one connection for days.
    if entry.lacksPath, entry.body.byteCount <= Self.emptyCall { return }
    var request = HTTPRequest(entry.head, entry.body)
    request.isHTTP2 = true
    said.append(.http(.request(request)))
    said.append(.request(APIRequest(request, number: entry.number)))
  }

  private mutating func tellAll(_ said: inout [Observation.Content]) {
    for stream in open.keys.sorted() { tell(stream, &said) }
  }

  // MARK: Responses

  private mutating func answer(
    _ fields: [HPACKTable.Entry], _ stream: UInt32, isLast: Bool, _ said: inout [Observation.Content]
  ) {
    var head = HTTPHead()
    var status: GRPCStatus?
    for field in fields {
      switch String(decoding: field.name, as: UTF8.self) {
      case ":status": head.status = Int(String(decoding: field.value, as: UTF8.self)) ?? 0
      case "grpc-status": status = GRPCStatus(field.value)
      default: head.add(field.name, field.value)
      }
    }
    // Fields without a status are trailers, those under 200 are no answer yet.
    guard head.status >= 200 || head.status == 0 else { return }
    tell(stream, &said)
    let entry = open[stream]
    if head.status != 0 { said.append(.http(.response(HTTPResponse(head, HTTPBody(), to: entry?.request)))) }
    guard let entry else { return }
    // What became of a call stands in the trailers.
    let outcome = status?.outcome ?? (entry.isCall && head.status < 300 ? nil : .init(httpStatus: head.status))
    if let outcome { said.append(.requestAnswered(APIAnswer(number: entry.number, outcome: outcome))) }
    if isLast || outcome != nil { open[stream] = nil }
  }
}

/// What a gRPC server says of a call (grpc, doc/statuscodes.md).
private struct GRPCStatus {
  let code: Int

  init?(_ text: [UInt8]) {
    guard let code = Int(String(decoding: text, as: UTF8.self)) else { return nil }
    self.code = code
  }

  var outcome: APIAnswer.Outcome {
    switch code {
    case 0: .accepted
    // PERMISSION_DENIED and UNAUTHENTICATED.
    case 7, 16: .denied
    default: .failed
    }
  }
}
