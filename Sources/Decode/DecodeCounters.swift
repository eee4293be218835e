package import Capture

/// How many frames came to which end, and of what kind they were. Flat numbers: a count is one addition.
package struct DecodeCounters: Sendable {
  // A length must be a literal. `DecodeCountersTests` counts every case, so none can be too short.
  private var faults = InlineArray<40, UInt64>(repeating: 0)
  private var ignored = InlineArray<20, UInt64>(repeating: 0)
  private var links = InlineArray<7, UInt64>(repeating: 0)
  private var networks = InlineArray<4, UInt64>(repeating: 0)
  private var transports = InlineArray<5, UInt64>(repeating: 0)
  private var tunnels = InlineArray<5, UInt64>(repeating: 0)
  /// Frames of ``Packet/isOrdinary`` on Ethernet: nearly all, and one addition is all that they cost.
  private var ordinary: UInt64 = 0

  /// Packets with at least one VLAN tag.
  package private(set) var tagged: UInt64 = 0
  /// Packets that are pieces of a datagram.
  package private(set) var fragments: UInt64 = 0

  package init() {}

  /// Counts one frame.
  ///
  /// - Parameter packet: what the decoder made of it; looked at only when `outcome` is ``Outcome/packet``.
  ///   Not changed: it is `inout` because the compiler copies all of a borrowed one.
  @inline(__always)
  package mutating func count(_ outcome: Outcome, _ packet: inout Packet, link: LinkType) {
    if outcome.isPacket, link == .ethernet, packet.isOrdinary {
      ordinary &+= 1
    } else {
      countUnusual(outcome, &packet, link: link)
    }
  }

  /// Counts one frame of ``Packet/isOrdinary`` on Ethernet.
  @inline(__always)
  mutating func countOrdinary() { ordinary &+= 1 }

  @inline(never)
  private mutating func countUnusual(_ outcome: Outcome, _ packet: inout Packet, link: LinkType) {
    links[LinkKind(link).index] &+= 1
    count(outcome)
    guard outcome.isPacket else { return }
    networks[Int(packet.network.rawValue)] &+= 1
    transports[Int(packet.transport.rawValue)] &+= 1
    tunnels[Int(packet.tunnel.kind.rawValue)] &+= 1
    if packet.vlanCount > 0 { tagged &+= 1 }
    if packet.fragment.isFragment { fragments &+= 1 }
    count(packet.unopened)
  }

  /// Counts the transport header of a datagram that was put together from fragments. Their frames were counted when
  /// they came.
  @inline(__always)
  package mutating func countReassembled(_ outcome: Outcome, _ packet: inout Packet) {
    count(outcome)
    guard outcome.isPacket else { return }
    transports[Int(packet.transport.rawValue)] &+= 1
    count(packet.unopened)
  }

  @inline(__always)
  private mutating func count(_ outcome: Outcome) {
    switch outcome {
    case .packet: break
    case .ignored(let kind): ignored[Int(kind.rawValue)] &+= 1
    case .fault(let kind): faults[Int(kind.rawValue)] &+= 1
    }
  }
}

extension DecodeCounters {
  /// Adds what another decoder counted.
  package mutating func add(_ other: DecodeCounters) {
    for index in faults.indices { faults[index] &+= other.faults[index] }
    for index in ignored.indices { ignored[index] &+= other.ignored[index] }
    for index in links.indices { links[index] &+= other.links[index] }
    for index in networks.indices { networks[index] &+= other.networks[index] }
    for index in transports.indices { transports[index] &+= other.transports[index] }
    for index in tunnels.indices { tunnels[index] &+= other.tunnels[index] }
    ordinary &+= other.ordinary
    tagged &+= other.tagged
    fragments &+= other.fragments
  }

  /// Packets of IP and ARP, but for those that were put together from fragments.
  package var packets: UInt64 {
    [NetworkKind.ipv4, .ipv6, .arp].reduce(0) { $0 &+ self[$1] }
  }

