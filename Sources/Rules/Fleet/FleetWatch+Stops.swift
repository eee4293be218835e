import Glibc

/// Miners that stop together.
extension FleetWatch {
  /// How deep a silence is: how rarely chance alone makes one as long, or that it was told as one miner's own. Large stops show in
  /// silences that are merely long; few miners only in those that hardly any miner has.
  enum Depth: Int, CaseIterable {
    case oneInThousand, oneInTenThousand, oneInHundredThousand, told

    var chance: Double {
      switch self {
      case .oneInThousand: MinerHabit.lateChance
      case .oneInTenThousand: 1e-4
      case .oneInHundredThousand: 1e-5
      case .told: 0
      }
    }
  }

  /// A row that is silent.
  private struct Silent {
    var row: Int
    var lastShare: Int
    /// That its silence is chance.
    var chance: Double
    var isTold: Bool

    func reaches(_ depth: Depth) -> Bool { isTold || chance <= depth.chance }
  }

  /// Of those who are late: whether too many of them fell silent within one window.
  mutating func judgeStops(_ settings: FleetSettings) {
    absorbLate(settings)
    forgetSilent(settings)
    var population = countedRows
    if late.count + toldSilent.count >= Self.least(settings.stopFraction, of: population) {
      // Where a pool is gone, all may be between two sessions, and are at work all the same.
      population = rows.count(where: \.isAtWork)
    }
    let found = stopFound(population, settings)
    guard let stop = stops.gather(found, at: now) else { return }
    tellStop(stop, population)
    judgeOscillation(of: stop.rows, population, settings)
  }

  /// Those who were told as silent are single ones when they come back, or when no stop that is being looked for can be theirs any
  /// more. Before, a slow ramp would be learned as it goes on.
  private mutating func forgetSilent(_ settings: FleetSettings) {
    let oldest = now - 10 * settings.stopWindow - Self.quarter
    var kept: [(at: Int, row: Int)] = []
    for told in toldSilent {
      let state = rows[told.row].state
      if state == .silent, told.at >= oldest {
        kept.append(told)
      } else if state != .stopped, isLearning {
        for depth in stopRates.indices { stopRates[depth].count() }
      }
    }
    toldSilent = kept
  }

  /// The largest group that is too large for chance: tried are silences of each depth, in windows of no length, of the rule's
  /// and of ten times that, for slow ramps.
  private func stopFound(_ population: Int, _ settings: FleetSettings) -> OpenWaves.Gathering? {
    let least = Self.least(settings.stopFraction, of: population)
    guard late.count + toldSilent.count >= least else { return nil }
    let silent = silentRows(settings)
    guard silent.count >= least else { return nil }
    let windows = [(0, false), (settings.stopWindow, false), (10 * settings.stopWindow, true)]
    let probability = settings.stopRate / Double(Depth.allCases.count * windows.count * Self.roundsADay)
    // Where all have slowed down, long gaps are no wonder.
    let slowness = rate.ratio(without: late.reduce(0) { $0 + rows[$1].counted })
    var best: OpenWaves.Gathering?
    for depth in Depth.allCases {
      let candidates = silent.filter { $0.reaches(depth) }
      guard candidates.count >= least else { continue }
      let times = candidates.map(\.lastShare)
      // The last share of a miner that stops lies an interval before, on average.
      let blur = Int(min(3 * rows[candidates[candidates.count / 2].row].interval, 3_600))
      for (window, isLong) in windows {
        let expectation = stopRates[depth.rawValue].expectation(
          of: population, in: window + blur, isLong: isLong, besides: Double(population) * pow(depth.chance, slowness))
        guard
          let wave = WaveTest.fullest(
            times, window: window + blur, expecting: expectation, least: least, below: probability),
          wave.events.count > best?.rows.count ?? 0
        else { continue }
        best = OpenWaves.Gathering(
          rows: candidates[wave.events].map(\.row), first: times[wave.events.lowerBound],
          last: times[wave.events.upperBound - 1], since: now, expected: wave.expected, probability: wave.probability)
      }
    }
    return best
  }

  /// Those who are silent, in the order of their last shares. Who fell silent about a stop that is told already will belong to it.
  private func silentRows(_ settings: FleetSettings) -> [Silent] {
    let members = late.map { ($0, false) } + toldSilent.map { ($0.row, true) }
    return members.compactMap { row, isTold -> Silent? in
      let last = rows[row].lastShare
      guard !stops.told.contains(where: { Self.isAbout($0, last, settings) }) else { return nil }
      return Silent(row: row, lastShare: last, chance: rows[row].chance(ofGap: gap(of: row)), isTold: isTold)
    }.sorted { ($0.lastShare, $0.row) < ($1.lastShare, $1.row) }
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

  /// Whether a silence began about the time of a stop that is told.
  private static func isAbout(_ wave: OpenWaves.Told, _ time: Int, _ settings: FleetSettings) -> Bool {
    let margin = 2 * settings.stopWindow + OpenWaves.patience
    return (wave.first - margin...wave.last + margin).contains(time)
  }

  /// How long more of a stop are waited for until it is told how many they are, in seconds.
  private static let lateness = 120

  /// Those who fell silent at the time of a stop that is told already belong to it. It is told again when it has become twice as
  /// large, and when no more come; when half of its miners are back it is over.
  private mutating func absorbLate(_ settings: FleetSettings) {
    for place in stops.told.indices {
      for row in late where rows[row].isLate && Self.isAbout(stops.told[place], rows[row].lastShare, settings) {
        guard rows[row].chance(ofGap: gap(of: row)) <= Depth.oneInHundredThousand.chance else { continue }
        stops.told[place].rows.insert(row)
        stops.told[place].first = min(stops.told[place].first, rows[row].lastShare)
        stops.told[place].last = max(stops.told[place].last, rows[row].lastShare)
        stops.told[place].grown = now
        markStopped(row)
      }
      let grown = stops.told[place]
      let isOver = 2 * grown.rows.count { rows[$0].state == .stopped } <= grown.rows.count
      let isComplete = grown.isUntold && (isOver || now - grown.grown >= Self.lateness)
      guard grown.rows.count >= 2 * grown.count || isComplete else { continue }
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

  /// A late row is back, so its silence was no part of anything: what single ones come to is learned.
  mutating func countSilence(of row: Int, until time: Int) {
    guard isLearning else { return }
    let chance = rows[row].chance(ofGap: Double(time - max(rows[row].lastShare, floor)))
    for depth in Depth.allCases where chance <= depth.chance { stopRates[depth.rawValue].count() }
  }

  /// So many must do something together for it to be worth telling.
  static func least(_ fraction: Double, of population: Int) -> Int {
    max(3, Int((fraction * Double(population)).rounded(.up)))
  }
}
