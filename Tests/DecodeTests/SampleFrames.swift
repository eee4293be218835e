import Capture

/// One whole frame of every kind that is read.
struct SampleFrame: CustomStringConvertible, Sendable {
  let description: String
  let link: LinkType
  let bytes: [UInt8]

  init(_ description: String, _ bytes: [UInt8], link: LinkType = .ethernet) {
    self.description = description
    self.link = link
    self.bytes = bytes
  }

  static let inner = ethernet(0x0800, ipv4(6, tcp()))
  static let erspan2Header = hex("1 00a 0 005 00000000")
  /// Type III without sub-header: the last word is group tag, frame type 0, no flags.
  static let erspan3Header = hex("2 00a 0 005 00000001 0000 0000")

  static let all = [
    SampleFrame("TCP over IPv4", inner),
    SampleFrame("TCP with options", ethernet(0x0800, ipv4(6, tcp(offset: 0x60, options: hex("01010101"))))),
    SampleFrame("IPv4 with options", ethernet(0x0800, ipv4(6, tcp(), options: hex("94040000")))),
    SampleFrame("UDP over IPv4", ethernet(0x0800, ipv4(17, udp()))),
    SampleFrame("ICMP", ethernet(0x0800, ipv4(1, hex("0800 0000 00010002 6162")))),
    SampleFrame("OSPF", ethernet(0x0800, ipv4(89, hex("0201 0000")))),
    SampleFrame("fragment", ethernet(0x0800, ipv4(17, udp(), fragment: 0x2000))),
    SampleFrame("ARP", ethernet(0x0806, arp())),
    SampleFrame("TCP over IPv6", ethernet(0x86dd, ipv6(6, tcp()))),
    SampleFrame("ICMPv6", ethernet(0x86dd, ipv6(58, hex("8700 0000 00000000")))),
    SampleFrame(
      "IPv6 extension headers",
      ethernet(
        0x86dd,
        ipv6(
          0,
          hex("2b00 0104 0000 0000")  // hop-by-hop
            + hex("3c00 0000 0000 0000")  // routing
            + hex("3301 0104 0000 0000 0000 0000 0000 0000")  // destination options, 16 bytes
            + hex("2c01 0000 0000 0001 0000 0002")  // AH, 12 bytes
            + hex("1100 0000 0000 0007")  // atomic fragment
            + udp()))),
    SampleFrame("IPv6 fragment", ethernet(0x86dd, ipv6(44, hex("1100 0001 0000 0007") + udp()))),
    SampleFrame("VLAN", ethernet(0x8100, hex("600a 0800") + ipv4(6, tcp()))),
    SampleFrame("QinQ", ethernet(0x88a8, hex("0064 8100 000a 0800") + ipv4(6, tcp()))),
    SampleFrame("PPPoE", ethernet(0x8864, hex("11 00 0007") + big16(45) + hex("0021") + ipv4(6, tcp()))),
    SampleFrame("PPPoE, IPv6", ethernet(0x8864, hex("11 00 0007") + big16(65) + hex("0057") + ipv6(6, tcp()))),
    SampleFrame("MPLS", ethernet(0x8847, hex("00010 0 40 00020 1 40") + ipv4(6, tcp()))),
    SampleFrame("Linux cooked", hex("0000 0001 0006 020000000002 0000 0800") + ipv4(6, tcp()), link: .linuxCooked),
    SampleFrame(
      "Linux cooked 2", hex("0800 0000 00000002 0001 00 06 020000000002 0000") + ipv4(6, tcp()), link: .linuxCooked2),
    SampleFrame("raw IPv4", ipv4(6, tcp()), link: .raw),
    SampleFrame("raw IPv6", ipv6(6, tcp()), link: .raw),
    SampleFrame("IPv4 link", ipv4(6, tcp()), link: .ipv4),
    SampleFrame("IPv6 link", ipv6(6, tcp()), link: .ipv6),
    SampleFrame("IP in IP", ethernet(0x0800, ipv4(4, ipv4(6, tcp())))),
    SampleFrame("IPv6 in IPv4", ethernet(0x0800, ipv4(41, ipv6(6, tcp())))),
    SampleFrame("GRE", ethernet(0x0800, ipv4(47, gre(0x0800, ipv4(6, tcp()))))),
    SampleFrame(
      "GRE with all fields",
      ethernet(
        0x0800,
        ipv4(47, gre(0x86dd, ipv6(6, tcp()), flags: 0xb000, options: hex("00000000 0000002a 00000001"))))),
    SampleFrame("GRE around Ethernet", ethernet(0x86dd, ipv6(47, gre(0x6558, inner)))),
    SampleFrame("ERSPAN I", ethernet(0x0800, ipv4(47, gre(0x88be, inner)))),
    SampleFrame(
      "ERSPAN II",
      ethernet(0x0800, ipv4(47, gre(0x88be, erspan2Header + inner, flags: 0x1000, options: hex("00000001"))))),
    SampleFrame(
      "ERSPAN III",
      ethernet(0x0800, ipv4(47, gre(0x22eb, erspan3Header + inner, flags: 0x1000, options: hex("00000001"))))),
    SampleFrame(
      "ERSPAN III with sub-header",
      ethernet(
        0x0800,
        ipv4(
          47,
          gre(
            0x22eb, hex("2 00a 0 005 00000001 0000 0001 0102030405060708") + inner, flags: 0x1000,
            options: hex("00000001"))))),
    SampleFrame(
      "ERSPAN III around IP",
      ethernet(
        0x0800,
        ipv4(
          47,
          gre(
            0x22eb, hex("2 00a 0 005 00000001 0000 0800") + ipv6(6, tcp()), flags: 0x1000, options: hex("00000001"))))),
    SampleFrame("VXLAN", ethernet(0x0800, ipv4(17, udp(vxlan(inner), port: 4789)))),
  ]
}
