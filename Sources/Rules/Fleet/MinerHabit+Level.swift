/// A miner's hashrate against its own, quarter of an hour by quarter of an hour.
extension MinerHabit {
  /// A hashrate that fell, before it is known whose row it is.
  struct Fall {
    var drop: Double
    var minutes: Int
    var probability: Double

    func of(_ row: Int) -> FleetEvents.Slowdown {
      .init(row: row, drop: drop, minutes: minutes, probability: probability)
    }
  }

  /// Quarters before its level is believed.
  private static let quartersNeeded = 4
  /// Quarters after which a lower level is the usual one: a day.
  private static let acceptance = 96
  /// More shares than a miner can hand in, whatever difficulties a pool makes up.
  private static let mostShares = 1e9
  /// Looks at a miner a day: at a quarter and at an hour, each quarter.
  private static let looksADay = 192.0

  /// A quarter is over.
  ///
  /// - Parameter isAlone: nothing is wrong with the whole site, which would be told instead.
  /// - Returns: that it is well below its level, the first time.
  mutating func closeQuarter(from start: Int, _ settings: FleetSettings, isAlone: Bool) -> Fall? {
    defer { (quarter, isQuarterWhole) = (0, true) }
    // The gap at its end is judged as a silence.
    guard state == .hashing, since <= start, isQuarterWhole, !isLate, isAlone else {
      wholeQuarters = 0
      return nil
    }
    let work = quarter
    let fall = fall(of: work, settings)
    defer { remember(work) }
    if isLow {
      lowQuarters += 1
      if work >= level.mean * (1 - settings.slowdownDrop / 2) {
        (isLow, lowQuarters) = (false, 0)
      } else if lowQuarters >= Self.acceptance {
        (isLow, lowQuarters) = (false, 0)
        level = RunningMoments()
      } else {
        return nil
      }
    }
    guard let fall else {
      level.learn(work, memory: Self.levelMemory)
      return nil
    }
    isLow = true
    return fall
  }

  private mutating func remember(_ work: Double) {
    for place in [2, 1] { quarters[place] = quarters[place - 1] }
    quarters[0] = Float(work)
    wholeQuarters = min(wholeQuarters + 1, 3)
  }

  /// Whether a quarter, or the hour that it ends, is too low to be chance.
  private func fall(of work: Double, _ settings: FleetSettings) -> Fall? {
    guard level.count >= Self.quartersNeeded, level.mean > 0 else { return nil }
    var windows = [(quarters: 1.0, work: work)]
    if wholeQuarters == 3 {
      let before = (0..<3).reduce(0.0) { $0 + Double(quarters[$1]) }
      windows.append((4, work + before))
    }
    for window in windows {
      let usual = level.mean * window.quarters
      let drop = 1 - window.work / usual
      guard drop >= settings.slowdownDrop else { continue }
      // How far the level itself may be off counts as more variance.
      let clusters = max(dispersion, min(level.variance / (level.mean * weight), Self.widestSpread))
      let tail = Chance.ofCount(
        atMost: Int(min(window.work / weight, Self.mostShares)), mean: min(usual / weight, Self.mostShares),
        dispersion: clusters * (1 + window.quarters / Double(level.count)))
      if tail < settings.slowdownRate / Self.looksADay {
        return Fall(drop: drop, minutes: Int(window.quarters) * 15, probability: tail)
      }
    }
    return nil
  }
}
