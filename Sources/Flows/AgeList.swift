/// Slots in the order in which they were added, so that the oldest is known without a search.
struct AgeList: ~Copyable {
  struct Link: Zeroable {
    /// Neighbours as slot + 1; 0 for none. A slot that is not in the list and not its end has both 0.
    var older: UInt32 = 0
    var newer: UInt32 = 0
  }

  private var links: Slab<Link>
  private var oldestPlusOne: UInt32 = 0
  private var newestPlusOne: UInt32 = 0

  init(count: Int) {
    links = Slab(count: count)
  }

  var oldest: Int? {
    oldestPlusOne == 0 ? nil : Int(oldestPlusOne) - 1
  }

  /// Adds a slot that is not in the list.
  mutating func append(_ slot: Int) {
    links[slot] = Link(older: newestPlusOne, newer: 0)
    let plusOne = UInt32(truncatingIfNeeded: slot + 1)
    if newestPlusOne == 0 {
      oldestPlusOne = plusOne
    } else {
      links[Int(newestPlusOne) - 1].newer = plusOne
    }
    newestPlusOne = plusOne
  }

  /// Takes out a slot; does nothing when it is not in the list.
  mutating func remove(_ slot: Int) {
    let link = links[slot]
    let plusOne = UInt32(truncatingIfNeeded: slot + 1)
    guard link.older != 0 || link.newer != 0 || oldestPlusOne == plusOne else { return }
    if link.older == 0 { oldestPlusOne = link.newer } else { links[Int(link.older) - 1].newer = link.newer }
    if link.newer == 0 { newestPlusOne = link.older } else { links[Int(link.newer) - 1].older = link.older }
    links[slot] = Link()
  }
}
