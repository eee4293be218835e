import Decode
import Foundation
import Protocols
import Simulator
import Testing

struct DHCPMessageTests {
  static let client = MACAddress(rawValue: 0x0200_0a14_0005)

  static func message(_ payload: [UInt8], isIPv6: Bool = false) -> DHCPMessage? {
    var site = Site()
    return message(payload, isIPv6: isIPv6, &site)
  }

  static func message(_ payload: [UInt8], isIPv6: Bool, _ site: inout Site) -> DHCPMessage? {
    var packet = Packet()
    packet.transport = .udp
    packet.ipProtocol = 17
    packet.network = isIPv6 ? .ipv6 : .ipv4
    (packet.sourcePort, packet.destinationPort) = isIPv6 ? (546, 547) : (68, 67)
    packet.source = isIPv6 ? IPAddress(high: 0xfe80_0000_0000_0000, low: 5) : IPAddress(v4: 0)
    packet.destination = isIPv6 ? IPAddress(high: 0xff02_0000_0000_0000, low: 0x1_0002) : IPAddress(v4: .max)
    site.receive(packet, payload)
    for observation in site.take() {
      if case .dhcp(let message) = observation.content { return message }
    }
    return nil
  }

  static let discover = DHCPBytes.fromClient(client, type: 1, requested: IPAddress(v4: 0x0a14_0005))
  static let acknowledgment = DHCPBytes.fromServer(
    IPAddress(v4: 0x0a01_0001), to: client, type: 5, gives: IPAddress(v4: 0x0a14_0005),
    router: IPAddress(v4: 0x0a14_0001), resolvers: [IPAddress(v4: 0x0a01_0001), IPAddress(v4: 0x0808_0808)],
    timeServers: [IPAddress(v4: 0x0a01_0007)])

  @Test func `reads what a client says of itself`() throws {
    let message = try #require(Self.message(Self.discover))
    #expect(message.kind == .discover && !message.isFromServer && message.clientMAC == Self.client)
    #expect(message.hostname == "antminer" && message.requested == IPAddress(v4: 0x0a14_0005))
    #expect(message.fingerprint == "udhcp 1.24.1 1,3,6,12,15,28,42")
  }

  @Test func `reads what a server hands out`() throws {
    let message = try #require(Self.message(Self.acknowledgment))
    #expect(message.kind == .ack && message.isFromServer && message.fingerprint == nil)
    #expect(message.assigned == [IPAddress(v4: 0x0a14_0005)] && message.server == IPAddress(v4: 0x0a01_0001))
    #expect(message.routers == [IPAddress(v4: 0x0a14_0001)] && message.resolvers.count == 2)
    #expect(message.timeServers == [IPAddress(v4: 0x0a01_0007)])
  }

  /// RFC 3397 §2: names one after the other, compressed against the option's own bytes.
  @Test func `reads the domains that resolvers try`() throws {
    var packet = Self.acknowledgment
    packet.removeLast()
    var cut = packet
    packet += hex("0f 09") + Array("Corp.Lan.".utf8)
    packet += hex("77 0e 03 656e67 04 636f7270 00 01 78 c004 ff")
    #expect(try #require(Self.message(packet)).searchDomains == ["corp.lan", "eng.corp", "x.corp"])
    cut += hex("77 05 03 656e67 09 ff")
    #expect(try #require(Self.message(cut)).searchDomains == [])
  }

  /// RFC 2131 §4.1: options may go on in the file and server name fields.
  @Test func `reads options in the fields that they overflow into`() throws {
    var packet = Array(Self.acknowledgment.prefix(240)) + [53, 1, 2, 52, 1, 3, 255]
    packet.replaceSubrange(108..<115, with: [54, 4, 10, 1, 0, 9, 255])
    packet.replaceSubrange(44..<51, with: [3, 4, 10, 20, 0, 66, 255])
    let message = try #require(Self.message(packet))
    #expect(message.kind == .offer && message.server == IPAddress(v4: 0x0a01_0009))
    #expect(message.routers == [IPAddress(v4: 0x0a14_0042)])
  }

  /// RFC 8415 §8: a solicitation with a DUID-LLT, an option request and a name.
  static let solicit = hex(
    """
    01 08fb0d
    0001 000e 0001 0001 1c39cf88 080027fe8f95
    0006 0006 0017 0018 0038
    0027 000a 00 0561 6e746d31 0161 00
    0010 000c 00000009 0006 61 6e 74 6d 69 6e
    0003 000c 27fe8f95 00000e10 00001518
    """)

