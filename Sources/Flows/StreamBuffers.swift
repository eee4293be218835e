import Capture

/// A buffer's place in its ``StreamBuffers``. Valid from acquiring to releasing it.
@frozen
public struct BufferIndex: Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }
}

/// A bounded pool of byte buffers in three sizes: for segments held behind a gap, and for the unfinished message at a
/// stream's end.
///
/// The memory is cut into pages of 64 KiB. A page serves buffers of one size while any of them is in use and is then
/// free for any size again, so no size can be starved for good.
package struct StreamBuffers: ~Copyable {
  /// The sizes, in bytes: most segments, a burst or a large notify, the largest IP packet or Stratum line.
  package static let capacities = (small: 2 << 10, medium: 16 << 10, large: Limits.unfinishedMessage)
  private static let pageBytes = 64 << 10
  private static let unitBytes = 2 << 10
  private static let unitsPerPage = pageBytes / unitBytes

  struct Page: Zeroable {
    /// Buffers of this page that are free, a bit each.
    var free: UInt32 = 0
    /// 0 for a page that serves no size, else 1 + the size's number.
    var sizePlusOne: UInt32 = 0
    /// Neighbours in the list of pages with a free buffer of this size, or of free pages, as page + 1.
    var previous: UInt32 = 0
    var next: UInt32 = 0
  }

  struct Content: Zeroable {
    var start: UInt32 = 0
    var count: UInt32 = 0
  }

  private var memory: Slab<UInt8>
  private var pages: Slab<Page>
  /// By the number of the buffer's first unit.
  private var contents: Slab<Content>
  /// First page with a free buffer, by size, as page + 1.
  private var available = Slab<UInt32>(count: 3)
  private var firstFreePage: UInt32 = 0
  /// Pages from here on were never used, so their memory is not resident.
  private var untouchedPages = 0

  /// Memory that buffers in use take, in bytes.
  package private(set) var bytesInUse = 0
  package private(set) var peakBytesInUse = 0
  /// How often no buffer was to be had.
  package private(set) var refusals: UInt64 = 0

  /// - Parameter budget: bytes, rounded down to whole pages of 64 KiB but at least one.
  package init(budget: Int) {
    let count = max(1, budget / Self.pageBytes)
    memory = Slab(count: count * Self.pageBytes)
    pages = Slab(count: count)
    contents = Slab(count: count * Self.unitsPerPage)
  }

  /// One more than the largest `rawValue` of any buffer's index.
  var indexCount: Int { contents.count }

  /// - Returns: an empty buffer for `capacity` bytes or more; nil when that is more than 64 KiB or the budget is used up.
  package mutating func acquire(capacity: Int) -> BufferIndex? {
    let wanted = capacity <= Self.capacities.small ? 0 : capacity <= Self.capacities.medium ? 1 : 2
    guard capacity <= Self.capacities.large, let page = pageWithRoom(for: wanted) else {
      refusals += 1
      return nil
    }
    let size = Int(pages[page].sizePlusOne) - 1
    let slot = pages[page].free.trailingZeroBitCount
    pages[page].free &= pages[page].free - 1
    if pages[page].free == 0 { unlink(page, size) }
    bytesInUse += Self.bytes(ofSize: size)
    peakBytesInUse = max(peakBytesInUse, bytesInUse)
    let index = page * Self.unitsPerPage + slot * Self.units(ofSize: size)
    contents[index] = Content()
    return BufferIndex(rawValue: UInt32(truncatingIfNeeded: index))
  }

  /// Adds `bytes` at the buffer's end, in a larger buffer if need be: `buffer` then names that one.
  ///
  /// - Returns: false, and nothing changed, when the result would be over 64 KiB or the budget is used up.
  package mutating func append(_ bytes: RawSpan, to buffer: inout BufferIndex) -> Bool {
    let index = Int(buffer.rawValue)
    let content = contents[index]
    let needed = Int(content.count) + bytes.byteCount
    let capacity = Self.bytes(ofSize: size(of: index))
    if Int(content.start) + needed > capacity {
      if needed <= capacity {
        move(from: index, to: index)
      } else {
        guard let larger = acquire(capacity: needed) else { return false }
        move(from: index, to: Int(larger.rawValue))
        release(buffer)
        buffer = larger
      }
    }
    let target = Int(buffer.rawValue)
    memory.copy(bytes, to: target * Self.unitBytes + Int(contents[target].start) + Int(contents[target].count))
    contents[target].count = UInt32(truncatingIfNeeded: needed)
    return true
  }

  /// The buffer's content, lent for as long as the pool is not changed.
  @_lifetime(borrow self)
  package func bytes(_ buffer: BufferIndex) -> RawSpan {
    let content = contents[Int(buffer.rawValue)]
    let start = Int(buffer.rawValue) * Self.unitBytes + Int(content.start)
    return memory.bytes(start..<start + Int(content.count))
  }

  package func count(of buffer: BufferIndex) -> Int {
    Int(contents[Int(buffer.rawValue)].count)
  }

  /// Takes `count` bytes away from the front, all of them when there are fewer. Costs no copy.
  package mutating func dropFirst(_ count: Int, of buffer: BufferIndex) {
    let index = Int(buffer.rawValue)
    let dropped = UInt32(truncatingIfNeeded: min(max(0, count), Int(contents[index].count)))
    contents[index].start += dropped
    contents[index].count -= dropped
    if contents[index].count == 0 { contents[index].start = 0 }
  }

  package mutating func release(_ buffer: BufferIndex) {
    let index = Int(buffer.rawValue)
    let page = index / Self.unitsPerPage
    let size = size(of: index)
    let bit: UInt32 = 1 << UInt32(index % Self.unitsPerPage / Self.units(ofSize: size))
    precondition(pages[page].sizePlusOne != 0 && pages[page].free & bit == 0, "buffer released twice")
    bytesInUse -= Self.bytes(ofSize: size)
    let wasFull = pages[page].free == 0
    pages[page].free |= bit
    if pages[page].free == Self.allFree(ofSize: size) {
      if !wasFull { unlink(page, size) }
      pages[page] = Page(next: firstFreePage)
      firstFreePage = UInt32(truncatingIfNeeded: page + 1)
    } else if wasFull {
      link(page, size)
    }
  }
}

