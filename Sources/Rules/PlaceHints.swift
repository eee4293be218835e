/// Remembers where in a table something stood that somebody else has a number for, which saves the search by its name.
///
/// A hint may be out of date: whoever takes it looks whether that is what stands there. As many as there are numbers, which are
/// places in a bounded table.
struct PlaceHints: Sendable {
  private var places: [UInt32] = []

  /// - Returns: `UInt32.max` as a number when nothing is known, which is no place of any table.
  subscript(number: Int) -> Int { number < places.count ? Int(places[number]) : Int(UInt32.max) }

  mutating func remember(_ place: Int, for number: Int) {
    while places.count <= number { places.append(.max) }
    places[number] = UInt32(truncatingIfNeeded: place)
  }
}
