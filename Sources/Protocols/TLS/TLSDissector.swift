import Capture
import Decode

/// TLS up to the end of what is in the clear: hellos, certificates, alerts (RFC 8446, RFC 5246).
///
/// It has read enough when encrypted records begin. A stream that was joined in the middle begins with those.
struct TLSDissector: StreamDissector {
  /// Handshake messages that are read (IANA, TLS HandshakeType).
  private enum Message: UInt8 {
    case clientHello = 1
    case serverHello = 2
    case certificate = 11
  }

  private var session = TLSSession(transport: .stream)
  private var client = TLSHandshakeStream()
  private var server = TLSHandshakeStream()
  private var isClientLost = false
  private var isServerLost = false
  /// Who sent the ServerHello. The roles of TLS may be the other way round than those of the connection.
  private var answerer: Role?
  private var isAtStart = true
  private var isIntroduced = false

  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    var offset = 0
    while offset < bytes.byteCount {
      if isLost(sender) { return end(bytes, &said) }
      let rest = bytes.extracting(offset..<bytes.byteCount)
      if isAtStart, let hello = SSL2Hello(rest) {
        guard hello.byteCount <= rest.byteCount else { break }
        isAtStart = false
        session.version = hello.version
        offset = hello.byteCount
        continue
      }
      switch sender == .client ? client.next(in: rest) : server.next(in: rest) {
      case .needMore:
        return DissectorProgress(consumed: offset)
      case .message(let type, let body, let end):
        isAtStart = false
        offset += end
        read(type, body, from: sender)
      case .record(let record):
        let end = TLSRecord.byteCount + record.length
        guard !endsHandshake(record) else { return self.end(bytes, &said) }
        guard end <= rest.byteCount else { return DissectorProgress(consumed: offset) }
        if record.type == .alert, record.length == 2 {
          session.alert = session.alert ?? TLSAlert(sender: sender, code: rest.byte(at: TLSRecord.byteCount + 1))
          return self.end(bytes, &said)
        }
        isAtStart = false
        offset += end
        if sender == .client { client.passRecord() } else { server.passRecord() }
      case .broken:
        session.isMalformed = true
        return end(bytes, &said)
      }
      if answerer != nil, session.version == .tls13 { return end(bytes, &said) }
    }
    return DissectorProgress(consumed: offset)
  }

  mutating func lose(from sender: Role) -> Bool {
    if sender == .client { isClientLost = true } else { isServerLost = true }
    return true
  }

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {
    introduce(&said)
  }

  private mutating func introduce(_ said: inout [Observation.Content]) {
    guard !isIntroduced else { return }
    isIntroduced = true
    said.append(.tls(TLSEvent(session: session, what: .introduced)))
  }

  /// What follows cannot be read.
  private mutating func end(_ bytes: RawSpan, _ said: inout [Observation.Content]) -> DissectorProgress {
    introduce(&said)
    return DissectorProgress(consumed: bytes.byteCount, next: .done)
  }

  private func isLost(_ sender: Role) -> Bool { sender == .client ? isClientLost : isServerLost }

  /// Whether encryption begins: with the first data, and up to TLS 1.2 with ChangeCipherSpec, which TLS 1.3 sends
  /// to look like its elders (RFC 8446 §D.4).
  private func endsHandshake(_ record: TLSRecord) -> Bool {
    switch record.type {
    case .applicationData: true
    case .changeCipherSpec: answerer != nil
    case .alert: record.length != 2
    case .handshake, .heartbeat: false
    }
  }

  // MARK: Messages

  private mutating func read(_ type: UInt8, _ body: [UInt8], from sender: Role) {
    switch Message(rawValue: type) {
    case .clientHello where !session.sawHello:
      guard let hello = body.withRawSpan(ClientHello.init) else {
        session.isMalformed = true
        return
      }
      session.note(hello)
    case .serverHello where answerer == nil:
      guard let hello = body.withRawSpan(ServerHello.init) else {
        session.isMalformed = true
        return
      }
      // It asks for another ClientHello, which repeats what was learned from the first.
      guard !hello.isRetry else { return }
      answerer = sender
      session.version = TLSVersion(rawValue: hello.version)
      session.selectedProtocol = hello.selectedProtocol?.wireText
    case .certificate where sender == answerer && session.certificate == nil:
      session.certificate = body.withRawSpan(TLSCertificate.init)
    default: break
    }
  }
}

extension TLSSession {
  /// Takes what is of interest in a client's hello.
  mutating func note(_ hello: ClientHello) {
    version = version ?? TLSVersion(rawValue: hello.version)
    serverName = hello.serverName
    protocols = hello.protocols.prefix(Limits.tlsProtocols).map(\.wireText)
    ja3 = JA3.fingerprint(hello)
    ja4 = JA4.fingerprint(hello, overQUIC: transport != .stream)
    isMalformed = isMalformed || hello.isMalformed
  }
}