extension StreamBuffers {
  private static func units(ofSize size: Int) -> Int { size == 0 ? 1 : size == 1 ? 8 : 32 }
  private static func bytes(ofSize size: Int) -> Int { units(ofSize: size) * unitBytes }
  private static func allFree(ofSize size: Int) -> UInt32 { size == 0 ? .max : size == 1 ? 0xf : 1 }

  private func size(of index: Int) -> Int {
    let sizePlusOne = pages[index / Self.unitsPerPage].sizePlusOne
    precondition(sizePlusOne != 0, "buffer used after its release")
    return Int(sizePlusOne) - 1
  }

  /// A page with a free buffer of this size; else a free page; else one whose free buffers are larger.
  private mutating func pageWithRoom(for wanted: Int) -> Int? {
    if available[wanted] != 0 { return Int(available[wanted]) - 1 }
    if let page = takeFreePage() {
      pages[page] = Page(free: Self.allFree(ofSize: wanted), sizePlusOne: UInt32(wanted + 1))
      link(page, wanted)
      return page
    }
    for larger in wanted + 1..<4 where larger < 3 && available[larger] != 0 {
      return Int(available[larger]) - 1
    }
    return nil
  }

  private mutating func takeFreePage() -> Int? {
    if firstFreePage != 0 {
      let page = Int(firstFreePage) - 1
      firstFreePage = pages[page].next
      return page
    }
    guard untouchedPages < pages.count else { return nil }
    untouchedPages += 1
    return untouchedPages - 1
  }

  private mutating func link(_ page: Int, _ size: Int) {
    let next = available[size]
    pages[page].previous = 0
    pages[page].next = next
    if next != 0 { pages[Int(next) - 1].previous = UInt32(truncatingIfNeeded: page + 1) }
    available[size] = UInt32(truncatingIfNeeded: page + 1)
  }

  private mutating func unlink(_ page: Int, _ size: Int) {
    let (previous, next) = (pages[page].previous, pages[page].next)
    if previous == 0 { available[size] = next } else { pages[Int(previous) - 1].next = next }
    if next != 0 { pages[Int(next) - 1].previous = previous }
  }

  /// Moves a buffer's content to the start of another, or of itself.
  private mutating func move(from index: Int, to target: Int) {
    let content = contents[index]
    let start = index * Self.unitBytes + Int(content.start)
    memory.move(start..<start + Int(content.count), to: target * Self.unitBytes)
    contents[target] = Content(start: 0, count: content.count)
  }
}
