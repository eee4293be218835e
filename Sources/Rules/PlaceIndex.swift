/// Finds places in an array by a key that each element has itself, in four bytes a slot.
///
/// A dictionary would keep each key a second time, and each value in eight bytes, in room for four where three are or for eight
/// just after it grew. Whoever asks says which key stands at a place. Slots are tried one after the other from the one that the
/// key's hash tells (``PlaceSecrets``). A slot has ten bits of its
/// key's hash besides, so that hardly ever another row has to be read to see that it is another's.
///
///     | hash, 10 bits | place + 1, 22 bits |
struct PlaceIndex<Key: PlaceKey>: Sendable {
  /// 0 where there is no place. None at all, or a power of two of them of which an eighth is free.
  private var slots: [UInt32] = []
  private var count = 0
  private let secrets = PlaceSecrets()

  private static var placeMask: UInt32 { 1 << 22 - 1 }

  private func home(of key: Key) -> Int { home(key.spread(secrets)) }
  private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (slots.count - 1) }
  private func next(_ slot: Int) -> Int { (slot + 1) & (slots.count - 1) }
  private func mark(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) & ~Self.placeMask }
  /// The place in a slot that has one.
  private func entry(_ slot: Int) -> Int { Int(slots[slot] & Self.placeMask) - 1 }

  /// - Parameter keyAt: the key that stands at a place.
  @inline(__always)
  func place(of key: Key, keyAt: (Int) -> Key) -> Int? {
    guard !slots.isEmpty else { return nil }
    let hash = key.spread(secrets)
    let mark = mark(hash)
    var slot = home(hash)
    while slots[slot] != 0 {
      if slots[slot] & ~Self.placeMask == mark {
        let place = entry(slot)
        if keyAt(place) == key { return place }
      }
      slot = next(slot)
    }
    return nil
  }

  /// Adds a place whose key has none.
  mutating func add(_ place: Int, of key: Key, keyAt: (Int) -> Key) {
    precondition(place < Int(Self.placeMask), "a place has 22 bits")
    if (count + 1) * 8 > slots.count * 7 { grow(keyAt) }
    count += 1
    put(place, of: key)
  }

  private mutating func put(_ place: Int, of key: Key) {
    let hash = key.spread(secrets)
    var slot = home(hash)
    while slots[slot] != 0 { slot = next(slot) }
    slots[slot] = mark(hash) | UInt32(truncatingIfNeeded: place + 1)
  }

  private mutating func grow(_ keyAt: (Int) -> Key) {
    let former = slots
    slots = [UInt32](repeating: 0, count: max(former.count * 2, 16))
    for slot in former where slot != 0 {
      let place = Int(slot & Self.placeMask) - 1
      put(place, of: keyAt(place))
    }
  }

  /// Takes a place out, before another key comes to stand there.
  mutating func remove(_ place: Int, of key: Key, keyAt: (Int) -> Key) {
    guard var hole = slot(of: place, key) else { return }
    count -= 1
    // Those behind it up to the next free slot may have had to give way to it.
    var slot = next(hole)
    while slots[slot] != 0 {
      let wanted = home(of: keyAt(entry(slot)))
      let mask = slots.count - 1
      if (slot - wanted) & mask >= (slot - hole) & mask {
        slots[hole] = slots[slot]
        hole = slot
      }
      slot = next(slot)
    }
    slots[hole] = 0
  }

  /// What stands at a place stands at another now.
  mutating func move(_ place: Int, to other: Int, of key: Key) {
    guard let slot = slot(of: place, key) else { return }
    slots[slot] = slots[slot] & ~Self.placeMask | UInt32(truncatingIfNeeded: other + 1)
  }

  private func slot(of place: Int, _ key: Key) -> Int? {
    guard !slots.isEmpty else { return nil }
    var slot = home(of: key)
    while slots[slot] != 0 {
      if entry(slot) == place { return slot }
      slot = next(slot)
    }
    return nil
  }

  mutating func removeAll() {
    for slot in slots.indices { slots[slot] = 0 }
    count = 0
  }
}
