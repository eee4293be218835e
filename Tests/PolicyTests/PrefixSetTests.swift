import Decode
import Testing

import struct Simulator.SplitMix64

@testable import Policy

struct PrefixSetTests {
  @Test(arguments: [
    ("10.20.0.0/16", "10.20.255.255", true), ("10.20.0.0/16", "10.20.3.255", false),
    ("10.20.3.0/30", "10.20.3.3", true), ("10.20.3.2/31", "10.20.3.3", false), ("10.20.3.3", "10.20.3.3", false),
    ("0.0.0.0/0", "255.255.255.255", true), ("10.20.0.0/16", "10.21.255.255", false),
  ])
  func `tells the last address of a subnet`(range: String, address: String, isLast: Bool) throws {
    let set = try #require(PrefixSet([range]))
    #expect(set.mayEndSubnet(try #require(IPAddress(address))) == isLast)
  }

  @Test(arguments: [
    ("10.20.0.0/16", "10.20.0.0/16"),
    ("10.20.3.4", "10.20.3.4"),
    ("10.20.3.4/32", "10.20.3.4"),
    ("0.0.0.0/0", "0.0.0.0/0"),
    ("fd00::/8", "fd00::/8"),
    ("::1/128", "::1"),
    ("::ffff:10.0.0.0/104", "10.0.0.0/8"),  // the mapped spelling of IPv4
  ])
  func `reads a range`(text: String, description: String) throws {
    #expect(try Prefix(parsing: text).description == description)
  }

  @Test(arguments: [
    ("", #""" is no address or range (write 10.20.0.0/16, 10.20.3.4 or fd00::/8)"#),
    ("10.20.0/16", #""10.20.0/16" is no address or range (write 10.20.0.0/16, 10.20.3.4 or fd00::/8)"#),
    ("10.20.3.4/16", #""10.20.3.4/16" has bits set after its first 16 (did you mean "10.20.0.0/16"?)"#),
    ("10.20.0.0/33", #""10.20.0.0/33" has no length from 0 to 32 after its slash"#),
    ("10.20.0.0/", #""10.20.0.0/" has no length from 0 to 32 after its slash"#),
    ("10.20.0.0/+8", #""10.20.0.0/+8" has no length from 0 to 32 after its slash"#),
    ("fd00::/129", #""fd00::/129" has no length from 0 to 128 after its slash"#),
    ("fd00::1/8", #""fd00::1/8" has bits set after its first 8 (did you mean "fd00::/8"?)"#),
    ("::ffff:0:0/80", #""::ffff:0:0/80" has bits set after its first 80 (did you mean "::/80"?)"#),
  ])
  func `refuses what is no range`(text: String, why: String) {
    #expect(throws: WrongValue(why)) { try Prefix(parsing: text) }
  }

  @Test
  func `gives nil when one text is no range`() {
    #expect(PrefixSet(["10.0.0.0/8", "10.20.3.4/16"]) == nil)
    #expect(PrefixSet([String]())?.isEmpty == true)
  }

  @Test
  func `an IPv6 range around the mapped block leaves IPv4 alone`() throws {
    let all = try #require(PrefixSet(["::/0"]))
    #expect(!all.contains(try address("10.0.0.1")))
    #expect(all.contains(try address("::")))
    #expect(all.contains(try address("::fffe:ffff:ffff")))
    #expect(all.contains(try address("::1:0:0:0")))
    #expect(all.contains(try address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")))
    // The mapped block is the last of these: nothing is left behind it.
    #expect(
      try #require(PrefixSet(["::/80"])).description == "::/81, ::8000:0:0/82, ::c000:0:0/83, ::e000:0:0/84, "
        + "::f000:0:0/85, ::f800:0:0/86, ::fc00:0:0/87, ::fe00:0:0/88, ::ff00:0:0/89, ::ff80:0:0/90, ::ffc0:0:0/91, "
        + "::ffe0:0:0/92, ::fff0:0:0/93, ::fff8:0:0/94, ::fffc:0:0/95, ::fffe:0:0/96")
    let both = try #require(PrefixSet(["::/0", "0.0.0.0/0"]))
    #expect(both.contains(try address("10.0.0.1")))
  }

  @Test
  func `describes itself with the fewest prefixes`() throws {
    let set = try #require(
      PrefixSet(["10.0.1.0/24", "10.0.0.0/24", "10.0.0.7", "10.0.2.0/31", "fd00::/9", "fd80::/9"]))
    #expect(set.description == "10.0.0.0/23, 10.0.2.0/31, fd00::/8")
    #expect(try #require(PrefixSet(["0.0.0.0/1", "128.0.0.0/1"])).description == "0.0.0.0/0")
    #expect(try #require(PrefixSet(["8000::/1", "::/1"])).contains(try address("8000::1")))
  }

  /// Random sets around few bits, so that ranges nest, touch and repeat, against looking at every range.
  @Test
  func `agrees with looking at every range`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    for _ in 0..<300 {
      let prefixes = (0..<Int.random(in: 0...12, using: &random)).map { _ in Self.prefix(&random) }
      let set = PrefixSet(prefixes)
      let again = PrefixSet(set.prefixes)
      #expect(set == again, "seed \(seed): \(prefixes)")
      for _ in 0..<60 {
        let probe = Self.probe(prefixes, &random)
        let naive = prefixes.contains { $0.contains(probe) && (probe.isIPv4 ? $0.length >= 96 : true) }
        #expect(set.contains(probe) == naive, "seed \(seed): \(probe) in \(prefixes)")
      }
    }
  }

  private static func prefix(_ random: inout SplitMix64) -> Prefix {
    let low = UInt64.random(in: 0..<1 << 10, using: &random)
    return switch Int.random(in: 0..<4, using: &random) {
    case 0: Prefix(containing: IPAddress(v4: UInt32(low) << 22), length: Int.random(in: 96...106, using: &random))
    case 1: Prefix(containing: IPAddress(high: low << 54, low: 0), length: Int.random(in: 0...10, using: &random))
    case 2: Prefix(containing: IPAddress(high: 0, low: low << 38), length: Int.random(in: 70...90, using: &random))
    default: Prefix(containing: IPAddress(v4: UInt32(low)), length: Int.random(in: 118...128, using: &random))
    }
  }

  /// An address at an edge of one of the ranges, or next to it, or anywhere.
  private static func probe(_ prefixes: [Prefix], _ random: inout SplitMix64) -> IPAddress {
    guard let prefix = prefixes.randomElement(using: &random), Int.random(in: 0..<8, using: &random) > 0 else {
      return IPAddress(v4: UInt32.random(in: 0 ... .max, using: &random))
    }
    let edge = Bool.random(using: &random) ? prefix.first : prefix.last
    return IPAddress(edge.bits &+ UInt128(Int.random(in: 0...2, using: &random)) &- 1)
  }
}
