import Capture
import Testing

@testable import Decode

struct TunnelTests {
  @Test(arguments: [
    (0x0000, 4, false), (0x8000, 8, false), (0x2000, 8, false), (0x1000, 8, true), (0xb000, 16, true),
  ])
  func `GRE, byte by byte`(flags: Int, length: Int, hasSequence: Bool) throws {
    let bytes = big16(flags) + hex("6558 00000000 00000000 00000000")
    let header = try parse(bytes, of: length) { GREHeader($0) }
    #expect(header.protocolType == 0x6558)
    #expect(header.headerLength == length)
    #expect(header.hasSequence == hasSequence)
    #expect(header.version == 0 && !header.hasRoute)
  }

  @Test
  func `VXLAN, byte by byte`() throws {
    let header = try parse(hex("08000000 12345600"), of: 8) { VXLANHeader($0) }
    #expect(header.networkIdentifier == 0x123456)
    #expect(header.fault == nil)
  }

  @Test
  func `ERSPAN, byte by byte`() throws {
    let second = try parse(hex("100a 0bff 00000000"), of: 8) { ERSPANHeader($0, isType3: false) }
    #expect(second.version == 1)
    #expect(second.session == 0x3ff)
    #expect(second.headerLength == 8)
    let third = hex("200a 0001 00000000 0000 0801 0000000000000000")
    let header = try parse(third, of: 20) { ERSPANHeader($0, isType3: true) }
    #expect(header.frameType == .ip)
    #expect(header.headerLength == 20)
  }

  @Test(arguments: [
    ("IP in IP", Tunnel.Kind.ip), ("IPv6 in IPv4", .ip), ("GRE", .gre), ("GRE with all fields", .gre),
    ("ERSPAN I", .erspan), ("ERSPAN II", .erspan), ("ERSPAN III", .erspan), ("ERSPAN III with sub-header", .erspan),
    ("ERSPAN III around IP", .erspan), ("VXLAN", .vxlan),
  ])
  func `describes the packet inside and names the tunnel`(name: String, kind: Tunnel.Kind) throws {
    let frame = try #require(SampleFrame.all.first { $0.description == name })
    let decoded = decode(frame.bytes)
    #expect(decoded.packet.transport == .tcp)
    #expect(decoded.packet.destinationPort == 3333)
    #expect(decoded.packet.tunnel.kind == kind)
    #expect(decoded.packet.tunnel.source.description == "10.0.0.1")
    #expect(decoded.packet.tunnel.destination.description == "10.0.0.2")
    #expect(decoded.counters[kind] == 1)
  }

  @Test
  func `tags and addresses are those of the frame inside`() {
    let inner = ethernet(0x8100, hex("0014 0800") + ipv4(6, tcp()))
    let outer = ethernet(0x8100, hex("000a 0800") + ipv4(17, udp(vxlan(inner), port: 4789)))
    #expect(decode(outer).packet.outerVLAN == 20)
    let bare = decode(ethernet(0x8100, hex("000a 0800") + ipv4(4, ipv4(6, tcp())))).packet
    #expect(bare.vlanCount == 0)
    #expect(bare.sourceMAC == .none)
  }

  @Test
  func `VXLAN is told by the destination port only`() {
    var datagram = udp(vxlan(SampleFrame.inner), port: 53)
    datagram.replaceSubrange(0..<2, with: big16(4789))
    #expect(decode(ethernet(0x0800, ipv4(17, datagram))).packet.tunnel.kind == .none)
  }

  /// Bytes inside that are broken, are not read, or are a second tunnel, and what is said of them.
  static let unreadable: [([UInt8], Outcome)] = [
    ([], .fault(.ethernetTruncated)),
    (ethernet(0x0800, ipv4(6, tcp(offset: 0x10))), .fault(.tcpDataOffset)),
    (ethernet(0x0800, ipv4(6, tcp(), length: 44)), .fault(.ipv4LengthPastFrame)),
    (ethernet(0x88cc, hex("0207")), .ignored(.lldp)),
  ]

  @Test(arguments: unreadable)
  func `what does not decode inside leaves the outer packet`(inner: [UInt8], unopened: Outcome) {
    let bytes = ethernet(0x8100, hex("000a 0800") + ipv4(17, udp(vxlan(inner), port: 4789)))
    let packet = decode(bytes).packet
    #expect(packet.transport == .udp)
    #expect(packet.destinationPort == 4789)
    #expect(packet.outerVLAN == 10)
    #expect(packet.tunnel.kind == .none)
    #expect(packet.payloadLength == inner.count + 8)
    #expect(packet.unopened == unopened)

    let mirrored = decode(ethernet(0x0800, ipv4(47, gre(0x6558, inner)))).packet
    #expect(mirrored.transport == .none)
    #expect(mirrored.ipProtocol == 47)
    #expect(mirrored.unopened == unopened)
  }

  @Test
  func `a second level stays shut`() {
    let twice = ethernet(0x0800, ipv4(17, udp(vxlan(ethernet(0x0800, ipv4(4, ipv4(6, tcp())))), port: 4789)))
    let packet = decode(twice).packet
    #expect(packet.tunnel.kind == .vxlan)
    #expect(packet.ipProtocol == 4)
    #expect(packet.transport == .none)
    #expect(packet.unopened == .ignored(.nestedTunnel))
  }

  @Test
  func `a hundred levels cost no more than two`() {
    var bytes = ipv4(6, tcp())
    for _ in 0..<100 { bytes = ipv4(4, bytes) }
    let packet = decode(ethernet(0x0800, bytes)).packet
    #expect(packet.unopened == .ignored(.nestedTunnel))
    #expect(packet.payloadOffset == 14 + 40)
  }

  @Test
  func `a mirror may cut the frame it sends`() {
    let cut = Array(SampleFrame.inner.dropLast(2))
    let mirrored = decode(ethernet(0x0800, ipv4(47, gre(0x88be, cut)))).packet
    #expect(mirrored.tunnel.kind == .erspan)
    #expect(mirrored.payloadLength == 1)
    #expect(mirrored.claimedPayloadLength == 3)
    // No one else may.
    #expect(decode(ethernet(0x0800, ipv4(47, gre(0x6558, cut)))).packet.unopened == .fault(.ipv4LengthPastFrame))
  }
}
