/// Finds a slot by the hash of its key: open addressing with linear probing, at most half full.
///
/// An entry holds the upper half of the hash, which says where it belongs and rules out nearly every other key, and the
/// slot's number. The tag's top bit is always set, so that it equals no empty entry's. Removal shifts later entries back
/// instead of leaving marks, so a flood leaves nothing behind.
///
/// The memory is taken for all at the start, but only so much of it is used as there were entries at one time: a look-up
/// is a cache miss, and in a table that is mostly empty a dearer one. It doubles where it stands and never shrinks, so all
/// doublings together move fewer entries than it has places.
struct BucketTable: ~Copyable {
  private var entries: Slab<UInt64>
  /// One less than the places in use, which are a power of two.
  private var mask: Int
  /// Slots that are entered.
  private(set) var count = 0

  /// - Parameter capacity: the most slots that will be entered at one time.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    entries = Slab(count: size, isHot: true)
    mask = Self.firstPlaces - 1
  }

  /// Places in use at first.
  private static var firstPlaces: Int { 16 }

  /// - Returns: the slot for which `isWanted` is true among those with this hash, or -1.
  @inline(__always)
  func find(_ hash: UInt64, _ isWanted: (Int) -> Bool) -> Int {
    let tag = Self.tag(hash)
    var place = Int(tag) & mask
    while true {
      let entry = entries[place]
      if UInt32(truncatingIfNeeded: entry >> 32) == tag {
        let slot = Int(UInt32(truncatingIfNeeded: entry))
        if isWanted(slot) { return slot }
      } else if entry == 0 {
        return -1
      }
      place = (place &+ 1) & mask
    }
  }

  mutating func insert(_ slot: Int, _ hash: UInt64) {
    if count > mask / 2 { double() }
    insert(Self.entry(slot, hash))
    count += 1
  }

  private mutating func insert(_ entry: UInt64) {
    var place = Self.home(entry) & mask
    while entries[place] != 0 { place = (place + 1) & mask }
    entries[place] = entry
  }

  /// Spreads the entries over twice as many places.
  ///
  /// Begun behind an empty place, an entry finds its new one in the new half or no later than where it was. So whoever
  /// is moved after it leaves no hole between its home and it.
  private mutating func double() {
    let places = mask + 1
    precondition(places * 2 <= entries.count, "more slots entered than the table was made for")
    guard let empty = (0..<places).first(where: { entries[$0] == 0 }) else { return }
    mask = places * 2 - 1
    for step in 1..<places {
      let place = (empty + step) & (places - 1)
      let entry = entries[place]
      guard entry != 0 else { continue }
      entries[place] = 0
      insert(entry)
    }
  }

  /// Takes out `slot`, which was entered with this hash; does nothing when it is not there.
  mutating func remove(_ slot: Int, _ hash: UInt64) {
    var place = Int(Self.tag(hash)) & mask
    let wanted = Self.entry(slot, hash)
    while entries[place] != wanted {
      if entries[place] == 0 { return }
      place = (place + 1) & mask
    }
    count -= 1
    var next = (place + 1) & mask
    while entries[next] != 0 {
      let home = Self.home(entries[next]) & mask
      // An entry may fill the hole unless it would then stand before the place it is looked for from.
      if (next - home) & mask >= (next - place) & mask {
        entries[place] = entries[next]
        place = next
      }
      next = (next + 1) & mask
    }
    entries[place] = 0
  }

  @inline(__always)
  private static func tag(_ hash: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: hash >> 32) | 0x8000_0000
  }

  private static func home(_ entry: UInt64) -> Int {
    Int(entry >> 32)
  }

  private static func entry(_ slot: Int, _ hash: UInt64) -> UInt64 {
    UInt64(tag(hash)) << 32 | UInt64(slot)
  }
}
