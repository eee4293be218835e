package import Decode

/// How EVE spells protocols, and which of them have ports.
extension IPProtocol {
  /// Whether the program reads ports of this protocol.
  package static func hasPorts(_ number: UInt8) -> Bool {
    number == tcp || number == udp
  }

  /// The name as Suricata's EVE has it (src/util-proto-name.c); a protocol that nobody names is three digits.
  static func name(_ number: UInt8) -> String {
    switch number {
    case icmp: return "ICMP"
    case 2: return "IGMP"
    case 4: return "IPv4"
    case tcp: return "TCP"
    case udp: return "UDP"
    case 33: return "DCCP"
    case 41: return "IPv6"
    case 46: return "RSVP"
    case 47: return "GRE"
    case 50: return "ESP"
    case 51: return "AH"
    case icmpv6: return "IPv6-ICMP"
    case 89: return "OSPFIGP"
    case 103: return "PIM"
    case 112: return "VRRP"
    case 115: return "L2TP"
    case sctp: return "SCTP"
    default:
      let digits = String(number)
      return String(repeating: "0", count: 3 - digits.count) + digits
    }
  }
}
