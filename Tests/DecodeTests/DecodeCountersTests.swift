import Capture
import Testing

@testable import Decode

struct DecodeCountersTests {
  @Test
  func `has room for every kind`() {
    var counters = DecodeCounters()
    var packet = Packet()
    for fault in Fault.allCases { counters.count(.fault(fault), &packet, link: .ethernet) }
    for kind in Ignored.allCases { counters.count(.ignored(kind), &packet, link: LinkType(rawValue: -1)) }
    for network in NetworkKind.allCases {
      for transport in TransportKind.allCases {
        for tunnel in Tunnel.Kind.allCases {
          packet.network = network
          packet.transport = transport
          packet.tunnel.kind = tunnel
          counters.count(.packet, &packet, link: .raw)
        }
      }
    }
    #expect(Fault.allCases.allSatisfy { counters[$0] == 1 })
    #expect(Ignored.allCases.allSatisfy { counters[$0] == 1 })
    #expect(NetworkKind.allCases.allSatisfy { counters[$0] == 25 })
    #expect(TransportKind.allCases.allSatisfy { counters[$0] == 20 })
    #expect(Tunnel.Kind.allCases.allSatisfy { counters[$0] == 20 })
    #expect(counters[LinkKind.ethernet] == UInt64(Fault.allCases.count))
    #expect(counters[LinkKind.other] == UInt64(Ignored.allCases.count))
    #expect(counters.frames == UInt64(Fault.allCases.count + Ignored.allCases.count + 100))
  }

  @Test
  func `lists what is not zero`() {
    #expect(DecodeCounters().entries.isEmpty)
    var counters = decode(ethernet(0x8100, hex("000a 0800") + ipv4(17, udp([], port: 4789)))).counters
    var packet = Packet()
    counters.count(.ignored(.lldp), &packet, link: .ethernet)
    let lines = counters.entries.map { "\($0.text) \($0.count)" }
    #expect(
      lines == [
        "link: Ethernet 2", "network: IPv4 1", "transport: UDP 1", "with VLAN tag 1", "ignored: LLDP 1",
        "fault: VXLAN header cut short 1",
      ])
  }

  @Test
  func `a datagram put together is no new frame`() {
    var counters = DecodeCounters()
    var packet = Packet()
    packet.transport = .udp
    counters.countReassembled(.packet, &packet)
    counters.countReassembled(.fault(.udpTruncated), &packet)
    #expect(counters.frames == 0)
    #expect(counters[TransportKind.udp] == 1)
    #expect(counters[Fault.udpTruncated] == 1)
  }

  @Test(arguments: [
    (LinkType.ethernet, LinkKind.ethernet), (.raw, .raw), (.linuxCooked, .linuxCooked), (.linuxCooked2, .linuxCooked2),
    (.ipv4, .ipv4), (.ipv6, .ipv6), (LinkType(rawValue: 147), .other),
  ])
  func `tells link types apart`(type: LinkType, kind: LinkKind) {
    #expect(LinkKind(type) == kind)
    #expect(type.isReadable == (kind != .other))
  }
}
