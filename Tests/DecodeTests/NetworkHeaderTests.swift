import Capture
import Testing

@testable import Decode

struct NetworkHeaderTests {
  @Test
  func `ARP, byte by byte`() throws {
    let bytes = hex("0001 0800 06 04 0002 010203040506 0a000001 111213141516 0a0000fe")
    let header = try parse(bytes, of: 28) { ARPHeader($0) }
    #expect(header.isIPv4OverEthernet)
    #expect(header.operation == 2)
    #expect(header.senderMAC.description == "01:02:03:04:05:06")
    #expect(header.senderAddress.description == "10.0.0.1")
    #expect(header.targetMAC.description == "11:12:13:14:15:16")
    #expect(header.targetAddress.description == "10.0.0.254")

    let packet = decode(ethernet(0x0806, bytes + hex("0000"))).packet  // padded
    #expect(packet.network == .arp)
    #expect(packet.source == header.senderAddress)
    #expect(packet.destination == header.targetAddress)
    #expect(packet.payloadOffset == 14)
    #expect(packet.payloadLength == 28)
  }

  @Test
  func `IPv4, byte by byte`() throws {
    let bytes = hex("46 b8 0123 4567 2abc 3f 11 beef c0a80102 08080404 00000000")
    let header = try parse(bytes, of: 20) { IPv4Header($0) }
    #expect(header.version == 4)
    #expect(header.headerLength == 24)
    #expect(header.totalLength == 0x123)
    #expect(header.identification == 0x4567)
    #expect(header.moreFragments)
    #expect(header.fragmentOffset == 0xabc * 8)
    #expect(header.timeToLive == 63)
    #expect(header.payloadProtocol == 17)
    #expect(header.source.description == "192.168.1.2")
    #expect(header.destination.description == "8.8.4.4")
  }

  @Test
  func `IPv6, byte by byte`() throws {
    let bytes = hex("6b812345 0123 3a ff 20010db8000000000000000000000001 fe800000000000000000000000000002")
    let header = try parse(bytes, of: 40) { IPv6Header($0) }
    #expect(header.version == 6)
    #expect(header.payloadLength == 0x123)
    #expect(header.nextHeader == 58)
    #expect(header.hopLimit == 255)
    #expect(header.source.description == "2001:db8::1")
    #expect(header.destination.description == "fe80::2")
  }

  @Test
  func `bytes behind the datagram are not payload`() {
    let v4 = decode(ethernet(0x0800, ipv4(6, tcp([]))) + hex("0000 0000 0000"))
    #expect(v4.packet.payloadLength == 0)
    #expect(v4.packet.claimedPayloadLength == 0)
    let v6 = decode(ethernet(0x86dd, ipv6(17, udp())) + hex("0000 0000 0000"))
    #expect(v6.packet.payloadLength == 4)
  }

  @Test
  func `a snapped frame says what it had`() {
    let bytes = ethernet(0x0800, ipv4(6, tcp(Array(repeating: 0, count: 1000))))
    let packet = decode(Array(bytes.prefix(96)), wireLength: bytes.count).packet
    #expect(packet.payloadOffset == 54)
    #expect(packet.payloadLength == 42)
    #expect(packet.claimedPayloadLength == 1000)
  }

  @Test
  func `a snap inside the TCP options leaves no payload`() {
    let bytes = ethernet(0x0800, ipv4(6, tcp(offset: 0x60, options: hex("01010101"))))
    let packet = decode(Array(bytes.prefix(56)), wireLength: bytes.count).packet
    #expect(packet.transport == .tcp)
    #expect(packet.payloadOffset == 56)
    #expect(packet.payloadLength == 0)
    #expect(packet.claimedPayloadLength == 3)
  }

