public import CMemory
public import Glibc

/// A value for which all-zero bytes are valid, so that memory fresh from the kernel holds it already.
public protocol Zeroable: BitwiseCopyable {}

extension UInt8: Zeroable {}
extension UInt16: Zeroable {}
extension UInt32: Zeroable {}
extension UInt64: Zeroable {}
extension Int32: Zeroable {}
extension Int64: Zeroable {}

/// A flat array of plain values, of a fixed size and never moved: where the tables of the hot path live.
///
/// This is the one storage file outside Capture that says `unsafe`: a table look-up through it takes 34 instructions,
/// through `ContiguousArray` 76, through a class or Dictionary several hundred. Every access is bounds-checked, elements own
/// nothing, and the memory comes zeroed from the kernel and stays untouched, so not resident, until used.
@safe
@frozen
public struct Slab<Element: Zeroable>: ~Copyable {
  @usableFromInline
  let base: UnsafeMutablePointer<Element>
  @usableFromInline
  let allocation: UnsafeMutableRawPointer
  /// How many elements there are.
  public let count: Int

  /// - Parameters:
  ///   - count: elements, all zero bytes at first.
  ///   - isHot: packets go here and there in it. It then lies in huge pages where the kernel has any, so that a
  ///     look-up waits less for the translation of addresses; it becomes resident 2 MiB at a time.
  @inlinable
  public init(count: Int, isHot: Bool = false) {
    precondition(count >= 0, "a slab cannot have fewer than no elements")
    // Elements of 64 bytes, or two of 32, then lie in one cache line each, and larger ones in the pairs of lines that
    // processors fetch together.
    let alignment = isHot ? 2 << 20 : 128
    let size = max(count, 1) * MemoryLayout<Element>.stride
    guard let memory = unsafe calloc(size + alignment, 1) else {
      fatalError("out of memory: \(size) bytes for a table")
    }
    unsafe allocation = memory
    let aligned = unsafe memory.alignedUp(toMultipleOf: alignment)
    // A wish: where it is not granted, all works as well with small pages.
    if isHot { _ = unsafe madvise(aligned, size, MADV_HUGEPAGE) }
    unsafe base = aligned.bindMemory(to: Element.self, capacity: max(count, 1))
    self.count = count
  }

  deinit {
    unsafe free(allocation)
  }

  @inlinable
  public subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index outside the slab")
      return unsafe UnsafePointer(base + index)
    }
    unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index outside the slab")
      return unsafe base + index
    }
  }
}

/// Its one owner may be any thread: nothing else knows where the memory is.
extension Slab: @unchecked Sendable where Element: Sendable {}

extension Slab {
  /// Asks for all of an element, which will be read soon, so that its cache lines come at once and not one after the other. An index
  /// outside the slab asks for nothing.
  @inlinable
  @inline(__always)
  public func prefetch(_ index: Int) {
    guard UInt(bitPattern: index) < UInt(bitPattern: count) else { return }
    let address = unsafe UnsafeRawPointer(base + index)
    var offset = 0
    while offset < MemoryLayout<Element>.stride {
      unsafe minewatch_prefetch(address + offset)
      offset &+= 64
    }
  }
}

extension Slab where Element == UInt8 {
  /// The bytes of `range`, lent for as long as the slab is not changed.
  @inlinable
  @_lifetime(borrow self)
  public func bytes(_ range: Range<Int>) -> RawSpan {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the slab")
    let buffer = unsafe UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    return unsafe _overrideLifetime(RawSpan(_unsafeBytes: buffer), borrowing: self)
  }

  /// Copies `bytes` to `offset` and on.
  @inlinable
  public mutating func copy(_ bytes: RawSpan, to offset: Int) {
    precondition(offset >= 0 && offset <= count - bytes.byteCount, "copy outside the slab")
    unsafe bytes.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      unsafe UnsafeMutableRawPointer(base + offset).copyMemory(from: start, byteCount: source.count)
    }
  }

  /// Copies `byteCount` bytes of `source`, from `start` on, to `offset` and on.
  @inlinable
  @inline(__always)
  public mutating func copy(_ source: RawSpan, from start: Int, count byteCount: Int, to offset: Int) {
    let (room, rest) = (count &- offset, source.byteCount &- start)
    precondition(
      offset >= 0 && start >= 0 && byteCount >= 0 && byteCount <= room && byteCount <= rest, "copy outside the slab")
    unsafe source.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return }
      unsafe UnsafeMutableRawPointer(base + offset).copyMemory(from: first + start, byteCount: byteCount)
    }
  }

  /// Moves the bytes of `range` to `offset` and on; the two may overlap.
  @inlinable
  public mutating func move(_ range: Range<Int>, to offset: Int) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the slab")
    precondition(offset >= 0 && offset <= count - range.count, "move outside the slab")
    unsafe UnsafeMutableRawPointer(base + offset).copyMemory(from: base + range.lowerBound, byteCount: range.count)
  }
}
