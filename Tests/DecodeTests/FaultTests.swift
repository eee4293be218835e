import Capture
import Testing

@testable import Decode

/// A frame for every case of ``Fault`` and ``Ignored``: each must be there, and each must be what the decoder says.
struct FaultTests {
  struct Row {
    let bytes: [UInt8]
    var link = LinkType.ethernet
    /// The fault is in a packet inside: the outer one is the result.
    var isInside = false
  }

  static func inside(_ greOrUDP: [UInt8], _ payloadProtocol: UInt8 = 47) -> Row {
    Row(bytes: ethernet(0x0800, ipv4(payloadProtocol, greOrUDP)), isInside: true)
  }

  static func over4(_ payloadProtocol: UInt8, _ payload: [UInt8]) -> Row {
    Row(bytes: ethernet(0x0800, ipv4(payloadProtocol, payload)))
  }

  static func over6(_ nextHeader: UInt8, _ payload: [UInt8]) -> Row {
    Row(bytes: ethernet(0x86dd, ipv6(nextHeader, payload)))
  }

  static let faults: [Fault: Row] = [
    .ethernetTruncated: Row(bytes: hex("020000000001 020000000002 08")),
    .vlanTruncated: Row(bytes: ethernet(0x8100, hex("000a08"))),
    .vlanTooDeep: Row(bytes: ethernet(0x8100, Array(repeatElement(hex("000a8100"), count: 8).joined()))),
    .llcTruncated: Row(bytes: ethernet(0x0002, hex("4242"))),
    .linuxCookedTruncated: Row(bytes: hex("0000 0001 0006 020000000002 0000 08"), link: .linuxCooked),
    .pppoeTruncated: Row(bytes: ethernet(0x8864, hex("11 00 0007 0002 00"))),
    .pppoeBadVersion: Row(bytes: ethernet(0x8864, hex("21 00 0007 0002 0021"))),
    .pppoeBadCode: Row(bytes: ethernet(0x8864, hex("11 a7 0007 0002 0021"))),
    .pppoeLengthShorterThanHeader: Row(bytes: ethernet(0x8864, hex("11 00 0007 0001 0021"))),
    .pppoeLengthPastFrame: Row(bytes: ethernet(0x8864, hex("11 00 0007 0003 0021"))),
    .mplsTruncated: Row(bytes: ethernet(0x8847, hex("00010 0 40 00010 1" /* one byte short */))),
    .mplsTooDeep: Row(bytes: ethernet(0x8848, Array(repeatElement(hex("00010 0 40"), count: 17).joined()))),
    .ipTruncated: Row(bytes: [], link: .raw),
    .ipBadVersion: Row(bytes: hex("50"), link: .raw),
    .arpTruncated: Row(bytes: ethernet(0x0806, Array(arp().dropLast()))),
    .ipv4Truncated: Row(bytes: Array(ipv4(6, []).dropLast()), link: .ipv4),
    .ipv4BadVersion: Row(bytes: ipv6(6, tcp()), link: .ipv4),
    .ipv4HeaderTooShort: Row(bytes: [0x44] + ipv4(6, tcp()).dropFirst(), link: .ipv4),
    .ipv4LengthShorterThanHeader: Row(bytes: ipv4(6, tcp(), length: 19), link: .ipv4),
    .ipv4LengthPastFrame: Row(bytes: ipv4(6, tcp(), length: 44), link: .ipv4),
    .ipv6Truncated: Row(bytes: Array(ipv6(6, []).dropLast()), link: .ipv6),
    .ipv6BadVersion: Row(bytes: ipv4(6, tcp()), link: .ipv6),
    .ipv6LengthPastFrame: Row(bytes: ipv6(6, tcp(), length: 24), link: .ipv6),
    .ipv6MappedAddress: Row(bytes: ipv6(6, tcp(), source: "00000000 00000000 0000ffff 0a000001"), link: .ipv6),
    .ipv6ExtensionTruncated: over6(0, hex("0600 0104 0000 00")),
    .ipv6TooManyExtensions: over6(60, Array(repeatElement(hex("3c00 0104 0000 0000"), count: 193).joined()) + tcp()),
    .fragmentPastMaximum: Row(bytes: ipv4(17, hex("0102030405060708"), fragment: 0x1fff), link: .ipv4),
    .tcpTruncated: over4(6, Array(tcp([]).dropLast())),
    .tcpDataOffset: over4(6, tcp(offset: 0x40)),
    .udpTruncated: over4(17, Array(udp([]).dropLast())),
    .udpLengthShorterThanHeader: over4(17, udp(length: 7)),
    .udpLengthPastDatagram: over4(17, udp(length: 13)),
    .icmpTruncated: over4(1, hex("0800 0000 000000")),
    .icmpv6Truncated: over6(58, hex("8700 0000 000000")),
    .greTruncated: inside(hex("8000 0800 0000 00")),
    .erspanTruncated: inside(hex("1000 88be 00000001 1 00a 0 005 000000")),
    .erspanBadVersion: inside(gre(0x22eb, SampleFrame.erspan2Header + SampleFrame.inner)),
    .vxlanTruncated: inside(udp(Array(vxlan([]).dropLast()), port: 4789), 17),
    .vxlanWithoutIdentifier: inside(udp(vxlan(SampleFrame.inner, flags: 0xf7), port: 4789), 17),
  ]

