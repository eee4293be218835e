import Testing

@testable import Capture

struct CaptureFilterTests {
  @Test(arguments: [
    "", "not port 22", "tcp port http or https", "host 10.0.0.1 and tcp port ssh",
    "net 10.0.0.0/8 or net 192.168.0.0 mask 255.255.0.0",
    "src or dst host 2001:db8::1", "ether host 02:00:0a:14:00:05", "host 10.0.0.1 and tcp[tcpflags] & tcp-syn != 0",
    "vlan 20 and (udp or icmp6)", "ip proto \\tcp and src net 10", "not (host 10.0.0.1 and arp)", "less 128",
  ])
  func `takes what libpcap takes`(filter: String) {
    #expect(CaptureFilter.fault(in: filter) == nil)
  }

  @Test(arguments: [
    ("not host pool.example", "pool.example"), ("host 10.0.0.1 or pool.example", "pool.example"), ("src gate", "gate"),
    ("tcp and net north", "north"), ("ether host cafe", "cafe"), ("dst host 0x7f000001", "0x7f000001"),
  ])
  func `asks no DNS`(filter: String, name: String) {
    #expect(
      CaptureFilter.fault(in: filter)
        == "\"\(name)\" would have to be looked up in DNS, and the sensor asks nobody: write addresses")
  }

  @Test(arguments: ["hots 1", "host", "port 99999", "(", "tcp\0", "port nosuchservice"])
  func `tells what is wrong`(filter: String) {
    #expect(CaptureFilter.fault(in: filter)?.isEmpty == false)
  }
}
