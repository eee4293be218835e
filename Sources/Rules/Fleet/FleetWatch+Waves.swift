import Glibc

/// What many do together: stop, start, and both again and again.
extension FleetWatch {
  // MARK: Stops

  /// Of those who are late: whether too many of them fell silent within one window.
  mutating func judgeStops(_ settings: FleetSettings) {
    absorbLate(settings)
    let population = countedRows
    let found = stopFound(population, settings)
    guard let stop = stops.gather(found, at: now) else { return }
    tellStop(stop, population)
    judgeOscillation(of: stop.rows, population, settings)
  }

  private func stopFound(_ population: Int, _ settings: FleetSettings) -> OpenWaves.Gathering? {
    let least = Self.least(settings.stopFraction, of: population)
    guard late.count >= least else { return nil }
    // Four tests a round: two silences in two windows.
    let probability = settings.stopRate / Double(4 * Self.roundsADay)
    let sorted = late.sorted { rows[$0].lastShare < rows[$1].lastShare }
    // Where all have slowed down, long gaps are no wonder.
    let slowness = rate.ratio(without: late.reduce(0) { $0 + rows[$1].counted })
    var best: OpenWaves.Gathering?
    for (chance, isSure) in [(1e-3, false), (1e-5, true)] {
      let candidates = isSure ? sorted.filter { gap(of: $0) > rows[$0].sure } : sorted
      guard candidates.count >= least else { continue }
      let times = candidates.map { rows[$0].lastShare }
      // The last share of a miner that stops lies an interval before, on average.
      let blur = Int(min(3 * rows[candidates[candidates.count / 2]].interval, 3_600))
      for (window, isLong) in [(settings.stopWindow, false), (10 * settings.stopWindow, true)] {
        let expectation = WaveTest.Expectation(
          byChance: Double(population) * pow(chance, slowness), rate: stopRate.perMiner * Double(population),
          dispersion: stopRate.dispersion(isLong: isLong))
        guard
          let wave = WaveTest.fullest(
            times, window: window + blur, expecting: expectation, least: least, below: probability),
          wave.events.count > best?.rows.count ?? 0
        else { continue }
        best = OpenWaves.Gathering(
          rows: Array(candidates[wave.events]), first: times[wave.events.lowerBound],
          last: times[wave.events.upperBound - 1], since: now, expected: wave.expected, probability: wave.probability)
      }
    }
    return best
  }

  private mutating func tellStop(_ stop: OpenWaves.Gathering, _ population: Int) {
    stops.remember(
      .init(
        rows: Set(stop.rows), first: stop.first, last: stop.last, count: stop.rows.count, population: population,
        expected: stop.expected, probability: stop.probability))
    events.stops.append(
      .init(
        rows: stop.rows, first: stop.first, last: stop.last, population: population, expected: stop.expected,
        probability: stop.probability, loss: sight.loss(since: stop.first)))
    for row in stop.rows { markStopped(row) }
  }

  private mutating func markStopped(_ row: Int) {
    leave(row, for: .stopped)
    let last = rows[row].lastShare
    if now - rows[row].lastStop > Self.oscillationMemory { (rows[row].stops, rows[row].firstStop) = (0, last) }
    rows[row].stops += 1
    rows[row].lastStop = last
  }

  /// Those who fell silent at the time of a stop that is told already belong to it. When it has become twice as large it is told
  /// again; when half of its miners are back it is over.
  private mutating func absorbLate(_ settings: FleetSettings) {
    for place in stops.told.indices {
      let margin = 2 * settings.stopWindow + OpenWaves.patience
      let wave = stops.told[place]
      for row in late where rows[row].isLate && gap(of: row) > rows[row].sure {
        guard (wave.first - margin...wave.last + margin).contains(rows[row].lastShare) else { continue }
        stops.told[place].rows.insert(row)
        stops.told[place].first = min(stops.told[place].first, rows[row].lastShare)
        stops.told[place].last = max(stops.told[place].last, rows[row].lastShare)
        markStopped(row)
      }
      let grown = stops.told[place]
      guard grown.rows.count >= 2 * grown.count else { continue }
      events.stops.append(
        .init(
          rows: grown.rows.sorted(), first: grown.first, last: grown.last, population: grown.population,
          expected: grown.expected, probability: grown.probability, told: grown.count,
          loss: sight.loss(since: grown.first)))
      stops.told[place].count = grown.rows.count
    }
    stops.told.removeAll { wave in
      2 * wave.rows.count { rows[$0].state == .stopped } <= wave.rows.count
    }
    late.removeAll { !rows[$0].isLate }
  }

  /// So many must do something together for it to be worth telling.
  static func least(_ fraction: Double, of population: Int) -> Int {
    max(3, Int((fraction * Double(population)).rounded(.up)))
  }

  // MARK: Starts

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
        population: countedRows + start.rows.count { rows[$0].counted == 0 },
        expected: start.expected, probability: start.probability, loss: sight.loss(since: start.first)))
  }

  private func startFound(_ settings: FleetSettings) -> OpenWaves.Gathering? {
    let least = Self.least(settings.startFraction, of: countedRows + begun.count)
    guard begun.count >= least else { return nil }
    let probability = settings.startRate / Double(2 * Self.roundsADay)
    let sorted = begun.sorted { ($0.at, $0.row) < ($1.at, $1.row) }
    var best: OpenWaves.Gathering?
    for (window, isLong) in [(settings.startWindow, false), (10 * settings.startWindow, true)] {
      let expectation = WaveTest.Expectation(
        byChance: 0, rate: startRate.perMiner * Double(rows.count), dispersion: startRate.dispersion(isLong: isLong))
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

  // MARK: Again and again

  /// How long a stop is remembered of a miner, in seconds.
  static let oscillationMemory = 3_600

  /// Whether half of those who stopped have done so before, again and again.
  private mutating func judgeOscillation(of members: [Int], _ population: Int, _ settings: FleetSettings) {
    let again = members.filter { rows[$0].stops >= settings.oscillationStops }
    guard again.count >= max(3, members.count / 2) else { return }
    let stops = again.map { rows[$0].stops }.max() ?? 0
    events.oscillations.append(
      .init(
        rows: again, population: population, stops: stops,
        seconds: now - (again.map { rows[$0].firstStop }.min() ?? now),
        loss: sight.loss(since: now - Self.oscillationMemory)))
  }
}
