import Decode
import Policy
import Protocols

/// A way past whoever watches: it carries anything, to anywhere, and shows nothing of it.
package enum Passage: String, CaseIterable, Sendable {
  case gre
  case ipInIP = "ip-in-ip"
  case vxlan
  case ipsec
  case wireGuard = "wireguard"
  case openVPN = "openvpn"
  case tor
  case ssh

  /// As a sentence names it.
  var name: String {
    switch self {
    case .gre: "GRE"
    case .ipInIP: "IP in IP"
    case .vxlan: "VXLAN"
    case .ipsec: "IPsec"
    case .wireGuard: "WireGuard"
    case .openVPN: "OpenVPN"
    case .tor: "Tor"
    case .ssh: "SSH"
    }
  }
}

extension Analysis {
  /// The way past the watch that a flow is; nil when it is none, or stays on the site.
  func passage(of flow: FlowFacts, speaking identity: AppProtocol?, _ session: TLSSession?) -> Passage? {
    guard !isSite(flow.server.address) else { return nil }
    switch flow.ipProtocol {
    case IPProtocol.gre: return .gre
    case IPProtocol.ipv4, IPProtocol.ipv6: return .ipInIP
    case IPProtocol.encapsulatingSecurity, IPProtocol.authentication: return .ipsec
    case IPProtocol.udp where identity == AppProtocol.none: return .vxlan
    default: break
    }
    switch identity {
    case .wireGuard: return .wireGuard
    case .openVPN: return .openVPN
    case .ipsec: return .ipsec
    case .ssh: return .ssh
    case .tls: return session?.certificate?.isTorRelays == true ? .tor : nil
    default: return nil
    }
  }
}

extension TLSCertificate {
  /// Whether this is what a Tor relay makes up for each handshake: two random host names, `www.` and 8 to 20 letters of
  /// base 32, one under .net and issued by the other under .com (torproject/tor, src/lib/tls/tortls_openssl.c).
  ///
  /// From TLS 1.3 on nobody on the way sees it, and what is left of Tor's shape is any other client's.
  var isTorRelays: Bool {
    Self.isMadeUp(subject, under: ".net") && Self.isMadeUp(issuer, under: ".com")
  }

  private static func isMadeUp(_ name: String, under top: String) -> Bool {
    let prefix = "CN=www."
    guard name.hasPrefix(prefix), name.hasSuffix(top) else { return false }
    let label = name.dropFirst(prefix.count).dropLast(top.count)
    return (8...20).contains(label.count) && label.allSatisfy { ("a"..."z").contains($0) || ("2"..."7").contains($0) }
  }
}
