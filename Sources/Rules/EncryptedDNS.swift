import Decode
import Policy
import Protocols

/// DNS that nobody on the way can read.
package enum EncryptedDNS: String, Sendable {
  /// RFC 7858.
  case overTLS = "dot"
  /// RFC 8484.
  case overHTTPS = "doh"
  /// RFC 9250.
  case overQUIC = "doq"

  /// As a sentence names it.
  var name: String {
    switch self {
    case .overTLS: "DNS over TLS"
    case .overHTTPS: "DNS over HTTPS"
    case .overQUIC: "DNS over QUIC"
    }
  }
}

extension Analysis {
  /// Port of DNS over TLS and over QUIC (RFC 7858 §3.1, RFC 9250 §4.1.1).
  private static var encryptedDNSPort: UInt16 { 853 }

  /// The encrypted DNS that a session is: by what the client offers to speak, by the port together with a hello, or by
  /// the resolver that it is with. That HTTP is offered says nothing.
  func encryptedDNS(of flow: FlowFacts, _ session: TLSSession) -> EncryptedDNS? {
    let protocols = session.protocols + (session.selectedProtocol.map { [$0] } ?? [])
    let isOnPort = flow.server.port == Self.encryptedDNSPort && session.version != nil
    if session.transport == .stream {
      if protocols.contains("dot") || isOnPort { return .overTLS }
    } else if isOnPort || protocols.contains(where: { $0 == "doq" || $0.hasPrefix("doq-") }) {
      return .overQUIC
    }
    return isWithPublicResolver(flow, session) ? .overHTTPS : nil
  }

  private func isWithPublicResolver(_ flow: FlowFacts, _ session: TLSSession) -> Bool {
    if let name = session.serverName, policy.publicResolvers.match(name: name) != nil { return true }
    return policy.publicResolvers.match(address: flow.server.address, port: 0) != nil
  }
}
