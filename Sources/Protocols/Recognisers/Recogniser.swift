import Decode

/// What the first bytes of a flow tell about one protocol.
package enum Probe: Equatable, Sendable {
  /// It is this protocol. `opener` is the role of the end that spoke first, where the bytes tell.
  case match(opener: Role?)
  /// So far it may be.
  case needMore
  /// It is not, unless the end that has not spoken yet says otherwise.
  case reject

  /// Of two directions judged apart: a match wins, then hope.
  static func either(_ opening: Probe, _ answer: Probe) -> Probe {
    if case .match = opening { return opening }
    // Each direction is judged as though it had opened the flow, so what the answer tells is turned round.
    if case .match(let role) = answer { return .match(opener: role?.other) }
    return opening == .needMore || answer == .needMore ? .needMore : .reject
  }
}

/// The first bytes of a flow: all that a recogniser gets to see.
package struct FirstBytes: ~Escapable {
  /// From the end that spoke first; for UDP the first datagram. Empty when what it said was judged and let go.
  package let opening: RawSpan
  /// From the other end; empty as long as it is silent, and for UDP.
  package let answer: RawSpan
  package var openerPort: UInt16 = 0
  package var answererPort: UInt16 = 0
  /// The flow was seen from its SYN on, so that `opening` is where it starts.
  package var sawStart = true
  /// Bytes that the opener sent before the other end spoke.
  package var firstFlight = 0
  /// Bytes that the other end sent before the opener spoke again.
  package var secondFlight = 0
  /// The opener spoke again after the answer.
  package var hasThirdFlight = false

  @_lifetime(copy opening, copy answer)
  package init(opening: RawSpan, answer: RawSpan) {
    self.opening = opening
    self.answer = answer
    firstFlight = opening.byteCount
    secondFlight = answer.byteCount
  }

  /// Asks `probe` about each direction that has spoken.
  func probeEither(_ probe: (RawSpan) -> Probe) -> Probe {
    .either(opening.isEmpty ? .reject : probe(opening), answer.isEmpty ? .reject : probe(answer))
  }
}

/// One row of the table of protocols that are told by their first bytes: never by the port alone.
package struct Recogniser: Sendable {
  package let appProtocol: AppProtocol
  package let probe: @Sendable (FirstBytes) -> Probe

  private init(_ appProtocol: AppProtocol, probe: @escaping @Sendable (FirstBytes) -> Probe) {
    self.appProtocol = appProtocol
    self.probe = probe
  }

  /// Stream protocols, most telling first. Stratum is not among them: its own table probes for it (and the dialect).
  package static let streams: [Recogniser] = [
    Recogniser(.tls) { $0.probeEither(TLS.probe) },
    Recogniser(.http) { $0.probeEither(HTTP.probe) },
    Recogniser(.http2) { $0.probeEither(HTTP2.probe) },
    Recogniser(.webSocket) { WebSocket.probe($0) },
    Recogniser(.ssh) { $0.probeEither(SSH.probe) },
    Recogniser(.minerAPI) { MinerAPI.probe($0) },
    Recogniser(.dns) { $0.probeEither(DNS.probeStream) },
    Recogniser(.mqtt) { $0.probeEither(MQTT.probe) },
    Recogniser(.stun) { $0.probeEither(STUN.probe) },
    Recogniser(.openVPN) { $0.probeEither(OpenVPN.probeStream) },
    Recogniser(.telnet) { Telnet.probe($0) },
    Recogniser(.socks) { SOCKS.probe($0) },
    Recogniser(.stratumV2) { StratumV2.probe($0) },
  ]

  /// Datagram protocols. A datagram is whole, so none of these says ``Probe/needMore``.
  package static let datagrams: [Recogniser] = [
    Recogniser(.mdns) { LocalNaming.probe($0, port: LocalNaming.mdnsPort) },
    Recogniser(.llmnr) { LocalNaming.probe($0, port: LocalNaming.llmnrPort) },
    Recogniser(.dns) { DNS.probeDatagram($0) },
    Recogniser(.ntp) { NTP.probe($0) },
    Recogniser(.dhcp) { DHCP.probe($0) },
    Recogniser(.quic) { QUIC.probe($0) },
    Recogniser(.wireGuard) { WireGuard.probe($0) },
    Recogniser(.stun) { STUN.probeDatagram($0) },
    Recogniser(.dtls) { DTLS.probe($0) },
    Recogniser(.openVPN) { OpenVPN.probeDatagram($0) },
    Recogniser(.ipsec) { IPsec.probe($0) },
    Recogniser(.tftp) { TFTP.probe($0) },
    Recogniser(.minerAPI) { MinerDiscovery.probe($0) },
  ]

  /// Asks every row: the first match, else whether any still hopes.
  package static func recognise(_ bytes: FirstBytes, among table: [Recogniser]) -> (AppProtocol, Probe) {
    var hopes = false
    for entry in table {
      let answer = entry.probe(bytes)
      if case .match = answer { return (entry.appProtocol, answer) }
      hopes = hopes || answer == .needMore
    }
    return (.unknown, hopes ? .needMore : .reject)
  }
}

extension RawSpan {
  /// Compares the start with `text`: a match when it is all there, need more when it may become so.
  func probe(for text: [UInt8]) -> Probe {
    for index in 0..<Swift.min(byteCount, text.count) where byte(at: index) != text[index] { return .reject }
    return byteCount >= text.count ? .match(opener: nil) : .needMore
  }
}
