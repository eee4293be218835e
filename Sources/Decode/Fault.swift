/// Every way in which a header can be broken. Broken packets are ordinary; they are counted, never logged one by one.
@frozen
public enum Fault: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  // MARK: Link
  case ethernetTruncated
  case vlanTruncated
  case vlanTooDeep
  case llcTruncated
  case linuxCookedTruncated
  case pppoeTruncated
  case pppoeBadVersion
  case pppoeBadCode
  case pppoeLengthShorterThanHeader
  case pppoeLengthPastFrame
  case mplsTruncated
  case mplsTooDeep

  // MARK: Network
  case ipTruncated
  case ipBadVersion
  case arpTruncated
  case ipv4Truncated
  case ipv4BadVersion
  case ipv4HeaderTooShort
  case ipv4LengthShorterThanHeader
  case ipv4LengthPastFrame
  case ipv6Truncated
  case ipv6BadVersion
  case ipv6LengthPastFrame
  case ipv6MappedAddress
  case ipv6ExtensionTruncated
  case ipv6TooManyExtensions
  case fragmentPastMaximum
  case fragmentInFragment

  // MARK: Transport
  case tcpTruncated
  case tcpDataOffset
  case udpTruncated
  case udpLengthShorterThanHeader
  case udpLengthPastDatagram
  case icmpTruncated
  case icmpv6Truncated

  // MARK: Tunnels
  case greTruncated
  case erspanTruncated
  case erspanBadVersion
  case vxlanTruncated
  case vxlanWithoutIdentifier
}

extension Fault {
  /// The fault in words, for statistics.
  package var text: String {
    switch self {
    case .ethernetTruncated: "Ethernet header cut short"
    case .vlanTruncated: "VLAN tag cut short"
    case .vlanTooDeep: "more VLAN tags than are read"
    case .llcTruncated: "LLC header cut short"
    case .linuxCookedTruncated: "Linux cooked header cut short"
    case .pppoeTruncated: "PPPoE header cut short"
    case .pppoeBadVersion: "PPPoE version or type is not 1"
    case .pppoeBadCode: "PPPoE session frame with a discovery code"
    case .pppoeLengthShorterThanHeader: "PPPoE length leaves no room for the protocol number"
    case .pppoeLengthPastFrame: "PPPoE length passes the frame's end"
    case .mplsTruncated: "MPLS label stack cut short"
    case .mplsTooDeep: "more MPLS labels than are read"
    case .ipTruncated: "no byte left where an IP header should be"
    case .ipBadVersion: "IP version is neither 4 nor 6"
    case .arpTruncated: "ARP packet cut short"
    case .ipv4Truncated: "IPv4 header cut short"
    case .ipv4BadVersion: "IPv4 header with another version"
    case .ipv4HeaderTooShort: "IPv4 header length below 20"
    case .ipv4LengthShorterThanHeader: "IPv4 total length below the header's"
    case .ipv4LengthPastFrame: "IPv4 total length passes the frame's end"
    case .ipv6Truncated: "IPv6 header cut short"
    case .ipv6BadVersion: "IPv6 header with another version"
    case .ipv6LengthPastFrame: "IPv6 payload length passes the frame's end"
    case .ipv6MappedAddress: "IPv6 header with an IPv4-mapped address"
    case .ipv6ExtensionTruncated: "IPv6 extension header cut short"
    case .ipv6TooManyExtensions: "more IPv6 extension headers than are read"
    case .fragmentPastMaximum: "fragment passes the largest datagram's end"
    case .fragmentInFragment: "fragment inside a fragmented datagram"
    case .tcpTruncated: "TCP header cut short"
    case .tcpDataOffset: "TCP data offset below 20 or past the segment's end"
    case .udpTruncated: "UDP header cut short"
    case .udpLengthShorterThanHeader: "UDP length below 8"
    case .udpLengthPastDatagram: "UDP length passes the datagram's end"
    case .icmpTruncated: "ICMP message cut short"
    case .icmpv6Truncated: "ICMPv6 message cut short"
    case .greTruncated: "GRE header cut short"
    case .erspanTruncated: "ERSPAN header cut short"
    case .erspanBadVersion: "ERSPAN version does not fit its GRE type"
    case .vxlanTruncated: "VXLAN header cut short"
    case .vxlanWithoutIdentifier: "VXLAN header without the I flag"
    }
  }
}
