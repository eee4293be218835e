/// Finds a slot by the hash of its key: open addressing with linear probing, at most half full.
///
/// An entry holds the upper half of the hash, which says where it belongs and rules out nearly every other key, and the
/// slot's number. Removal shifts later entries back instead of leaving marks, so a flood leaves nothing behind.
struct BucketTable: ~Copyable {
  private var entries: Slab<UInt64>
  private let mask: Int
  /// Slots that are entered.
  private(set) var count = 0

  /// - Parameter capacity: the most slots that will be entered at one time.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    entries = Slab(count: size)
    mask = size - 1
  }

  /// - Returns: the slot for which `isWanted` is true among those with this hash, or -1.
  @inline(__always)
  func find(_ hash: UInt64, _ isWanted: (Int) -> Bool) -> Int {
    let tag = hash >> 32
    var place = Int(tag) & mask
    while true {
      let entry = entries[place]
      if entry >> 32 == tag, entry & 0xffff_ffff != 0 {
        let slot = Int(entry & 0xffff_ffff) - 1
        if isWanted(slot) { return slot }
      } else if entry == 0 {
        return -1
      }
      place = (place + 1) & mask
    }
  }

  mutating func insert(_ slot: Int, _ hash: UInt64) {
    precondition(count <= mask / 2, "more slots entered than the table was made for")
    var place = Int(hash >> 32) & mask
    while entries[place] != 0 { place = (place + 1) & mask }
    entries[place] = hash & ~0xffff_ffff | UInt64(slot + 1)
    count += 1
  }

  /// Takes out `slot`, which was entered with this hash; does nothing when it is not there.
  mutating func remove(_ slot: Int, _ hash: UInt64) {
    var place = Int(hash >> 32) & mask
    let wanted = hash & ~0xffff_ffff | UInt64(slot + 1)
    while entries[place] != wanted {
      if entries[place] == 0 { return }
      place = (place + 1) & mask
    }
    count -= 1
    var next = (place + 1) & mask
    while entries[next] != 0 {
      let home = Int(entries[next] >> 32) & mask
      // An entry may fill the hole unless it would then stand before the place it is looked for from.
      if (next - home) & mask >= (next - place) & mask {
        entries[place] = entries[next]
        place = next
      }
      next = (next + 1) & mask
    }
    entries[place] = 0
  }
}
