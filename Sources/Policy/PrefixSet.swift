package import Decode

/// A set of address ranges that tells by binary search whether an address is in it.
///
/// Both families share one table. A range of IPv6 around the IPv4-mapped block (`::/0`) means IPv6 alone: who wants
/// IPv4 too says `0.0.0.0/0`.
package struct PrefixSet: Equatable, Sendable {
  /// Disjoint and ascending.
  @usableFromInline
  package private(set) var ranges: [AddressRange] = []

  /// Every address from `first` to `last`, both included.
  @frozen
  @usableFromInline
  package struct AddressRange: Equatable, Sendable {
    @usableFromInline package let first: IPAddress
    @usableFromInline package let last: IPAddress

    package init(first: IPAddress, last: IPAddress) {
      self.first = first
      self.last = last
    }
  }

  package init() {}

  /// - Parameter texts: `10.20.0.0/16`, `fd00::/8`, or single addresses. Nil when one is no address or range.
  package init?(_ texts: [String]) {
    var prefixes: [Prefix] = []
    for text in texts {
      guard let prefix = try? Prefix(parsing: text) else { return nil }
      prefixes.append(prefix)
    }
    self.init(prefixes)
  }

  package init(_ prefixes: some Sequence<Prefix>) {
    for range in prefixes.flatMap(Self.ranges(of:)).sorted(by: { $0.first < $1.first }) {
      guard let last = ranges.last, range.first.bits <= last.last.bits || Self.touch(last, range) else {
        ranges.append(range)
        continue
      }
      ranges[ranges.count - 1] = AddressRange(first: last.first, last: max(last.last, range.last))
    }
  }

  package var isEmpty: Bool { ranges.isEmpty }

  @inlinable
  package func contains(_ address: IPAddress) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low &+ high) / 2
      if address < ranges[middle].first {
        high = middle
      } else if ranges[middle].last < address {
        low = middle &+ 1
      } else {
        return true
      }
    }
    return false
  }

  /// Whether an address is the last of a range that ends as a subnet of four addresses or more does, so that it may be the
  /// broadcast address of one: single addresses and pairs have none (RFC 3021).
  package func mayEndSubnet(_ address: IPAddress) -> Bool {
    guard address.bits & 3 == 3 else { return false }
    let first = IPAddress(address.bits & ~3)
    return ranges.contains { $0.last == address && $0.first <= first }
  }

  /// The prefix cut in two where it would swallow IPv4 without saying so.
  private static func ranges(of prefix: Prefix) -> [AddressRange] {
    let mapped = Prefix(containing: IPAddress(v4: 0), length: 96)
    guard prefix.length < mapped.length, prefix.contains(mapped.first) else {
      return [AddressRange(first: prefix.first, last: prefix.last)]
    }
    return [
      AddressRange(first: prefix.first, last: IPAddress(mapped.first.bits - 1)),
      AddressRange(first: IPAddress(mapped.last.bits + 1), last: prefix.last),
    ].filter { $0.first <= $0.last }
  }

  /// Whether `right` begins where `left` ends, in the same family.
  private static func touch(_ left: AddressRange, _ right: AddressRange) -> Bool {
    left.last.isIPv4 == right.first.isIPv4 && left.last.bits < .max && left.last.bits + 1 == right.first.bits
  }
}

extension PrefixSet: CustomStringConvertible {
  /// The fewest prefixes that make up the set, in ascending order.
  package var prefixes: [Prefix] {
    var result: [Prefix] = []
    for range in ranges {
      var first = range.first.bits
      while true {
        // The longest step that `first` is aligned to and that does not pass the end.
        let left = range.last.bits - first
        let room = left == .max ? 128 : 127 - (left + 1).leadingZeroBitCount
        let step = min(first.trailingZeroBitCount, room)
        result.append(Prefix(containing: IPAddress(first), length: 128 - step))
        let size = step == 128 ? UInt128.max : (UInt128(1) << UInt128(step)) - 1
        guard size < left else { break }
        first += size + 1
      }
    }
    return result
  }

  /// `10.20.0.0/16, 10.30.0.7`
  package var description: String {
    prefixes.map(\.description).joined(separator: ", ")
  }
}
