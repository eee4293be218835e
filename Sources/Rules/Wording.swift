import Capture
import Decode
package import Protocols

// How rules put things into words. Sinks escape whatever is not printable.

/// Text from the wire in quotes. A quote inside becomes an apostrophe, so that the text cannot seem to end before it does;
/// the facts beside the sentence have it as it came.
func quoted(_ text: String) -> String {
  "\"" + String(text.map { $0 == "\"" ? "'" : $0 }) + "\""
}

/// "1 packet", "12 packets".
package func counted(_ count: some BinaryInteger, _ noun: String) -> String {
  count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}

/// A share of 0...1 in percent with two decimals at the most.
func percent(_ share: Double) -> String {
  guard share.isFinite else { return "an unknown share" }
  let hundredths = Int((min(max(share, 0), 1) * 10_000).rounded())
  guard hundredths > 0 || share <= 0 else { return "under 0.01 %" }
  let fraction = hundredths % 100
  guard fraction != 0 else { return "\(hundredths / 100) %" }
  return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) %"
}

/// A number of seconds, rounded, that may come from anywhere.
func seconds(_ value: Double) -> String {
  guard value.isFinite, value >= 0, value < 1e15 else { return "an unknown time" }
  return value < 1 ? "under 1 s" : "\(Int(value.rounded())) s"
}

/// The first bytes of a payload, in hexadecimal and as text where they are printable.
func excerpt(_ bytes: [UInt8]) -> String {
  let shown = bytes.prefix(24)
  let hexadecimal = shown.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  let text = String(
    String.UnicodeScalarView(shown.map { (0x20..<0x7f).contains($0) ? Unicode.Scalar($0) : Unicode.Scalar(0x2e) }))
  return "\(hexadecimal)\(bytes.count > shown.count ? " ..." : "") (\(quoted(text)))"
}

/// `203.0.113.9:3333`, `[2001:db8::1]:3333`, or the address alone where there is no port.
func hostAndPort(_ address: IPAddress, _ port: UInt16) -> String {
  guard port != 0 else { return address.description }
  return address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
}

package func hostAndPort(_ endpoint: Endpoint) -> String {
  hostAndPort(endpoint.address, endpoint.port)
}

/// The name of an IP protocol (IANA protocol numbers), or its number.
func ipProtocolName(_ number: UInt8) -> String {
  switch number {
  case IPProtocol.icmp: "ICMP"
  case IPProtocol.igmp: "IGMP"
  case IPProtocol.ipv4: "IP in IP"
  case IPProtocol.tcp: "TCP"
  case IPProtocol.udp: "UDP"
  case IPProtocol.ipv6: "IPv6 in IP"
  case IPProtocol.gre: "GRE"
  case IPProtocol.encapsulatingSecurity: "IPsec ESP"
  case IPProtocol.authentication: "IPsec AH"
  case IPProtocol.icmpv6: "ICMPv6"
  case IPProtocol.sctp: "SCTP"
  default: "IP protocol \(number)"
  }
}

/// What a flow carries, in words.
func spoken(_ application: AppProtocol?) -> String {
  switch application {
  case .stratum: "Stratum"
  case .stratumV2: "Stratum V2"
  case .dns: "DNS"
  case .ntp: "NTP"
  case .tls: "TLS"
  case .http: "HTTP"
  case .http2: "HTTP/2"
  case .webSocket: "a WebSocket"
  case .getwork: "mining over HTTP"
  case .ssh: "SSH"
  case .minerAPI: "a miner's API"
  case .dhcp: "DHCP"
  case .quic: "QUIC"
  case .mdns: "multicast DNS"
  case .llmnr: "LLMNR"
  case .telnet: "telnet"
  case .mqtt: "MQTT"
  case .socks: "SOCKS"
  case .stun: "STUN"
  case .tftp: "TFTP"
  case .dtls: "DTLS"
  case .openVPN: "OpenVPN"
  case .wireGuard: "WireGuard"
  case .ipsec: "IPsec"
  case .unknown: "an unknown protocol"
  case .silent, nil: "nothing"
  case .some(.none): "no transport protocol"
  }
}

extension Duration {
  /// As a policy file writes it: "30s", "10m", "24h".
  package var shortText: String {
    let (seconds, attoseconds) = components
    guard attoseconds == 0 else { return "\(saturatedNanoseconds / 1_000_000)ms" }
    for (unit, size) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60)] where seconds != 0 && seconds % size == 0 {
      return "\(seconds / size)\(unit)"
    }
    return "\(seconds)s"
  }
}
