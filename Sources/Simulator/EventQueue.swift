import Capture

/// Events in order of time: a binary heap.
struct EventQueue<Event> {
  private var heap: [(time: Timestamp, order: UInt64, event: Event)] = []
  /// Events of one time leave in the order they came, so that a seed always gives the same capture.
  private var arrivals: UInt64 = 0

  mutating func push(_ event: Event, at time: Timestamp) {
    heap.append((time, arrivals, event))
    arrivals += 1
    var child = heap.count - 1
    while child > 0, isBefore(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// The next event, if it comes before a time.
  mutating func pop(before time: Timestamp) -> (time: Timestamp, event: Event)? {
    guard let first = heap.first, first.time < time else { return nil }
    return pop()
  }

  mutating func pop() -> (time: Timestamp, event: Event)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.time, first.event)
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    (heap[left].time, heap[left].order) < (heap[right].time, heap[right].order)
  }
}