  static let ignored: [Ignored: Row] = [
    .unknownLinkType: Row(bytes: hex("00"), link: LinkType(rawValue: 147)),
    .llc: Row(bytes: ethernet(0x0003, hex("e0e0 03"))),
    .snap: Row(bytes: ethernet(0x0008, hex("aaaa 03 00000c 2000"))),
    .spanningTree: Row(bytes: ethernet(0x0007, hex("4242 03 00000000"))),
    .lldp: Row(bytes: ethernet(0x88cc, hex("0207"))),
    .slowProtocols: Row(bytes: ethernet(0x8809, hex("0101"))),
    .eapol: Row(bytes: ethernet(0x888e, hex("0101"))),
    .macsec: Row(bytes: ethernet(0x88e5, hex("2c00"))),
    .pppoeDiscovery: Row(bytes: ethernet(0x8863, hex("1109 0000 0000"))),
    .pppControl: Row(bytes: ethernet(0x8864, hex("11 00 0007 0006 c021 01010004"))),
    .mplsPayload: Row(bytes: ethernet(0x8847, hex("00010 1 40 00000000"))),  // a pseudowire's control word
    .cookedProtocol: Row(bytes: hex("0004 0338 0000 0000000000000000 0000"), link: .linuxCooked),  // netlink
    .nonIPEtherType: Row(bytes: ethernet(0x9000, [])),
    .otherARP: Row(bytes: ethernet(0x0806, arp("0006 0800 06 04 0001"))),
    .nestedTunnel: inside(gre(0x0800, ipv4(47, gre(0x0800, ipv4(6, tcp()))))),
    .greVersion: inside(gre(0x880b, hex("0004 0001"), flags: 0x2001)),
    .greRoute: inside(gre(0x0800, ipv4(6, tcp()), flags: 0x4000, options: hex("00000000"))),
    .greProtocol: inside(gre(0, [])),  // a keepalive
    .erspanFrameType: inside(gre(0x22eb, hex("2 00a 0 005 00000001 0000 0400") + SampleFrame.inner)),
  ]

  @Test(arguments: Fault.allCases)
  func `every fault is found where it is`(fault: Fault) throws {
    guard fault != .fragmentInFragment else { return }  // below: no single frame has it
    let row = try #require(Self.faults[fault], "no row for \(fault)")
    expect(decode(row.bytes, row.link), .fault(fault), isInside: row.isInside)
    #expect(decode(row.bytes, row.link).counters[fault] == 1)
  }

  @Test(arguments: Ignored.allCases)
  func `every ignored kind is told`(kind: Ignored) throws {
    guard kind != .fragmentedTunnel else { return }  // below: no single frame has it
    let row = try #require(Self.ignored[kind], "no row for \(kind)")
    expect(decode(row.bytes, row.link), .ignored(kind), isInside: row.isInside)
    #expect(decode(row.bytes, row.link).counters[kind] == 1)
  }

  private func expect(_ decoded: Decoded, _ outcome: Outcome, isInside: Bool) {
    #expect(decoded.outcome == (isInside ? .packet : outcome))
    if isInside { #expect(decoded.packet.unopened == outcome) }
  }

  @Test(arguments: [4, 41, 47])
  func `encapsulations in a datagram put together stay shut`(payloadProtocol: UInt8) {
    var packet = decode(ethernet(0x0800, ipv4(payloadProtocol, [1], fragment: 0x2000))).packet
    let bytes = payloadProtocol == 47 ? gre(0x0800, ipv4(6, tcp())) : ipv4(6, tcp())
    #expect(PacketDecoder.decodeTransport(&packet, bytes.rawSpan, offset: 0) == .packet)
    #expect(packet.unopened == .ignored(.fragmentedTunnel))
    #expect(packet.tunnel.kind == .none)
  }

  @Test
  func `a fragment inside a fragmented datagram is a fault`() {
    var packet = decode(ethernet(0x86dd, ipv6(44, hex("2c00 0001 0000 0007") + udp()))).packet
    let bytes = hex("1100 0001 0000 0008") + udp()
    #expect(PacketDecoder.decodeTransport(&packet, bytes.rawSpan, offset: 0) == .fault(.fragmentInFragment))
  }

  @Test
  func `texts are there and differ`() {
    let texts = Fault.allCases.map(\.text) + Ignored.allCases.map(\.text)
    #expect(Set(texts).count == texts.count)
    #expect(!texts.contains(""))
  }
}
