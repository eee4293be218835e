/// Frames, and packets inside packets, that are whole and that Minewatch does not read, by kind.
@frozen
public enum Ignored: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  // MARK: Frames
  case unknownLinkType
  case llc
  case snap
  case spanningTree
  case lldp
  case slowProtocols
  case eapol
  case macsec
  case pppoeDiscovery
  case pppControl
  case mplsPayload
  case cookedProtocol
  case nonIPEtherType
  case otherARP

  // MARK: Encapsulated packets
  case nestedTunnel
  case fragmentedTunnel
  case greVersion
  case greRoute
  case greProtocol
  case erspanFrameType
}

extension Ignored {
  /// The kind in words, for statistics.
  package var text: String {
    switch self {
    case .unknownLinkType: "link type that is not read"
    case .llc: "IEEE 802.3 frame (LLC)"
    case .snap: "IEEE 802.3 frame (SNAP)"
    case .spanningTree: "spanning tree"
    case .lldp: "LLDP"
    case .slowProtocols: "slow protocol (LACP, OAM)"
    case .eapol: "IEEE 802.1X"
    case .macsec: "MACsec, encrypted"
    case .pppoeDiscovery: "PPPoE discovery"
    case .pppControl: "PPP protocol other than IP"
    case .mplsPayload: "MPLS payload other than IP"
    case .cookedProtocol: "Linux cooked frame without an EtherType"
    case .nonIPEtherType: "EtherType other than IP"
    case .otherARP: "ARP for other addresses than IPv4 over Ethernet"
    case .nestedTunnel: "encapsulation inside an encapsulation"
    case .fragmentedTunnel: "encapsulation inside a fragmented datagram"
    case .greVersion: "GRE version other than 0"
    case .greRoute: "GRE with a source route"
    case .greProtocol: "GRE payload other than IP, Ethernet or ERSPAN"
    case .erspanFrameType: "ERSPAN payload other than Ethernet or IP"
    }
  }

  /// The kind of frame that an EtherType stands for, when it is none that is read.
  static func etherType(_ type: UInt16) -> Ignored {
    switch type {
    case EtherType.lldp: .lldp
    case EtherType.slowProtocols: .slowProtocols
    case EtherType.eapol: .eapol
    case EtherType.macsec: .macsec
    case EtherType.pppoeDiscovery: .pppoeDiscovery
    default: .nonIPEtherType
    }
  }
}
