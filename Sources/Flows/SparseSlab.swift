/// A table like ``Slab`` in which most elements stay all zero bytes: only the others have a place, so only they take memory.
///
/// Reading costs one step more; to change an element gives it a place, which ``remove(_:)`` takes back.
@frozen
public struct SparseSlab<Element: Zeroable>: ~Copyable {
  /// By index: the element's place; 0 for none. The first place stands for all elements without one and is never written.
  @usableFromInline
  var places: Slab<UInt32>
  @usableFromInline
  var kept: Slab<Element>
  /// By place: the next free one.
  @usableFromInline
  var links: Slab<UInt32>
  @usableFromInline
  var firstFree: UInt32 = 0
  /// Places that were ever taken, and the first.
  @usableFromInline
  var used: UInt32 = 1

  /// - Parameter count: elements, all zero bytes at first. Each may have a place.
  @inlinable
  public init(count: Int) {
    places = Slab(count: count)
    kept = Slab(count: count + 1)
    links = Slab(count: count + 1)
  }

  /// Whether the element has a place.
  @inlinable
  public func contains(_ index: Int) -> Bool { places[index] != 0 }

  @inlinable
  public subscript(index: Int) -> Element {
    _read { yield kept[Int(places[index])] }
    _modify {
      if places[index] == 0 { places[index] = takePlace() }
      yield &kept[Int(places[index])]
    }
  }

  /// Makes an element all zero bytes again.
  @inlinable
  public mutating func remove(_ index: Int) {
    let place = Int(places[index])
    guard place != 0 else { return }
    kept[place] = kept[0]
    links[place] = firstFree
    firstFree = places[index]
    places[index] = 0
  }

  @usableFromInline
  mutating func takePlace() -> UInt32 {
    guard firstFree != 0 else {
      used &+= 1
      return used &- 1
    }
    defer { firstFree = links[Int(firstFree)] }
    return firstFree
  }
}
