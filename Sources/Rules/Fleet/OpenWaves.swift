/// Stops, or starts, of many that are being gathered or that go on growing.
struct OpenWaves: Sendable {
  /// Found, and told as soon as no more come.
  struct Gathering: Sendable {
    var rows: [Int]
    var first: Int
    var last: Int
    var since: Int
    /// When the last one came.
    var grown = 0
    var expected: Double
    var probability: Double
  }

  /// Told.
  struct Told: Sendable {
    var rows: Set<Int>
    var first: Int
    var last: Int
    /// Members when it was told last.
    var count: Int
    var population: Int
    var expected: Double
    var probability: Double
    /// When the last one came that was not told yet.
    var grown = 0

    /// There are miners in it of whom nobody was told.
    var isUntold: Bool { rows.count > count }
  }

  var gathering: Gathering?
  var told: [Told] = []

  /// How long members are waited for, in seconds: the last shares of those who stop at once lie a few share intervals apart. And
  /// how long after the last one.
  static let patience = 30
  private static let pause = 10
  /// Stops that are kept in mind at once; the oldest goes.
  static let limit = 16

  /// Takes in what was found in this round.
  ///
  /// - Returns: what has stopped growing, and is to be told.
  mutating func gather(_ found: Gathering?, at now: Int) -> Gathering? {
    guard var found else {
      defer { gathering = nil }
      return gathering
    }
    guard let before = gathering else {
      found.grown = now
      gathering = found
      return nil
    }
    found.since = before.since
    found.grown = found.rows.count > before.rows.count ? now : before.grown
    if now - found.grown >= Self.pause || now - before.since >= Self.patience {
      gathering = nil
      return found
    }
    gathering = found
    return nil
  }

  /// A row did not stop after all.
  mutating func forget(_ row: Int) {
    gathering?.rows.removeAll { $0 == row }
    if let rows = gathering?.rows, rows.count < 3 { gathering = nil }
    for place in told.indices { told[place].rows.remove(row) }
  }

  mutating func remember(_ wave: Told) {
    if told.count >= Self.limit { told.removeFirst() }
    told.append(wave)
  }
}
