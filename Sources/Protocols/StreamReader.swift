import Capture
import Decode

/// A stream being read: one case for each ``StreamDissector``. An enum, so that no stream costs an existential.
enum StreamReader: Sendable {
  case ssh(SSHDissector)
  case stratumV2(StratumV2Dissector)
  case tls(TLSDissector)
  case socks(SOCKSDissector)
  case http(HTTPDissector)
  case http2(HTTP2Dissector)
  case minerAPI(MinerAPIDissector)
  case webSocket(WebSocketDissector)

  /// - Returns: nil for a protocol that is named and not read.
  init?(for appProtocol: AppProtocol) {
    switch appProtocol {
    case .stratumV2: self = .stratumV2(StratumV2Dissector())
    case .ssh: self = .ssh(SSHDissector())
    case .tls: self = .tls(TLSDissector())
    case .socks: self = .socks(SOCKSDissector())
    case .http: self = .http(HTTPDissector())
    case .http2: self = .http2(HTTP2Dissector())
    case .minerAPI: self = .minerAPI(MinerAPIDissector())
    case .webSocket: self = .webSocket(WebSocketDissector(isJoined: true))
    default: return nil
    }
  }

  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    // Taken out and put back, so that what a dissector keeps is not copied at each change.
    switch consume self {
    case .ssh(var dissector):
      defer { self = .ssh(dissector) }
      return dissector.consume(bytes, from: sender, at: time, into: &said)
    case .stratumV2(var dissector):
      defer { self = .stratumV2(dissector) }
      return dissector.consume(bytes, from: sender, at: time, into: &said)
    case .tls(var dissector):
      defer { self = .tls(dissector) }
      return dissector.consume(bytes, from: sender, at: time, into: &said)
    case .socks(var dissector):
      defer { self = .socks(dissector) }
      return dissector.consume(bytes, from: sender, at: time, into: &said)
    case .http(var dissector):
      defer { self = .http(dissector) }
      return dissector.consume(bytes, from: sender, at: time, into: &said)
    case .http2(var dissector):
      defer { self = .http2(dissector) }
      return dissector.consume(bytes, from: sender, at: time, into: &said)
    case .minerAPI(var dissector):
      defer { self = .minerAPI(dissector) }
      return dissector.consume(bytes, from: sender, at: time, into: &said)
    case .webSocket(var dissector):
      defer { self = .webSocket(dissector) }
      return dissector.consume(bytes, from: sender, at: time, into: &said)
    }
  }

  mutating func lose(from sender: Role) -> Bool {
    switch consume self {
    case .ssh(var dissector):
      defer { self = .ssh(dissector) }
      return dissector.lose(from: sender)
    case .stratumV2(var dissector):
      defer { self = .stratumV2(dissector) }
      return dissector.lose(from: sender)
    case .tls(var dissector):
      defer { self = .tls(dissector) }
      return dissector.lose(from: sender)
    case .socks(var dissector):
      defer { self = .socks(dissector) }
      return dissector.lose(from: sender)
    case .http(var dissector):
      defer { self = .http(dissector) }
      return dissector.lose(from: sender)
    case .http2(var dissector):
      defer { self = .http2(dissector) }
      return dissector.lose(from: sender)
    case .minerAPI(var dissector):
      defer { self = .minerAPI(dissector) }
      return dissector.lose(from: sender)
    case .webSocket(var dissector):
      defer { self = .webSocket(dissector) }
      return dissector.lose(from: sender)
    }
  }

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {
    switch self {
    case .ssh(var dissector): dissector.finish(at: time, into: &said)
    case .stratumV2(var dissector): dissector.finish(at: time, into: &said)
    case .tls(var dissector): dissector.finish(at: time, into: &said)
    case .socks(var dissector): dissector.finish(at: time, into: &said)
    case .http(var dissector): dissector.finish(at: time, into: &said)
    case .http2(var dissector): dissector.finish(at: time, into: &said)
    case .minerAPI(var dissector): dissector.finish(at: time, into: &said)
    case .webSocket(var dissector): dissector.finish(at: time, into: &said)
    }
  }
}

/// The streams that are read now, by number. Bounded by ``Capture/Limits/streamReaders``.
struct StreamReaders: Sendable {
  private var readers: [StreamReader?] = []
  private var free: [UInt32] = []

  /// - Returns: nil when there is no place.
  mutating func open(_ reader: StreamReader) -> UInt32? {
    if let number = free.popLast() {
      readers[Int(number)] = reader
      return number
    }
    guard readers.count < Limits.streamReaders else { return nil }
    readers.append(reader)
    return UInt32(truncatingIfNeeded: readers.count &- 1)
  }

  /// Reads on as another protocol.
  mutating func replace(_ number: Int, by reader: StreamReader) {
    readers[number] = reader
  }

  /// Takes a WebSocket out, so that it is not copied when it changes; nil where the number is another reader's.
  mutating func takeWebSocket(_ number: Int) -> WebSocketDissector? {
    guard case .webSocket(let socket)? = readers[number] else { return nil }
    readers[number] = nil
    return socket
  }

  mutating func putBack(_ socket: WebSocketDissector, _ number: Int) {
    readers[number] = .webSocket(socket)
  }

  mutating func close(_ number: Int) {
    readers[number] = nil
    free.append(UInt32(truncatingIfNeeded: number))
  }

  mutating func consume(
    _ number: Int, _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    readers[number]?.consume(bytes, from: sender, at: time, into: &said)
      ?? DissectorProgress(consumed: bytes.byteCount, next: .done)
  }

  mutating func lose(_ number: Int, from sender: Role) -> Bool {
    readers[number]?.lose(from: sender) ?? false
  }

  mutating func finish(_ number: Int, at time: Timestamp, into said: inout [Observation.Content]) {
    readers[number]?.finish(at: time, into: &said)
  }
}