  package subscript(kind: Fault) -> UInt64 { faults[Int(kind.rawValue)] }
  package subscript(kind: Ignored) -> UInt64 { ignored[Int(kind.rawValue)] }
  package subscript(kind: LinkKind) -> UInt64 { links[kind.index] &+ (kind == .ethernet ? ordinary : 0) }
  package subscript(kind: NetworkKind) -> UInt64 { networks[Int(kind.rawValue)] &+ (kind == .ipv4 ? ordinary : 0) }
  package subscript(kind: TransportKind) -> UInt64 { transports[Int(kind.rawValue)] &+ (kind == .tcp ? ordinary : 0) }
  package subscript(kind: Tunnel.Kind) -> UInt64 { tunnels[Int(kind.rawValue)] &+ (kind == .none ? ordinary : 0) }

  /// Frames counted, whatever became of them.
  package var frames: UInt64 {
    LinkKind.allCases.reduce(0) { $0 &+ self[$1] }
  }

  /// One number and what it counts.
  package struct Entry: Equatable, Sendable {
    package let text: String
    package let count: UInt64
  }

  /// What is not zero, in words: kinds first, then what was ignored, then faults.
  package var entries: [Entry] {
    var all = LinkKind.allCases.map { Entry(text: "link: \($0.text)", count: self[$0]) }
    all += NetworkKind.allCases.map { Entry(text: "network: \($0.text)", count: self[$0]) }
    all += TransportKind.allCases.map { Entry(text: "transport: \($0.text)", count: self[$0]) }
    all += Tunnel.Kind.allCases.filter { $0 != .none }.map { Entry(text: "inside: \($0.text)", count: self[$0]) }
    all.append(Entry(text: "with VLAN tag", count: tagged))
    all.append(Entry(text: "fragments", count: fragments))
    all += Ignored.allCases.map { Entry(text: "ignored: \($0.text)", count: self[$0]) }
    all += Fault.allCases.map { Entry(text: "fault: \($0.text)", count: self[$0]) }
    return all.filter { $0.count > 0 }
  }
}

/// The link types that Decode tells apart.
package enum LinkKind: UInt8, CaseIterable, Sendable {
  case ethernet, linuxCooked, linuxCooked2, raw, ipv4, ipv6, other

  package init(_ type: LinkType) {
    self =
      switch type {
      case .ethernet: .ethernet
      case .linuxCooked: .linuxCooked
      case .linuxCooked2: .linuxCooked2
      case .raw: .raw
      case .ipv4: .ipv4
      case .ipv6: .ipv6
      default: .other
      }
  }

  fileprivate var index: Int { Int(rawValue) }

  fileprivate var text: String {
    switch self {
    case .ethernet: "Ethernet"
    case .linuxCooked: "Linux cooked"
    case .linuxCooked2: "Linux cooked, version 2"
    case .raw: "raw IP"
    case .ipv4: "raw IPv4"
    case .ipv6: "raw IPv6"
    case .other: "other"
    }
  }
}

extension Packet {
  /// A whole TCP segment in IPv4, with nothing around it and nothing left shut in it.
  @inline(__always)
  fileprivate var isOrdinary: Bool {
    network == .ipv4 && transport == .tcp && vlanCount == 0 && tunnel.kind == .none && !fragment.isFragment
      && unopened.isPacket
  }
}

extension NetworkKind {
  fileprivate var text: String {
    switch self {
    case .none: "none"
    case .ipv4: "IPv4"
    case .ipv6: "IPv6"
    case .arp: "ARP"
    }
  }
}

extension TransportKind {
  fileprivate var text: String {
    switch self {
    case .none: "not read"
    case .tcp: "TCP"
    case .udp: "UDP"
    case .icmp: "ICMP"
    case .icmpv6: "ICMPv6"
    }
  }
}

extension Tunnel.Kind {
  fileprivate var text: String {
    switch self {
    case .none: "nothing"
    case .gre: "GRE"
    case .erspan: "ERSPAN"
    case .vxlan: "VXLAN"
    case .ip: "IP"
    }
  }
}