  @Test func `reads IPv6's clients and servers`() throws {
    let client = try #require(Self.message(Self.solicit, isIPv6: true))
    #expect(client.kind == .solicit && client.clientMAC == MACAddress(rawValue: 0x0800_27fe_8f95))
    #expect(client.fingerprint == "antmin 23,24,56")
    let reply = hex(
      """
      07 08fb0d
      0003 0028 27fe8f95 00000e10 00001518
        0005 0018 20010db8000000000000000000000005 00001194 00001c20
      0017 0010 20010db8000000000000000000000053
      0018 000d 04 436f7270 03 6c616e 00 01 78 00
      0038 0014 0001 0010 20010db8000000000000000000000123
      """)
    let server = try #require(Self.message(reply, isIPv6: true))
    #expect(server.kind == .reply && server.isFromServer)
    #expect(server.assigned.map(\.description) == ["2001:db8::5"])
    #expect(server.resolvers.map(\.description) == ["2001:db8::53"])
    #expect(server.timeServers.map(\.description) == ["2001:db8::123"])
    #expect(server.searchDomains == ["corp.lan", "x"])
    let relayed = [12, 0] + [UInt8](repeating: 0x20, count: 32) + [0, 9, 0, UInt8(Self.solicit.count)] + Self.solicit
    let inner = try #require(Self.message(relayed, isIPv6: true))
    #expect(inner.kind == .solicit && inner.relay != nil)
  }

  @Test func `survives every truncation and any change`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    var site = Site()
    for (whole, isIPv6) in [(Self.discover, false), (Self.acknowledgment, false), (Self.solicit, true)] {
      for count in 0..<whole.count { _ = Self.message(Array(whole.prefix(count)), isIPv6: isIPv6, &site) }
      for _ in 0..<500 {
        var bytes = whole
        for _ in 0...random.next() % 6 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xff) }
        let message = Self.message(bytes, isIPv6: isIPv6, &site)
        #expect((message?.parameters.count ?? 0) <= 64, "seed \(seed)")
      }
    }
  }
}

struct LocalNamesTests {
  static func names(_ payload: [UInt8], port: UInt16 = 5_353) -> [String] {
    var site = Site()
    return names(payload, port: port, &site)
  }

  static func names(_ payload: [UInt8], port: UInt16 = 5_353, _ site: inout Site) -> [String] {
    site.datagram(payload, from: (Site.miner, port), to: (IPAddress(v4: 0xe000_00fb), port))
    return site.take().map(\.line)
  }

  @Test func `reads questions and answers`() {
    #expect(Self.names(DNSWire.query("rig.local")) == ["identified mdns", "names rig.local"])
    #expect(Self.names(DNSWire.query("wpad"), port: 5_355) == ["identified llmnr", "names wpad"])
    // RFC 6762 §6: an answer repeats no question.
    let answer =
      DNSWire.header(flags: 0x8400, questions: 0, answers: 1)
      + DNSWire.record(DNSWire.name("rig.local"), type: 1, [10, 20, 0, 5])
    #expect(Self.names(answer) == ["identified mdns", "names rig.local"])
  }

  @Test func `two questions in one message`() {
    let both = DNSWire.header(questions: 2) + DNSWire.question("a.local") + DNSWire.question("b.local", type: 28)
    #expect(Self.names(both) == ["identified mdns", "names a.local b.local"])
  }

  @Test func `survives every truncation and any change`() {
    let whole = DNSWire.response(
      "rig.local", answers: [DNSWire.record(DNSWire.questionPointer, type: 1, [10, 20, 0, 5])])
    var site = Site()
    for count in 0..<whole.count { _ = Self.names(Array(whole.prefix(count)), &site) }
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    for _ in 0..<2_000 {
      var bytes = whole
      for _ in 0...random.next() % 4 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xff) }
      #expect(Self.names(bytes, &site).count <= 3, "seed \(seed)")
    }
  }
}

@Suite(.enabled(if: SharedCaptures.folder != nil, SharedCaptures.missing))
struct LinkCaptureTests {
  /// Messages of the link in real captures, each once.
  @Test(
    arguments: [
      ("tcpdump--dhcp-rfc3004.pcap", ["dhcp discover", "dhcp offer", "dhcp request", "dhcp ack"]),
      ("tcpdump--dhcpv6-ia-na.pcap", ["dhcp solicit", "dhcp advertise", "dhcp request", "dhcp reply"]),
      ("tcpdump--icmpv6.pcap", ["router fe80::b299:28ff:fec8:d66c 15"]),
      ("tcpdump--arp-oobr.pcap", ["arp 1 192.168.1.104", "arp 1 192.168.1.104", "arp 1 192.168.0.37"]),
      ("nDPI--dhcp-fuzz.pcapng", []),  // Its options run past their end.
    ] as [(String, [String])])
  func `reads what hosts say to their link`(file: String, first: [String]) throws {
    let folder = try #require(SharedCaptures.folder)
    let found = SharedCaptures.observations(folder.appendingPathComponent("other/" + file)).filter { $0.link != nil }
    for (text, observation) in zip(first, found) { #expect(observation.line.hasPrefix(text)) }
    #expect(found.count >= first.count && first.isEmpty == found.isEmpty)
  }
}
