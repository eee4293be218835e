import Testing

@testable import Flows

@Suite struct SparseSlabTests {
  @Test func `an element that was never changed is zero and has no place`() {
    let slab = SparseSlab<UInt64>(count: 4)
    let (value, hasPlace) = (slab[3], slab.contains(3))
    #expect(value == 0 && !hasPlace)
  }

  @Test func `a change is kept, and removing it makes room for another`() {
    var slab = SparseSlab<UInt64>(count: 4)
    slab[1] = 7
    slab[3] += 9
    #expect(slab.elements == [0, 7, 0, 9])
    slab.remove(1)
    let hasPlace = slab.contains(1)
    #expect(!hasPlace)
    slab.remove(1)
    slab[2] += 5
    #expect(slab.elements == [0, 0, 5, 9])
  }

  @Test func `all elements can have a place, again and again`() {
    var slab = SparseSlab<UInt64>(count: 100)
    for round in UInt64(1)...3 {
      for index in 0..<100 { slab[index] = round * 1_000 + UInt64(index) }
      #expect(slab.elements == (0..<100).map { round * 1_000 + UInt64($0) })
      for index in 0..<100 { slab.remove(index) }
      #expect(slab.elements == [UInt64](repeating: 0, count: 100))
    }
  }
}

extension SparseSlab<UInt64> {
  fileprivate var elements: [UInt64] {
    var elements: [UInt64] = []
    for index in 0..<places.count { elements.append(self[index]) }
    return elements
  }
}