  @Test(arguments: [
    (1460, Outcome.fault(.ipv4LengthShorterThanHeader)),  // fits a frame: no receiver takes it
    (1461, .packet),
    (70_000, .packet),
  ])
  func `IPv4 length 0 is taken only from a superframe`(payload: Int, outcome: Outcome) {
    let bytes = ethernet(0x0800, ipv4(6, tcp(Array(repeating: 1, count: payload)), length: 0))
    let decoded = decode(bytes)
    #expect(decoded.outcome == outcome)
    if outcome == .packet { #expect(decoded.packet.payloadLength == payload) }
  }

  @Test(arguments: [
    (1440, Outcome.fault(.tcpTruncated)),  // fits a frame: no receiver takes it
    (1441, .packet),
    (70_000, .packet),
  ])
  func `IPv6 length 0 is taken only from a superframe`(payload: Int, outcome: Outcome) {
    let segment = tcp(Array(repeating: 1, count: payload))
    let bare = decode(ethernet(0x86dd, ipv6(6, segment, length: 0)))
    #expect(bare.outcome == outcome)
    if outcome == .packet { #expect(bare.packet.payloadLength == payload) }
  }

  @Test
  func `a jumbogram names its length in a hop-by-hop header`() {
    let segment = tcp(Array(repeating: 1, count: 70_000))
    let jumbo = decode(ethernet(0x86dd, ipv6(0, hex("0600 c204 0001118c") + segment, length: 0)))
    #expect(jumbo.packet.payloadLength == 70_000)
  }

  @Test
  func `IPv6 may carry nothing`() {
    let nothing = decode(ethernet(0x86dd, ipv6(59, [], length: 0)))
    #expect(nothing.outcome == .packet)
    #expect(nothing.packet.payloadLength == 0)
  }

  @Test
  func `IPv4 fragments carry their place and no ports`() {
    let decoded = decode(ethernet(0x0800, ipv4(17, udp(), fragment: 0x2003)))
    let fragment = decoded.packet.fragment
    #expect(fragment.isFragment && fragment.moreFollow)
    #expect(fragment.offset == 24)
    #expect(fragment.identification == 0x1234)
    #expect(decoded.packet.transport == .none)
    #expect(decoded.packet.sourcePort == 0)
    #expect(decoded.packet.payloadOffset == 34)
    #expect(decoded.packet.payloadLength == 12)
    #expect(decoded.counters.fragments == 1)
  }

  @Test
  func `IPv6 fragments carry their place and no ports`() {
    let packet = decode(ethernet(0x86dd, ipv6(44, hex("1100 0018 0000abcd") + udp()))).packet
    #expect(packet.fragment.isFragment && !packet.fragment.moreFollow)
    #expect(packet.fragment.offset == 24)
    #expect(packet.fragment.identification == 0xabcd)
    #expect(packet.ipProtocol == 17)
    #expect(packet.transport == .none)
    #expect(packet.payloadOffset == 62)
    #expect(packet.payloadLength == 12)
  }

  @Test
  func `an atomic fragment is a whole datagram`() {
    let packet = decode(ethernet(0x86dd, ipv6(44, hex("1100 0000 0000abcd") + udp()))).packet
    #expect(!packet.fragment.isFragment)
    #expect(packet.transport == .udp)
  }

  @Test
  func `eight extension headers are skipped`() {
    let options = Array(repeatElement(hex("3c00 0104 0000 0000"), count: 7).joined()) + hex("0600 0104 0000 0000")
    let packet = decode(ethernet(0x86dd, ipv6(60, options + tcp()))).packet
    #expect(packet.transport == .tcp)
    #expect(packet.ipProtocol == 6)
  }

  @Test(arguments: [
    (UInt8(1), true), (58, false), (6, true), (17, true),
  ])
  func `ICMP is each version's own`(payloadProtocol: UInt8, isRead: Bool) {
    let payload: [UInt8] = payloadProtocol == 17 ? udp(Array(repeating: 0, count: 15)) : tcp()
    #expect((decode(ethernet(0x0800, ipv4(payloadProtocol, payload))).packet.transport != .none) == isRead)
  }

  @Test
  func `ICMP inside IPv6 is not read`() {
    #expect(decode(ethernet(0x86dd, ipv6(1, hex("0800 0000 0000 0000")))).packet.transport == .none)
  }
}
