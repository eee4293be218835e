/// A bounded first-in, first-out queue of numbers.
struct SlotQueue: ~Copyable {
  private var numbers: Slab<UInt32>
  private var start = 0
  private(set) var count = 0

  init(capacity: Int) {
    numbers = Slab(count: capacity)
  }

  /// - Returns: false when the queue is full.
  mutating func append(_ number: Int) -> Bool {
    guard count < numbers.count else { return false }
    numbers[(start + count) % numbers.count] = UInt32(truncatingIfNeeded: number)
    count += 1
    return true
  }

  var first: Int? { count > 0 ? Int(numbers[start]) : nil }

  mutating func popFirst() -> Int? {
    guard count > 0 else { return nil }
    let number = numbers[start]
    start = (start + 1) % numbers.count
    count -= 1
    return Int(number)
  }
}
