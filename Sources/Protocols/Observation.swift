package import Capture
package import Decode
package import Flows

/// What Protocols hands on: something that was said or done on the wire, at a time, between two ends.
///
/// An observation never judges. It is made a few times a session, not once a packet, so it may own memory.
package struct Observation: Sendable {
  package var time: Timestamp
  /// Absent for what no flow carries: ARP, and the sensor's own events.
  package var flow: FlowFacts?
  /// Present for what hosts say to their link: ARP, neighbour discovery, redirects, DHCP.
  package var link: LinkFacts?
  package var content: Content

  package init(time: Timestamp, flow: FlowFacts?, link: LinkFacts? = nil, content: Content) {
    self.time = time
    self.flow = flow
    self.link = link
    self.content = content
  }

  package indirect enum Content: Sendable {
    /// What the flow carries is now known. Said once a flow, unless it ends before anything can be told; and again when it turns
    /// out to carry something else inside (``wrapped(_:)``) or next.
    case flowIdentified(AppProtocol)
    /// The flow is over; `identified` is what ``flowIdentified(_:)`` said, if it was said.
    case flowEnded(FlowTotals, identified: AppProtocol?)
    /// Two different payloads for the same bytes.
    case streamConflict(StreamConflict, sender: Role)
    case stratum(StratumEvent)
    case dns(DNSMessage)
    case ntp(NTPPacket)
    /// What the flow carried so far now carries another protocol, which will be identified next.
    case wrapped(Wrapper)
    case ssh(SSHIdentification)
    case tls(TLSEvent)
    case arp(ARPHeader)
    case neighbour(NeighbourMessage)
    case routerAdvertisement(RouterAdvertisement)
    case redirect(RouteRedirect)
    case dhcp(DHCPMessage)
    /// Names asked and answered on the link.
    case localNames(LocalNames)
    /// A command to a device's management.
    case request(APIRequest)
    /// What became of one.
    case requestAnswered(APIAnswer)
    /// What came with one: said when it is over.
    case requestUploaded(APIUpload)
    /// Kept apart, so that the usual observation is small.
    case http(HTTPEvent)
    /// What a machine sends tells it from all others.
    case identifier(DeviceIdentifier)
    case sensor(SensorEvent)
  }
}

extension Observation.Content {
  /// It tells that another protocol follows inside.
  var isWrapper: Bool { if case .wrapped = self { true } else { false } }
}

/// The client opened the connection, the server answers.
package enum Role: String, Sendable {
  case client, server

  package var other: Role { self == .client ? .server : .client }
}

/// An address, a port and the link-layer address it was seen with.
package struct Endpoint: Hashable, Sendable, BitwiseCopyable {
  package var address: IPAddress
  /// 0 for protocols without ports.
  package var port: UInt16
  /// ``Decode/MACAddress/none`` when the frame had no Ethernet header.
  package var mac: MACAddress

  /// Stands for an end that is not known: nobody is reached at 0.0.0.0 (RFC 1122 §3.2.1.3).
  package static let unknown = Endpoint(address: IPAddress(v4: 0), port: 0)

  package init(address: IPAddress, port: UInt16, mac: MACAddress = .none) {
    self.address = address
    self.port = port
    self.mac = mac
  }
}

/// Who speaks with whom: a copy of what the flow table knows, made when something is observed.
///
/// Plain numbers, so that handing it on counts no references.
package struct FlowFacts: Sendable, BitwiseCopyable {
  /// Unique in one run; never reused.
  package var id: UInt64
  package var client: Endpoint
  package var server: Endpoint
  /// IANA protocol number: 6 TCP, 17 UDP, 1 ICMP...
  package var ipProtocol: UInt8
  /// For ICMP and ICMPv6: the type of the first packet.
  package var icmpType: UInt8
  private var vlanTags: VLANTags
  /// Index of the interface or capture file.
  package var interface: UInt16
  package var basis: DirectionBasis
  /// The connection was seen from its SYN on.
  package var sawStart: Bool
  /// Bytes of it never came by, so far as is known: lost, or cut off by the capture.
  package var hasLoss: Bool
  package var firstSeen: Timestamp
  /// The encapsulation it was found in, if any.
  package var tunnel: Tunnel

  package init(
    id: UInt64, client: Endpoint, server: Endpoint, ipProtocol: UInt8, icmpType: UInt8 = 0, vlans: [UInt16] = [],
    interface: UInt16 = 0, basis: DirectionBasis = .handshake, sawStart: Bool = true, hasLoss: Bool = false,
    firstSeen: Timestamp, tunnel: Tunnel = Tunnel()
  ) {
    self.id = id
    self.client = client
    self.server = server
    self.ipProtocol = ipProtocol
    self.icmpType = icmpType
    vlanTags = VLANTags(vlans)
    self.interface = interface
    self.basis = basis
    self.sawStart = sawStart
    self.hasLoss = hasLoss
    self.firstSeen = firstSeen
    self.tunnel = tunnel
  }

  /// VLAN identifiers, outermost first: at most two.
  package var vlans: [UInt16] { vlanTags.identifiers }

  /// As many VLAN tags as Decode keeps.
  private struct VLANTags: Sendable, BitwiseCopyable {
    private var outer: UInt16 = 0
    private var inner: UInt16 = 0
    private var count: UInt8 = 0

    init(_ identifiers: [UInt16]) {
      outer = identifiers.first ?? 0
      inner = identifiers.dropFirst().first ?? 0
      count = UInt8(min(identifiers.count, 2))
    }

    var identifiers: [UInt16] { Array([outer, inner].prefix(Int(count))) }
  }
}

/// A flow's sums when it ended.
package struct FlowTotals: Sendable {
  package var reason: FlowEnd
  package var lastSeen: Timestamp
  package var toServer: FlowCounters
  package var toClient: FlowCounters
  /// Stream bytes that one end acknowledged and we never saw.
  package var missedBytes: UInt64
  /// The server answered at all.
  package var answered: Bool
  /// Who closed the connection or broke it off first, if anybody did.
  package var endedBy: Role?

  package init(
    reason: FlowEnd, lastSeen: Timestamp, toServer: FlowCounters = FlowCounters(),
    toClient: FlowCounters = FlowCounters(),
    missedBytes: UInt64 = 0, answered: Bool = true, endedBy: Role? = nil
  ) {
    self.reason = reason
    self.lastSeen = lastSeen
    self.toServer = toServer
    self.toClient = toClient
    self.missedBytes = missedBytes
    self.answered = answered
    self.endedBy = endedBy
  }
}
