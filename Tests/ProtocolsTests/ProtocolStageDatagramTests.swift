import Decode
import Flows
import Protocols
import Testing

struct ProtocolStageDatagramTests {
  static let resolver = IPAddress(v4: 0x0a01_0001)
  static let asker: (IPAddress, UInt16) = (Site.miner, 40_000)
  static let server: (IPAddress, UInt16) = (resolver, 53)

  static func answer(_ last: UInt8) -> [UInt8] {
    DNSWire.response("pool.example", answers: [DNSWire.record(DNSWire.questionPointer, type: 1, [203, 0, 113, last])])
  }

  @Test func `reads a query and its answer`() throws {
    var site = Site()
    site.datagram(DNSWire.query("pool.example"), from: Self.asker, to: Self.server)
    site.datagram(Self.answer(9), from: Self.server, to: Self.asker)
    site.shutDown()
    let found = site.take()
    #expect(
      found.map(\.line) == [
        "identified dns", "query pool.example", "answer pool.example 203.0.113.9", "ended shutdown dns",
      ])
    let flow = try #require(found[2].flow)
    #expect(flow.client.address == Site.miner)
    #expect(flow.server.address == Self.resolver)
    #expect(site.stage.counters.dnsQueries == 1)
    #expect(site.stage.counters.dnsResponses == 1)
  }

  @Test func `marks the second of two answers`() {
    var site = Site()
    site.datagram(DNSWire.query("pool.example"), from: Self.asker, to: Self.server)
    for last: UInt8 in [9, 9, 66] { site.datagram(Self.answer(last), from: Self.server, to: Self.asker) }
    let found = site.take().map(\.line)
    #expect(found.last == "answer pool.example 203.0.113.66 contradicts")
    #expect(found.count { $0.contains("contradicts") } == 1)
    #expect(site.stage.counters.dnsContradictions == 1)
  }

  @Test func `tells client and server of an answer whose query it missed`() throws {
    var site = Site()
    // Neither port says who serves.
    site.datagram(Self.answer(9), from: (Self.resolver, 40_001), to: (Site.miner, 40_002))
    let flow = try #require(site.take().first?.flow)
    #expect(flow.server.address == Self.resolver)
    #expect(flow.basis == .content)
  }

  @Test func `blames nobody for what the capture cut`() {
    var site = Site()
    let whole = Self.answer(9)
    site.datagram(Array(whole.dropLast(8)), from: Self.server, to: Self.asker, claimed: whole.count)
    #expect(site.take().map(\.line) == ["identified dns", "answer pool.example"])
    site.datagram(Array(whole.dropLast(8)), from: Self.server, to: Self.asker)
    #expect(site.take().map(\.line) == ["answer pool.example truncatedMessage"])
  }

  @Test func `does not take multicast names for DNS`() {
    for group in [IPAddress(v4: 0xe000_00fb), IPAddress(v4: .max)] {
      var site = Site()
      site.datagram(DNSWire.query("printer.local"), from: (Site.miner, 5_353), to: (group, 5_353))
      #expect(site.take().map(\.line) == ["identified mdns", "names printer.local"])
    }
  }

  @Test func `reports NTP once for each direction`() {
    var site = Site()
    for _ in 0..<3 {
      site.datagram(RecogniserTests.ntp, from: (Site.miner, 123), to: (Self.resolver, 123))
      site.datagram([0x24] + RecogniserTests.ntp.dropFirst(), from: (Self.resolver, 123), to: (Site.miner, 123))
    }
    #expect(site.take().map(\.line) == ["identified ntp", "ntp 3", "ntp 4"])
    #expect(site.stage.counters.ntpPackets == 6)
  }

  @Test func `tells DHCP, and what is said twice once`() {
    var site = Site()
    for _ in 0..<2 {
      site.datagram(RecogniserTests.dhcp, from: (IPAddress(v4: 0), 68), to: (IPAddress(v4: .max), 67))
    }
    #expect(site.take().map(\.line) == ["identified dhcp", "dhcp discover 00:00:00:00:00:00"])
  }

  @Test func `thinks better of an unknown flow, for a while`() {
    var site = Site()
    site.datagram([1, 2, 3], from: Self.asker, to: Self.server)
    site.datagram(DNSWire.query("pool.example"), from: Self.asker, to: Self.server)
    #expect(site.take().map(\.line) == ["identified unknown", "identified dns", "query pool.example"])

    site = Site()
    for _ in 0..<8 { site.datagram([1, 2, 3], from: Self.asker, to: Self.server) }
    site.datagram(DNSWire.query("pool.example"), from: Self.asker, to: Self.server)
    #expect(site.take().map(\.line) == ["identified unknown"])
  }

  @Test func `counts what is not DNS in a DNS flow`() {
    var site = Site()
    site.datagram(DNSWire.query("pool.example"), from: Self.asker, to: Self.server)
    site.datagram([UInt8](repeating: 0xff, count: 40), from: Self.asker, to: Self.server)
    #expect(site.take().count == 2)
    #expect(site.stage.counters.dnsImplausible == 1)
  }

  @Test func `calls a flow without payload silent`() {
    var site = Site()
    site.datagram([], from: Self.asker, to: Self.server)
    site.wait(seconds: 25)
    #expect(site.take().map(\.line) == ["identified silent"])
  }

  @Test func `names other protocols by nothing but their number`() {
    var site = Site()
    var packet = Packet()
    packet.ipProtocol = 47
    packet.source = Site.miner
    packet.destination = Site.pool
    for _ in 0..<3 { site.receive(packet, [0, 0, 8, 0]) }
    let found = site.take()
    #expect(found.map(\.line) == ["identified none"])
    #expect(found.first?.flow?.ipProtocol == 47)
    #expect(site.stage.counters.flows(identifiedAs: .none) == 1)
  }
}
