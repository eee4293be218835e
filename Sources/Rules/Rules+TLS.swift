import Protocols

// What rules tell of TLS and QUIC sessions.

/// What `context.tls` says of a session: only what was seen.
func facts(of session: TLSSession) -> [(name: String, value: Finding.FactValue)] {
  var facts: [(name: String, value: Finding.FactValue)] = []
  if case .quic(let version) = session.transport { facts.append(("quic_version", .count(UInt64(version)))) }
  if let version = session.version { facts.append(("version", .text(version.name))) }
  if let name = session.serverName { facts.append(("sni", .text(name))) }
  if !session.protocols.isEmpty { facts.append(("alpn", .list(session.protocols))) }
  if let chosen = session.selectedProtocol { facts.append(("alpn_selected", .text(chosen))) }
  if let ja3 = session.ja3 { facts.append(("ja3", .text(ja3))) }
  if let ja4 = session.ja4 { facts.append(("ja4", .text(ja4))) }
  if let alert = session.alert { facts.append(("alert", .text("\(alert.sender.rawValue): \(alert.name)"))) }
  if session.isMalformed { facts.append(("malformed", .flag(true))) }
  guard let certificate = session.certificate else { return facts }
  facts += [
    ("subject", .text(certificate.subject)), ("issuer", .text(certificate.issuer)),
    ("names", .list(certificate.names)), ("sha256", .text(certificate.sha256)),
    ("self_signed", .flag(certificate.isSelfSigned)), ("chain_length", .count(UInt64(certificate.chainLength))),
  ]
  if let from = certificate.notBefore { facts.append(("not_before", .text(from))) }
  if let to = certificate.notAfter { facts.append(("not_after", .text(to))) }
  return facts
}

extension Observation {
  /// What the sizes of a TLS session look like, where the observation tells that.
  var tlsCadence: TLSCadence? {
    if case .tls(let event) = content, case .cadence(let cadence) = event.what { cadence } else { nil }
  }

  /// The TLS session that the observation is about, if it is about one.
  var tlsSession: TLSSession? {
    if case .tls(let event) = content { event.session } else { nil }
  }
}
