/// Values that many rows have in common, such as the pools of a site: each is kept once, for as long as a row has it, and a row
/// names it by four bytes.
///
/// Bounded by the rows: nobody else names one.
struct SharedValues<Value: PlaceKey>: Sendable {
  /// How a row names a value. All others than ``none`` are places.
  typealias Number = UInt32

  /// One that no row has any more stays until another takes its place.
  private var values: [Value] = []
  /// How many rows have each.
  private var uses: [UInt32] = []
  private var free: [Number] = []
  private var index = PlaceIndex<Value>()

  /// Stands for no value.
  static var none: Number { .max }

  subscript(number: Number) -> Value? { number == Self.none ? nil : values[Int(number)] }

  /// A row takes a value. It is to be given back by ``drop(_:)``.
  mutating func take(_ value: Value?) -> Number {
    guard let value else { return Self.none }
    if let known = number(of: value) {
      uses[Int(known)] += 1
      return known
    }
    let number = free.popLast() ?? Number(truncatingIfNeeded: values.count)
    if Int(number) == values.count {
      values.append(value)
      uses.append(1)
    } else {
      (values[Int(number)], uses[Int(number)]) = (value, 1)
    }
    index.add(Int(number), of: value) { values[$0] }
    return number
  }

  /// The number of a value that some row has.
  func number(of value: Value) -> Number? {
    index.place(of: value) { values[$0] }.map { Number(truncatingIfNeeded: $0) }
  }

  /// A row has a value no longer.
  mutating func drop(_ number: Number) {
    guard number != Self.none else { return }
    uses[Int(number)] -= 1
    guard uses[Int(number)] == 0 else { return }
    index.remove(Int(number), of: values[Int(number)]) { values[$0] }
    free.append(number)
  }
}
