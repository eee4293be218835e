/// Values that many rows have in common, such as the pools of a site: each is kept once, for as long as a row has it, and a row
/// names it by four bytes.
///
/// Bounded by the rows: nobody else names one.
struct SharedValues<Value: Hashable & Sendable>: Sendable {
  /// How a row names a value. All others than ``none`` are places.
  typealias Number = UInt32

  private var values: [Value?] = []
  /// How many rows have each.
  private var uses: [UInt32] = []
  private var free: [Number] = []
  private var numbers: [Value: Number] = [:]

  /// Stands for no value.
  static var none: Number { .max }

  subscript(number: Number) -> Value? { number == Self.none ? nil : values[Int(number)] }

  /// A row takes a value. It is to be given back by ``drop(_:)``.
  mutating func take(_ value: Value?) -> Number {
    guard let value else { return Self.none }
    if let known = numbers[value] {
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
    numbers[value] = number
    return number
  }

  /// The number of a value that some row has.
  func number(of value: Value) -> Number? { numbers[value] }

  /// A row has a value no longer.
  mutating func drop(_ number: Number) {
    guard number != Self.none else { return }
    uses[Int(number)] -= 1
    guard uses[Int(number)] == 0, let value = values[Int(number)] else { return }
    numbers[value] = nil
    values[Int(number)] = nil
    free.append(number)
  }
}
