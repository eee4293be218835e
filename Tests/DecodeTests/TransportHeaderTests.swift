import Capture
import Testing

@testable import Decode

struct TransportHeaderTests {
  @Test
  func `TCP, byte by byte`() throws {
    let bytes = hex("cafe 0d05 01020304 05060708 80 d2 01f6 aaaa bbbb")
    let header = try parse(bytes, of: 20) { TCPHeader($0) }
    #expect(header.sourcePort == 0xcafe)
    #expect(header.destinationPort == 3333)
    #expect(header.sequence == 0x0102_0304)
    #expect(header.acknowledgment == 0x0506_0708)
    #expect(header.headerLength == 32)
    #expect(header.flags == TCPFlags(rawValue: 0xd2))
    #expect(header.flags.isSuperset(of: [.acknowledge, .synchronize]))
    #expect(header.window == 502)
  }

  @Test
  func `UDP, byte by byte`() throws {
    let header = try parse(hex("cafe 0035 0123 ffff"), of: 8) { UDPHeader($0) }
    #expect(header.sourcePort == 0xcafe)
    #expect(header.destinationPort == 53)
    #expect(header.length == 0x123)
  }

  @Test(arguments: [
    (UInt8(0x00), Fault?.some(.tcpDataOffset)),
    (0x40, .tcpDataOffset),
    (0x50, nil),
    (0x5f, nil),  // the low nibble is reserved
    (0x60, nil),  // takes four bytes of the payload's five
    (0x70, .tcpDataOffset),  // passes the segment's end
    (0xf0, .tcpDataOffset),
  ])
  func `TCP data offset`(offset: UInt8, fault: Fault?) {
    let decoded = decode(ethernet(0x0800, ipv4(6, tcp(hex("0101010120"), offset: offset))))
    #expect(decoded.outcome == fault.map { .fault($0) } ?? .packet)
  }

  @Test(arguments: Array(0...14))
  func `UDP length`(length: Int) {
    let decoded = decode(ethernet(0x0800, ipv4(17, udp(length: length))))
    switch length {
    case ..<8: #expect(decoded.outcome == .fault(.udpLengthShorterThanHeader))
    case 13...: #expect(decoded.outcome == .fault(.udpLengthPastDatagram))
    default:
      #expect(decoded.outcome == .packet)
      #expect(decoded.packet.payloadLength == length - 8)
    }
  }

  @Test
  func `UDP length 0 is taken only from a jumbogram`() {
    let bytes = udp(Array(repeating: 1, count: 70_000), length: 0)
    let decoded = decode(ethernet(0x86dd, ipv6(17, bytes, length: 0)))
    #expect(decoded.outcome == .packet)
    #expect(decoded.packet.payloadLength == 70_000)
  }

  @Test
  func `ICMP type and code stand in the ports`() {
    let echo = decode(ethernet(0x0800, ipv4(1, hex("03 0a 0000 00010002 6162")))).packet
    #expect(echo.transport == .icmp)
    #expect(echo.sourcePort == 3)
    #expect(echo.destinationPort == 10)
    #expect(echo.payloadOffset == 38)
    #expect(echo.payloadLength == 6)

    let solicitation = decode(ethernet(0x86dd, ipv6(58, hex("87 00 0000 00000000") + hex("fe80")))).packet
    #expect(solicitation.transport == .icmpv6)
    #expect(solicitation.sourcePort == 135)
    #expect(solicitation.payloadLength == 6)
  }

  @Test
  func `a protocol that is not read leaves its bytes as payload`() {
    let packet = decode(ethernet(0x0800, ipv4(50, hex("0102030405")))).packet
    #expect(packet.transport == .none)
    #expect(packet.ipProtocol == 50)
    #expect(packet.payloadOffset == 34)
    #expect(packet.payloadLength == 5)
  }
}
