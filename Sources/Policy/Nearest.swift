/// Finds the word that somebody meant when they typed another one.
enum Nearest {
  /// Longest word compared, in characters. Keys and rule names are shorter; the comparison costs its square.
  static let lengthLimit = 64

  /// The word of `words` with the fewest typing mistakes from `word`, the first of equals; else the first that begins
  /// with it.
  ///
  /// - Returns: nil when even the best has more than a third of its letters wrong, or more than three.
  static func word(to word: String, in words: some Sequence<String>) -> String? {
    let typed = Array(word.lowercased().unicodeScalars)
    guard !typed.isEmpty, typed.count <= lengthLimit else { return nil }
    var best: (word: String, distance: Int)?
    for candidate in words where candidate.unicodeScalars.count <= lengthLimit {
      let letters = Array(candidate.lowercased().unicodeScalars)
      let distance = self.distance(typed, letters)
      guard distance <= min(3, max(1, max(typed.count, letters.count) / 3)) else { continue }
      if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    guard best == nil, typed.count > 2 else { return best?.word }
    return words.first { $0.lowercased().hasPrefix(word.lowercased()) }
  }

  /// ` (did you mean "x"?)` when a word is near, else ` (known: a, b, c)`.
  static func hint(for word: String, in words: some Collection<String>) -> String {
    if let near = self.word(to: word, in: words) { return " (did you mean \"\(near)\"?)" }
    return words.isEmpty ? "" : " (known: \(words.joined(separator: ", ")))"
  }

  /// Letters to insert, delete, replace or swap with their neighbour to get from one to the other
  /// (optimal string alignment distance).
  static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var current = [row + 1]
      current.reserveCapacity(right.count + 1)
      for (column, other) in right.enumerated() {
        var cost = min(last[column + 1], current[column]) + 1
        cost = min(cost, last[column] + (letter == other ? 0 : 1))
        if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
