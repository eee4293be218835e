import Testing

import struct Simulator.SplitMix64

@testable import Decode

struct MACAddressTests {
  @Test(arguments: [
    ("00:00:00:00:00:00", UInt64(0)), ("01:23:45:67:89:ab", 0x0123_4567_89ab), ("FF-FF-FF-FF-FF-FF", 0xffff_ffff_ffff),
    ("c2:07:EF:00:0a:01", 0xc207_ef00_0a01),
  ])
  func `reads both spellings`(text: String, value: UInt64) throws {
    let address = try #require(MACAddress(text))
    #expect(address.rawValue == value)
    #expect(MACAddress("x\(text)y".dropFirst().dropLast()) == address)
  }

  @Test(arguments: [
    "", ":", "01:23:45:67:89", "01:23:45:67:89:ab:cd", "0123.4567.89ab", "0123456789ab", "01:23:45-67-89-ab",
    "01-23-45-67-89:ab", "1:23:45:67:89:ab", "01:23:45:67:89:ag", "01:23:45:67:89:+b", " 1:23:45:67:89:ab",
    "01:23:45:67:89:ab ", "01:23:45:67:89:a\u{0}", "０1:23:45:67:89:", ":1:23:45:67:89:a", "01x23x45x67x89xab",
  ])
  func `refuses what is no address`(text: String) {
    #expect(MACAddress(text) == nil)
  }

  @Test
  func `reads back what it writes`() {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SplitMix64(seed: seed)
    for _ in 0..<5_000 {
      let address = MACAddress(rawValue: generator.next())
      #expect(MACAddress(address.description) == address, "seed \(seed)")
    }
  }
}
