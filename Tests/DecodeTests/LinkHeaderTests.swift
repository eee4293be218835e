import Capture
import Testing

@testable import Decode

struct LinkHeaderTests {
  @Test
  func `Ethernet, byte by byte`() throws {
    let bytes = hex("0102 0304 0506 1112 1314 1516 0800")
    let header = try parse(bytes, of: 14) { EthernetHeader($0) }
    #expect(header.destination.description == "01:02:03:04:05:06")
    #expect(header.source.description == "11:12:13:14:15:16")
    #expect(header.type == 0x0800)
  }

  @Test
  func `VLAN tag, byte by byte`() throws {
    let tag = try parse(hex("b123 86dd"), of: 4) { VLANTag($0) }
    #expect(tag.priority == 5)
    #expect(tag.dropEligible)
    #expect(tag.identifier == 0x123)
    #expect(tag.type == 0x86dd)
  }

  @Test
  func `Linux cooked, byte by byte`() throws {
    let first = try parse(hex("0004 0001 0006 010203040506 0000 0800"), of: 16) { LinuxCookedHeader($0) }
    #expect(first.packetType == 4)
    #expect(first.hardwareType == 1)
    #expect(first.source.description == "01:02:03:04:05:06")
    #expect(first.type == 0x0800)

    let second = try parse(hex("86dd 0000 00000007 0304 02 06 010203040506 0000"), of: 20) { LinuxCooked2Header($0) }
    #expect(second.type == 0x86dd)
    #expect(second.interfaceIndex == 7)
    #expect(second.hardwareType == 772)
    #expect(second.packetType == 2)
    #expect(second.source.description == "01:02:03:04:05:06")
  }

  @Test
  func `a cooked header without Ethernet address has none`() throws {
    let header = try parse(hex("0000 0308 0004 7f0000010000 0000 0800"), of: 16) { LinuxCookedHeader($0) }
    #expect(header.source == .none)
  }

  @Test
  func `PPPoE, byte by byte`() throws {
    let header = try parse(hex("11 00 1234 0016 0021"), of: 8) { PPPoEHeader($0) }
    #expect(header.session == 0x1234)
    #expect(header.length == 22)
    #expect(header.frameLength == 28)
    #expect(header.pppProtocol == PPPoEHeader.ipv4)
    #expect(header.fault(wireLength: 28) == nil)
    #expect(header.fault(wireLength: 27) == .pppoeLengthPastFrame)
  }

  @Test
  func `MPLS label, byte by byte`() throws {
    let label = try parse(hex("12345 b 40"), of: 4) { MPLSLabel($0) }
    #expect(label.label == 0x12345)
    #expect(label.trafficClass == 5)
    #expect(label.isBottom)
    #expect(label.timeToLive == 0x40)
  }

  struct TagRow: Sendable {
    let types: [Int]
    let identifiers: [Int]
    let outer: UInt16
    let inner: UInt16
    let count: UInt8
  }

  @Test(arguments: [
    TagRow(types: [0x8100], identifiers: [10], outer: 10, inner: 0, count: 1),
    TagRow(types: [0x9100], identifiers: [4095], outer: 4095, inner: 0, count: 1),
    TagRow(types: [0x8100], identifiers: [0xe00a], outer: 10, inner: 0, count: 1),  // priority bits are not the VLAN
    TagRow(types: [0x8100], identifiers: [0], outer: 0, inner: 0, count: 1),  // priority tag
    TagRow(types: [0x88a8, 0x8100], identifiers: [100, 10], outer: 100, inner: 10, count: 2),
    TagRow(types: [0x88a8, 0x8100, 0x8100], identifiers: [1, 2, 3], outer: 1, inner: 2, count: 2),
    TagRow(
      types: Array(repeating: 0x8100, count: 8), identifiers: Array(1...8), outer: 1, inner: 2, count: 2),  // the bound
  ])
  func `keeps the two outer tags`(row: TagRow) {
    var tags: [UInt8] = []
    for (index, identifier) in row.identifiers.enumerated() {
      tags += big16(identifier) + big16(index + 1 < row.types.count ? row.types[index + 1] : 0x0800)
    }
    let decoded = decode(ethernet(row.types[0], tags + ipv4(6, tcp())))
    #expect(decoded.outcome == .packet)
    #expect(decoded.packet.outerVLAN == row.outer)
    #expect(decoded.packet.innerVLAN == row.inner)
    #expect(decoded.packet.vlanCount == row.count)
    #expect(decoded.packet.etherType == 0x0800)
    #expect(decoded.counters.tagged == 1)
  }

  @Test
  func `sixteen labels are read`() {
    let labels = Array(repeatElement(hex("00010 0 40"), count: 15).joined()) + hex("00010 1 40")
    let decoded = decode(ethernet(0x8847, labels + ipv6(6, tcp())))
    #expect(decoded.packet.network == .ipv6)
    #expect(decoded.packet.etherType == 0x86dd)
  }

  @Test
  func `PPPoE payload ends where its length says`() {
    let padded = hex("11 00 0007") + big16(45) + hex("0021") + ipv4(6, tcp()) + hex("0000 0000")
    #expect(decode(ethernet(0x8864, padded)).packet.payloadLength == 3)
    // An IP packet larger than its PPPoE frame.
    let short = hex("11 00 0007") + big16(44) + hex("0021") + ipv4(6, tcp())
    #expect(decode(ethernet(0x8864, short)).outcome == .fault(.ipv4LengthPastFrame))
  }

  @Test
  func `cooked frames can hold tags and LLC`() {
    let tagged = hex("0000 0001 0006 020000000002 0000 8100 000a 0800") + ipv4(6, tcp())
    #expect(decode(tagged, .linuxCooked).packet.outerVLAN == 10)
    let llc = hex("0000 0001 0006 020000000002 0000 0004 4242 03")
    #expect(decode(llc, .linuxCooked).outcome == .ignored(.spanningTree))
  }
}
