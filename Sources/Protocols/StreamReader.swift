import Capture
import Decode

/// A stream being read: one case for each ``StreamDissector`` but Stratum V2's, whose sessions are many and small. An enum, so that no
/// stream costs an existential.
enum StreamReader: Sendable {
  case ssh(SSHDissector)
  case tls(TLSDissector)
  case socks(SOCKSDissector)
  case http(HTTPDissector)
  case http2(HTTP2Dissector)
  case minerAPI(MinerAPIDissector)
  case webSocket(WebSocketDissector)

  /// - Returns: nil for a protocol that is named and not read.
  init?(for appProtocol: AppProtocol) {
    switch appProtocol {
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
    case .tls(var dissector): dissector.finish(at: time, into: &said)
    case .socks(var dissector): dissector.finish(at: time, into: &said)
    case .http(var dissector): dissector.finish(at: time, into: &said)
    case .http2(var dissector): dissector.finish(at: time, into: &said)
    case .minerAPI(var dissector): dissector.finish(at: time, into: &said)
    case .webSocket(var dissector): dissector.finish(at: time, into: &said)
    }
  }
}
