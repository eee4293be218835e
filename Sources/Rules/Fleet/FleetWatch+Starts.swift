/// Miners that start together.
extension FleetWatch {
  /// Silences shorter than this end in no start: a reboot, a new session.
  private static let longSilence = 600

  /// A miner hands in its first share, or the first after a silence.
  mutating func start(_ row: Int, at time: Int) {
    let habit = rows[row]
    rows[row].begin(at: time)
    let wasLong = habit.lastShare == 0 || time - habit.lastShare >= Self.longSilence || habit.state == .stopped
    guard wasLong, now >= startsJudgedFrom, sight.blindSince == nil, !rows[row].hasBegun else { return }
    rows[row].hasBegun = true
    begun.append((time, row))
  }

  mutating func judgeStarts(_ settings: FleetSettings) {
    let window = settings.startWindow
    let old = now - 10 * window - OpenWaves.patience
    if let first = begun.first, first.at < old {
      let gone = begun.count { $0.at < old }
      startRate.count(gone)
      for start in begun.prefix(gone) { rows[start.row].hasBegun = false }
      begun.removeFirst(gone)
    }
    let found = begun.isEmpty ? nil : startFound(settings)
    guard let start = starts.gather(found, at: now) else { return }
    for row in start.rows { rows[row].hasBegun = false }
    begun.removeAll { !rows[$0.row].hasBegun }
    events.starts.append(
      .init(
        rows: start.rows, first: start.first, last: start.last,
        population: populationBefore(start.rows),
        expected: start.expected, probability: start.probability, loss: sight.loss(since: start.first)))
  }

  /// Miners that were at work before, those that are silent or stopped among them, and those that are new.
  private func populationBefore(_ starting: [Int]) -> Int {
    let starting = Set(starting)
    return rows.indices.count { starting.contains($0) || (rows[$0].state != .unseen && rows[$0].isLearned) }
  }

  private func startFound(_ settings: FleetSettings) -> OpenWaves.Gathering? {
    let least = Self.least(settings.startFraction, of: countedRows + begun.count)
    guard begun.count >= least else { return nil }
    let probability = settings.startRate / Double(2 * Self.roundsADay)
    let sorted = begun.sorted { ($0.at, $0.row) < ($1.at, $1.row) }
    var best: OpenWaves.Gathering?
    for (window, isLong) in [(settings.startWindow, false), (10 * settings.startWindow, true)] {
      let expectation = startRate.expectation(of: rows.count, in: window, isLong: isLong)
      guard
        let wave = WaveTest.fullest(
          sorted.map(\.at), window: window, expecting: expectation, least: least, below: probability),
        wave.events.count > best?.rows.count ?? 0
      else { continue }
      let members = sorted[wave.events]
      best = OpenWaves.Gathering(
        rows: members.map(\.row), first: members.first?.at ?? now, last: members.last?.at ?? now, since: now,
        expected: wave.expected, probability: wave.probability)
    }
    return best
  }
}
