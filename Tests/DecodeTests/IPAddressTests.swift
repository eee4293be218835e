import Testing

import struct Simulator.SplitMix64

@testable import Decode

struct IPAddressTests {
  /// What is written, and RFC 5952's form of it. Most rows are from its §1 to §5.
  static let spellings = [
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"),  // one zero group is not shortened
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),  // the longest run
    ("0:0:0:0:0:0:0:0", "::"),
    ("::", "::"),
    ("::1", "::1"),
    ("1::", "1::"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ("::ffff:192.0.2.1", "192.0.2.1"),
    ("::FFFF:c000:0201", "192.0.2.1"),
    ("0000:0000:0000:0000:0000:ffff:255.255.255.255", "255.255.255.255"),  // the longest spelling
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
    ("0.0.0.0", "0.0.0.0"),
    ("10.0.0.1", "10.0.0.1"),
    ("255.255.255.255", "255.255.255.255"),
  ]

  @Test(arguments: spellings)
  func `reads every spelling and writes one`(text: String, canonical: String) throws {
    #expect(try #require(IPAddress(text)).description == canonical)
  }

  @Test(arguments: spellings)
  func `reads a part of a text`(text: String, canonical: String) throws {
    let whole = "peer [\(text)]:3333"
    let part = whole.dropFirst(6).prefix(text.count)
    #expect(try #require(IPAddress(part)).description == canonical)
  }

  @Test(arguments: [
    "", " ", ".", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.256", "1.2.3.04",
    "01.2.3.4",
    "1.2.3.0x4", "1.2.3.+4", "1.2.3.-4", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "1.2.3.4/8", "1.2.3.4:80", "１.2.3.4",
    "1.2.3.99999999999999999999", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "1::2::3",
    "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", ":::1", "1:::", "12345::", "g::", "+1::", "-1::",
    "1::+2",
    "fe80::1%eth0", "[::1]", "::1/64", "::1.2.3", "::1.2.3.256", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5",
    "1:2:3:4:5:1.2.3.4", "١::", "e\u{301}::1", "::\u{301}1", "1:2\0::",
    "00000000000000000000000000000000000000000000::",
  ])
  func `refuses what is no address`(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test
  func `refuses a long text without reading it all`() {
    #expect(IPAddress(String(repeating: "1.", count: 1 << 20)) == nil)
    #expect(IPAddress(String(repeating: "1:", count: 1 << 20)) == nil)
  }

  @Test
  func `reads back what it writes`() {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SplitMix64(seed: seed)
    for _ in 0..<20_000 {
      // Clear whole groups often, so that runs of zeros of all lengths come up.
      let mask = { (0..<4).reduce(UInt64(0)) { word, _ in word << 16 | (Bool.random(using: &generator) ? 0xffff : 0) } }
      let v6 = IPAddress(high: generator.next() & mask(), low: generator.next() & mask())
      let v4 = IPAddress(v4: UInt32.random(in: 0 ... .max, using: &generator))
      #expect(IPAddress(v6.description) == v6, "seed \(seed)")
      #expect(IPAddress(v4.description) == v4, "seed \(seed)")
    }
  }

  struct Kinds: OptionSet {
    let rawValue: Int
    static let unspecified = Kinds(rawValue: 1)
    static let loopback = Kinds(rawValue: 2)
    static let multicast = Kinds(rawValue: 4)
    static let linkLocal = Kinds(rawValue: 8)
    static let `private` = Kinds(rawValue: 16)
  }

  @Test(
    arguments: [
      ("0.0.0.0", .unspecified), ("::", .unspecified), ("127.255.0.1", [.loopback, .private]),
      ("::1", [.loopback, .private]),
      ("9.255.255.255", []), ("10.0.0.0", .private), ("11.0.0.0", []),
      ("172.15.255.255", []), ("172.16.0.0", .private), ("172.31.255.255", .private), ("172.32.0.0", []),
      ("192.167.255.255", []), ("192.168.0.0", .private), ("192.169.0.0", []), ("169.254.1.1", [.linkLocal, .private]),
      ("223.255.255.255", []), ("224.0.0.251", [.multicast, .linkLocal]), ("224.0.1.1", .multicast),
      ("239.255.255.255", .multicast), ("240.0.0.0", []), ("255.255.255.255", .linkLocal),
      ("fbff::", []), ("fc00::", .private), ("fdff::1", .private), ("fe00::", []), ("fe80::1", [.linkLocal, .private]),
      ("febf::1", [.linkLocal, .private]), ("fec0::", []), ("ff01::1", [.multicast, .linkLocal]),
      ("ff02::fb", [.multicast, .linkLocal]), ("ff05::2", .multicast), ("2001:db8::1", []),
    ] as [(String, Kinds)])
  func `tells kinds of addresses`(text: String, kinds: Kinds) throws {
    let address = try #require(IPAddress(text))
    #expect(address.isUnspecified == kinds.contains(.unspecified))
    #expect(address.isLoopback == kinds.contains(.loopback))
    #expect(address.isMulticast == kinds.contains(.multicast))
    #expect(address.isLinkLocal == kinds.contains(.linkLocal))
    #expect(address.isPrivate == kinds.contains(.private))
  }

  @Test
  func `orders by number`() throws {
    let texts = ["::", "10.0.0.1", "10.0.0.2", "1::", "1::1", "ff02::1"]
    #expect(texts.compactMap { IPAddress($0) }.sorted().map(\.description) == texts)
  }
}
