/// Something that a TLS session tells, with all that is known of the session then.
package struct TLSEvent: Sendable {
  package enum What: Equatable, Sendable {
    /// The handshake was read as far as it is in the clear, or nothing more of it will be. Said once a flow.
    case introduced
    /// Enough was sent to tell what the sizes look like. Said at most once a flow.
    case cadence(TLSCadence)
    /// The server has sent this many bytes, while sizes were still counted: said at 256 KiB and whenever they have doubled.
    case transfer(UInt64)
  }

  package var session: TLSSession
  package var what: What

  package init(session: TLSSession, what: What) {
    self.session = session
    self.what = what
  }
}

/// What is in the clear of a TLS session, and of QUIC's, which begins with TLS inside (RFC 9001 §4).
///
/// It is kept with findings, so it holds texts of bounded length and none of the lists that a hello is made of.
package struct TLSSession: Equatable, Sendable {
  package enum Transport: Equatable, Sendable {
    case stream
    /// QUIC of this version (RFC 9000 §15); 1 is RFC 9000's.
    case quic(version: UInt32)
  }

  package var transport: Transport
  /// The version that the server chose, else the highest that the client offers; nil when neither hello was seen.
  package var version: TLSVersion?
  /// RFC 6066 §3, lower case, without trailing dot. Anybody may write anything there: it is a claim.
  package var serverName: String?
  /// What the client offers to speak inside (ALPN, RFC 7301): the first ``Capture/Limits/tlsProtocols`` of them.
  package var protocols: [String] = []
  /// What the server chose of them, where it says so in the clear.
  package var selectedProtocol: String?
  package var ja3: String?
  package var ja4: String?
  /// The server's own, where it is in the clear: up to TLS 1.2.
  package var certificate: TLSCertificate?
  /// The first alert in the clear: why an end broke off.
  package var alert: TLSAlert?
  /// A hello or the framing was not as the RFCs have it.
  package var isMalformed = false

  package init(transport: Transport) {
    self.transport = transport
  }

  /// Whether the client's hello was read, so that what it lacks is known to be absent.
  package var sawHello: Bool { ja4 != nil }
}

/// An alert that one end sent (RFC 8446 §6).
package struct TLSAlert: Equatable, Sendable {
  package var sender: Role
  /// IANA, TLS Alerts: 48 is unknown_ca.
  package var code: UInt8

  package init(sender: Role, code: UInt8) {
    self.sender = sender
    self.code = code
  }

  /// "unknown_ca", or the number where it has no name here.
  package var name: String { Self.names[code] ?? "alert \(code)" }

  private static let names: [UInt8: String] = [
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow", 40: "handshake_failure",
    42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
    46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
    51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
    86: "inappropriate_fallback", 90: "user_canceled", 109: "missing_extension", 110: "unsupported_extension",
    112: "unrecognized_name", 116: "certificate_required", 120: "no_application_protocol",
  ]
}
