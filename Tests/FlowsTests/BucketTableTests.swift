import Testing

@testable import Flows

struct BucketTableTests {
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `finds what is in and nothing else, through any removals`(seed: UInt64) {
    var dice = Dice(state: seed)
    var table = BucketTable(capacity: 64)
    var hashes: [Int: UInt64] = [:]
    for _ in 0..<5_000 {
      let slot = Int.random(in: 0..<64, using: &dice)
      if let hash = hashes.removeValue(forKey: slot) {
        table.remove(slot, hash)
      } else {
        // Few homes and many equal tags: the worst case.
        let hash = UInt64.random(in: 120..<136, using: &dice) << 32 | 5
        hashes[slot] = hash
        table.insert(slot, hash)
      }
      #expect(table.count == hashes.count)
      for slot in 0..<64 {
        let hash = hashes[slot] ?? 130 << 32
        #expect(table.find(hash) { $0 == slot } == (hashes[slot] == nil ? -1 : slot), "seed \(seed)")
      }
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `finds what is in while it grows`(seed: UInt64) {
    var dice = Dice(state: seed)
    var table = BucketTable(capacity: 512)
    var hashes: [UInt64] = []
    for slot in 0..<512 {
      // Runs that go past the end of the places in use, at every size.
      let hash = UInt64.random(in: 0..<2_048, using: &dice) | UInt64.random(in: 0..<2, using: &dice) * 0x7ff0
      hashes.append(hash << 32)
      table.insert(slot, hash << 32)
      for (other, hash) in hashes.enumerated() {
        #expect(table.find(hash) { $0 == other } == other, "seed \(seed)")
      }
    }
    for (slot, hash) in hashes.enumerated() { table.remove(slot, hash) }
    #expect(table.count == 0)
    for hash in hashes { #expect(table.find(hash) { _ in true } == -1, "seed \(seed)") }
  }

  @Test
  func `removing what is not in changes nothing`() {
    var table = BucketTable(capacity: 4)
    table.insert(1, 7 << 32)
    table.remove(2, 7 << 32)
    table.remove(1, 8 << 32)
    #expect(table.count == 1)
  }

  @Test
  func `keys that differ in one field spread over the table`() {
    let hash = FlowHash(seed: 1)
    var homes: Set<UInt64> = []
    for port in 0..<4_096 as Range<UInt64> {
      var key = FlowKey()
      key.rest = port << 48
      homes.insert(hash(key) >> 32 & 0xffff)
    }
    // 4,096 keys over 65,536 places: 3,970 different ones are expected.
    #expect(homes.count > 3_850)
    #expect(FlowHash(seed: 2)(FlowKey()) != hash(FlowKey()))
  }
}

struct AgeListTests {
  @Test
  func `knows the oldest through any removals`() {
    var dice = Dice(state: 3)
    var list = AgeList(count: 16)
    var order: [Int] = []
    for _ in 0..<2_000 {
      let slot = Int.random(in: 0..<16, using: &dice)
      if let index = order.firstIndex(of: slot) {
        order.remove(at: index)
        list.remove(slot)
        list.remove(slot)
      } else {
        order.append(slot)
        list.append(slot)
      }
      #expect(list.oldest == order.first)
    }
  }
}

struct SlotQueueTests {
  @Test
  func `gives back in order and refuses what does not fit`() {
    var queue = SlotQueue(capacity: 3)
    for round in 0..<5 {
      #expect(queue.popFirst() == nil)
      for number in 0..<3 { #expect(queue.append(round + number) == true) }
      #expect(queue.append(9) == false)
      for number in 0..<3 { #expect(queue.popFirst() == round + number) }
    }
  }
}
