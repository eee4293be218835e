public import Capture

/// What Decode hands on: who sent what to whom, as plain numbers and offsets into the frame.
///
/// One value is reused for every frame, so nothing here owns memory. With an encapsulated frame (GRE, VXLAN, ERSPAN)
/// the fields describe the inner packet and ``tunnel`` the outer one; where IP is inside without Ethernet, the link
/// fields are empty.
@frozen
public struct Packet: Sendable, BitwiseCopyable {
  public var timestamp = Timestamp(nanoseconds: 0)
  /// Index of the interface or file, as ``Capture/Frame/source``.
  public var interface: UInt16 = 0

  // MARK: Link

  public var sourceMAC = MACAddress.none
  public var destinationMAC = MACAddress.none
  /// EtherType of the network layer (IEEE 802 numbers): 0x0800, 0x86dd or 0x0806, also where the frame says it in
  /// another way.
  public var etherType: UInt16 = 0
  /// VLAN identifiers, outermost first (802.1Q, 802.1ad). The first ``vlanCount`` of them are set; deeper tags are
  /// skipped.
  public var outerVLAN: UInt16 = 0
  public var innerVLAN: UInt16 = 0
  public var vlanCount: UInt8 = 0

  // MARK: Network

  public var network = NetworkKind.none
  /// For ARP the sender's address.
  public var source = IPAddress(high: 0, low: 0)
  /// For ARP the target's address.
  public var destination = IPAddress(high: 0, low: 0)
  /// IANA protocol number of what the IP header carries, extension headers skipped.
  public var ipProtocol: UInt8 = 0
  /// Time to live, or hop limit.
  public var timeToLive: UInt8 = 0
  /// Length of the whole IP packet as its header claims, in bytes, headers included. 0 when there is none.
  public var networkLength = 0
  /// Set when this is a piece of a datagram. The transport fields are then empty.
  public var fragment = Fragment.none

  // MARK: Transport

  public var transport = TransportKind.none
  /// Ports of TCP and UDP; for ICMP the type stands in `sourcePort` and the code in `destinationPort`.
  public var sourcePort: UInt16 = 0
  public var destinationPort: UInt16 = 0
  public var tcp = TCPFields()
  /// Where the transport's payload starts in the frame. For ARP it is the packet from its first byte; for ICMP what
  /// follows the checksum; for a fragment, and a protocol that is not read, all that the IP header carries.
  public var payloadOffset = 0
  /// Captured payload, in bytes; `payloadOffset + payloadLength` never passes the end of the frame.
  public var payloadLength = 0
  /// Payload that the headers claim; more than ``payloadLength`` when the snap length cut the frame.
  public var claimedPayloadLength = 0

  /// The encapsulation that this packet was found in.
  public var tunnel = Tunnel()
  /// Why an encapsulation that this packet carries was not opened; ``Outcome/packet`` when nothing was left shut.
  public var unopened = Outcome.packet

  public init() {}
}

/// What stands above the link layer.
@frozen
public enum NetworkKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case none, ipv4, ipv6, arp
}

/// What stands above the network layer and was read.
@frozen
public enum TransportKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case none, tcp, udp, icmp, icmpv6
}

/// Where a piece belongs in its datagram (RFC 791 §3.2, RFC 8200 §4.5).
@frozen
public struct Fragment: Sendable, BitwiseCopyable {
  /// Whether this is a piece at all.
  public var isFragment: Bool
  public var moreFollow: Bool
  public var identification: UInt32
  /// Of this piece's first byte, in bytes from the datagram's first.
  public var offset: UInt32

  @inlinable
  public init(isFragment: Bool, moreFollow: Bool, identification: UInt32, offset: UInt32) {
    self.isFragment = isFragment
    self.moreFollow = moreFollow
    self.identification = identification
    self.offset = offset
  }

  @inlinable public static var none: Fragment {
    Fragment(isFragment: false, moreFollow: false, identification: 0, offset: 0)
  }
}

/// The fields of a TCP header that an observer follows (RFC 9293 §3.1).
@frozen
public struct TCPFields: Sendable, BitwiseCopyable {
  public var sequence: UInt32 = 0
  public var acknowledgment: UInt32 = 0
  public var flags = TCPFlags(rawValue: 0)
  /// As sent: not scaled.
  public var window: UInt16 = 0

  @inlinable public init() {}
}

/// The control bits of a TCP header, in wire order from the right (RFC 9293 §3.1).
@frozen
public struct TCPFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  @inlinable public static var finish: TCPFlags { TCPFlags(rawValue: 0x01) }
  @inlinable public static var synchronize: TCPFlags { TCPFlags(rawValue: 0x02) }
  @inlinable public static var reset: TCPFlags { TCPFlags(rawValue: 0x04) }
  @inlinable public static var push: TCPFlags { TCPFlags(rawValue: 0x08) }
  @inlinable public static var acknowledge: TCPFlags { TCPFlags(rawValue: 0x10) }
  @inlinable public static var urgent: TCPFlags { TCPFlags(rawValue: 0x20) }
}

/// One level of encapsulation around a packet.
@frozen
public struct Tunnel: Sendable, BitwiseCopyable {
  @frozen
  public enum Kind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not encapsulated.
    case none
    /// GRE (RFC 2784) around IP or Ethernet.
    case gre
    /// ERSPAN types I to III: a mirror port's frames inside GRE.
    case erspan
    /// VXLAN (RFC 7348) over UDP port 4789.
    case vxlan
    /// IPv4 or IPv6 straight inside IP (protocols 4 and 41; RFC 2003, RFC 4213).
    case ip
  }

  public var kind = Kind.none
  public var source = IPAddress(high: 0, low: 0)
  public var destination = IPAddress(high: 0, low: 0)

  @inlinable public init() {}
}
