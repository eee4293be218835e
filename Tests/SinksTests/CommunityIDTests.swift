import Decode
import Testing

@testable import Sinks

/// The vectors are those of corelight/community-id-spec, baseline/baseline_deflt.json, and of pycommunityid's tests.
struct CommunityIDTests {
  @Test(
    arguments: [
      ("128.232.110.120", 34_855, "66.35.250.204", 80, 6, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
      ("192.168.1.52", 54_585, "8.8.8.8", 53, 17, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
      ("192.168.170.8", 7, "192.168.170.56", 7, 132, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="),
      ("10.0.0.1", 10, "10.0.0.2", 11_569, 6, "1:SXBGMX1lBOwhhoDrZynfROxnhnM="),
      (
        "2001:470:e5bf:dead:4957:2174:e82c:4887", 63_943, "2607:f8b0:400c:c03::1a", 25, 6,
        "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="
      ),
    ] as [(String, UInt16, String, UInt16, UInt8, String)])
  func `matches the published vectors in both directions`(
    source: String, sourcePort: UInt16, destination: String, destinationPort: UInt16, ipProtocol: UInt8,
    expected: String
  ) {
    let (source, destination) = (Fixtures.address(source), Fixtures.address(destination))
    #expect(
      CommunityID.v1(
        source: source, destination: destination, ipProtocol: ipProtocol, ports: (sourcePort, destinationPort))
        == expected)
    #expect(
      CommunityID.v1(
        source: destination, destination: source, ipProtocol: ipProtocol, ports: (destinationPort, sourcePort))
        == expected)
  }

  @Test(
    arguments: [
      ("192.168.0.89", "192.168.0.1", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),
      ("192.168.0.1", "192.168.0.89", 0, 20, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),  // an answer: its code does not count
      ("192.168.0.89", "192.168.0.1", 20, 0, "1:3o2RFccXzUgjl7zDpqmY7yJi8rI="),  // one way: the code does
      ("192.168.0.89", "192.168.0.1", 20, 1, "1:tz/fHIDUHs19NkixVVoOZywde+I="),
      ("10.0.0.1", "10.0.0.2", 11, 0, "1:YHxtAirCG//0OzkcVAukqKQN9xM="),
      ("fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 0, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="),
      ("fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 136, 0, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="),
      ("fe80::200:86ff:fe05:80da", "ff02::2", 133, 0, "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0="),
      ("3ffe:507:0:1:260:97ff:fe07:69ea", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0, "1:NdobDX8PQNJbAyfkWxhtL2Pqp5w="),
      ("3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:507:0:1:260:97ff:fe07:69ea", 3, 0, "1:/OGBt9BN1ofenrmSPWYicpij2Vc="),
    ] as [(String, String, UInt8, UInt8, String)])
  func `maps ICMP's types and codes`(source: String, destination: String, type: UInt8, code: UInt8, expected: String) {
    let source = Fixtures.address(source)
    let (ports, isOneWay) = CommunityID.icmpPorts(type: type, code: code, isIPv6: !source.isIPv4)
    let name = CommunityID.v1(
      source: source, destination: Fixtures.address(destination), ipProtocol: source.isIPv4 ? 1 : 58, ports: ports,
      isOneWay: isOneWay)
    #expect(name == expected)
  }

  @Test func `leaves ports out where there are none`() {
    let (left, right) = (Fixtures.address("10.1.24.4"), Fixtures.address("10.1.12.1"))
    for (source, destination) in [(left, right), (right, left)] {
      let name = CommunityID.v1(source: source, destination: destination, ipProtocol: 46, ports: nil)
      #expect(name == "1:/nQI4Rh/TtY3mf0R2gJFBkVlgS4=")
    }
  }

  @Test func `takes a seed`() {
    let name = CommunityID.v1(
      source: Fixtures.address("192.168.1.52"), destination: Fixtures.address("8.8.8.8"), ipProtocol: 17,
      ports: (54_585, 53), seed: 1)
    #expect(name == "1:Q9We8WO3piVF8yEQBNJF4uiSVrI=")
  }

  @Test func `orders by port when an address speaks with itself`() {
    let address = Fixtures.address("10.0.0.1")
    let there = CommunityID.v1(source: address, destination: address, ipProtocol: 6, ports: (80, 40_000))
    let back = CommunityID.v1(source: address, destination: address, ipProtocol: 6, ports: (40_000, 80))
    #expect(there == back)
  }

  @Test func `names a flow only when it knows enough`() {
    #expect(
      CommunityID.v1(Fixtures.flow("128.232.110.120", 34_855, "66.35.250.204", 80)) == "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")
    let ping = Fixtures.flow("192.168.0.89", 0, "192.168.0.1", 0, ipProtocol: 1, icmpType: 8)
    #expect(CommunityID.v1(ping) == "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=")
    let unreachable = Fixtures.flow(ipProtocol: 1, icmpType: 3)
    #expect(CommunityID.v1(unreachable) == nil)
    #expect(CommunityID.v1(Fixtures.flow(ipProtocol: 132)) == nil)
    #expect(CommunityID.v1(Fixtures.flow(ipProtocol: 47)) != nil)
  }
}
