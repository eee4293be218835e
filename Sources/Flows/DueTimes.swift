package import Capture

/// By place in a table, the second of packet time before which nothing can be due there: so whoever lets time pass reads four bytes
/// a place, and not the table.
package struct DueTimes: ~Copyable {
  /// Seconds cut to 32 bits; 0 for a place to be looked at.
  private var seconds: Slab<UInt32>
  private let longest: UInt32

  /// - Parameters:
  ///   - count: places.
  ///   - nanoseconds: the longest that any place is left alone. What is further off was set before the clock was set back, and is due.
  package init(count: Int, atMost nanoseconds: Int64) {
    seconds = Slab(count: count)
    longest = UInt32(truncatingIfNeeded: nanoseconds / 1_000_000_000)
  }

  /// Leaves a place alone until then.
  package mutating func wait(_ place: Int, until time: Timestamp) {
    seconds[place] = UInt32(truncatingIfNeeded: time.seconds)
  }

  /// Has a place looked at.
  package mutating func forget(_ place: Int) {
    seconds[place] = 0
  }

  /// The next place where something may be due.
  package func next(in places: Range<Int>, at time: Timestamp) -> Int? {
    let now = UInt32(truncatingIfNeeded: time.seconds)
    for place in places {
      let left = seconds[place] &- now
      if left == 0 || left > longest { return place }
    }
    return nil
  }
}
