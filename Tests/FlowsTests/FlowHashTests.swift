import Decode
import Testing

@testable import Flows

/// Keys that an attacker chose because they fall together under one seed are spread under another.
struct FlowHashTests {
  /// The bits that a table of 4,096 places looks at first.
  private static func place(_ hash: UInt64) -> UInt64 { hash >> 32 & 4_095 }

  private static func key(_ number: UInt64) -> FlowKey {
    var key = FlowKey()
    key.aLow = 0x0a14_0000 | number & 0xffff
    key.bLow = 0xcb00_710a
    key.rest = (number >> 16) << 48 | 3_333 << 32 | 6
    return key
  }

  @Test
  func `what falls into one place under one seed does not under another`() {
    let known = FlowHash(seed: 1)
    var chosen: [FlowKey] = []
    var number: UInt64 = 0
    while chosen.count < 100 {
      if Self.place(known(Self.key(number))) == 7 { chosen.append(Self.key(number)) }
      number += 1
    }
    for seed in [2, 3, 0xdead_beef] as [UInt64] {
      let places = Set(chosen.map { Self.place(FlowHash(seed: seed)($0)) })
      #expect(places.count > 90, "\(places.count) places under seed \(seed)")
    }
  }

  @Test
  func `keys that count up are spread evenly`() {
    let hash = FlowHash(seed: 5)
    var counts = [Int](repeating: 0, count: 4_096)
    for number in 0..<40_960 as Range<UInt64> { counts[Int(Self.place(hash(Self.key(number))))] += 1 }
    // Ten a place, by Poisson's law: over 35 once in millions of tables.
    #expect((counts.max() ?? 0) < 35)
    #expect(counts.count { $0 == 0 } < 10)
  }

  /// What counts up in a sweep of ports, in a site's addresses and in fragments of one host.
  enum Sweep: CaseIterable {
    case clientPorts, serverPorts, miners, servers, minersOfIPv6, identifications

    func key(_ number: UInt64) -> FlowKey {
      var key = FlowKey()
      (key.aLow, key.bLow) = (0xffff_0a14_0001, 0xffff_cb00_710a)
      key.rest = 40_000 << 48 | 3_333 << 32 | 6
      switch self {
      case .clientPorts: key.rest = (1_024 + number) << 48 | 3_333 << 32 | 6
      case .serverPorts: key.rest = 40_000 << 48 | (1 + number) << 32 | 6
      case .miners: key.aLow += number
      case .servers: key.bLow += number
      case .minersOfIPv6: (key.aHigh, key.bHigh, key.aLow) = (0x2001_0db8 << 32, 0x2001_0db8 << 32, 1 + number)
      case .identifications: key.rest = number << 8 | 17
      }
      return key
    }
  }

  /// One seed in a hundred, had it no second folding, put a sweep's flows behind twelve others, and one in a thousand behind a
  /// thousand.
  @Test(arguments: Sweep.allCases)
  func `no seed lets what counts up fall together`(sweep: Sweep) {
    for seed in 0..<2_000 as Range<UInt64> {
      let hash = FlowHash(seed: seed)
      var isTaken = [Bool](repeating: false, count: 1_024)
      for number in 0..<512 as Range<UInt64> { isTaken[Int(hash(sweep.key(number)) >> 32 & 1_023)] = true }
      let places = isTaken.count { $0 }
      // Of 1,024 places 512 keys take 403 by chance, with a standard deviation of 8.
      #expect(places >= 350, "\(places) places under seed \(seed)")
      guard places >= 350 else { return }
    }
  }

  /// Under a seed that the attacker does not know a flood that was aimed at one place costs what any other does.
  @Test
  func `keys that were aimed at a table without seed cost it nothing`() {
    var table = BucketTable(capacity: 1 << 15)
    let hash = FlowHash(seed: 11)
    var longest = 0
    for slot in 0..<1 << 15 {
      let key = Self.key(UInt64(slot) &* 4_096)
      var steps = 0
      table.insert(slot, hash(key))
      _ = table.find(hash(key)) { candidate in
        steps += 1
        return candidate == slot
      }
      longest = max(longest, steps)
    }
    #expect(longest <= 4, "\(longest) entries with one tag")
  }
}
