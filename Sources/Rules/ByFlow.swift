/// Values by flow number, all side by side: found by number, then read and changed where they stand. A dictionary would copy a
/// value to show a part of it.
package struct ByFlow<Value: Sendable>: Sendable {
  /// In no particular order.
  package private(set) var values: [Value] = []
  /// The flow of each value.
  private var flows: [UInt64] = []
  private var places: [UInt64: Int] = [:]

  /// - Parameter limit: so many at the most. Room that is not used costs nothing.
  package init(limit: Int) { values.reserveCapacity(limit) }

  package var count: Int { values.count }

  /// Where a flow's value stands until one is added or removed; nil when there is none.
  func place(of flow: UInt64) -> Int? { places[flow] }

  /// The value at a place.
  subscript(place: Int) -> Value {
    _read { yield values[place] }
    _modify { yield &values[place] }
  }

  /// Adds the value of a flow that has none.
  mutating func add(_ value: Value, of flow: UInt64) -> Int {
    places[flow] = values.count
    values.append(value)
    flows.append(flow)
    return values.count - 1
  }

  /// Takes a flow's value out; the last one comes to its place.
  mutating func remove(_ flow: UInt64) -> Value? {
    guard let place = places.removeValue(forKey: flow) else { return nil }
    let value = values[place]
    let (last, lastFlow) = (values.removeLast(), flows.removeLast())
    if place < values.count {
      values[place] = last
      flows[place] = lastFlow
      places[lastFlow] = place
    }
    return value
  }
}
