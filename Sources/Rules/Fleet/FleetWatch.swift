import Capture
package import Decode
package import Protocols

/// Watches the site as a whole: who works, who fell silent, and whether many did so together.
///
/// Shares come in as pulses and signs of life as they are observed; every five seconds of packet time ``turn(at:look:settings:)``
/// decides. What was decided stands in ``events``. It knows miners by address and nothing of names, policies or packets.
///
///     pulses, signs ──▶ habits ──▶ late? ──┬▶ together? ──▶ stop, start, oscillation
///     packets ────────▶ sight ─────────────┘└▶ alone ─────▶ silence
package struct FleetWatch: Sendable {
  /// Seconds of packet time between two rounds.
  package static let roundLength = 5
  static let roundsAMinute = 60 / roundLength
  static let roundsADay = 86_400 / roundLength
  /// A quarter of an hour, in seconds.
  static let quarter = 900

  /// By the order in which they were first seen. Bounded by `Limits.habits`; later miners are not watched.
  package internal(set) var rows = Table<MinerHabit>(limit: Limits.habits)
  package var events = FleetEvents()
  /// Miners for whom there was no room.
  private(set) var missed: UInt64 = 0

  /// When each row is to be looked at, if it stays silent: apart, so that a round reads four bytes a miner.
  var due: [UInt32] = []
  static let never = UInt32.max
  /// Rows that are overdue.
  var late: [Int] = []
  /// Rows that were told as silent of late, and when.
  var toldSilent: [(at: Int, row: Int)] = []
  /// Flow, row and pool of each session, by the session's place.
  var rowOfSession: [(flow: UInt64, row: UInt32, pool: UInt32)] = []
  /// Places of pools that sessions go to, in the order in which they were seen; bounded by `Limits.poolsSeen`.
  package internal(set) var pools: [Endpoint] = []

  var sight = Sight()
  var rate = RateWatch()
  var swing = SwingTest()
  /// Rows that the site's rate counts, and their shares: expected a second, and of this round.
  var countedRows = 0
  var expected = 0.0
  var observed = 0.0
  /// Part of what is expected: of rows that came to be counted in this round, and so were not there for all of it.
  var joined = 0.0

  /// Of single silences, by ``Depth``.
  var stopRates = [EventRate](repeating: EventRate(), count: Depth.allCases.count)
  var startRate = EventRate()
  var stops = OpenWaves()
  var starts = OpenWaves()
  /// First shares after a long silence, of the last while.
  var begun: [(at: Int, row: Int)] = []

  /// When the watch began, and the last round; 0 before the first.
  private(set) var beginning = 0
  private(set) var now = 0
  private var minuteStart = 0
  private var quarterStart = 0

  /// Room that is not used costs nothing.
  package init() {
    due.reserveCapacity(Limits.habits)
    rowOfSession.reserveCapacity(Limits.stratumSessions)
  }

  /// Packet time as it is counted here: whole seconds that four bytes hold, which is up to the year 2106.
  static func seconds(of time: Timestamp) -> Int { bounded(time.seconds) }

  static func bounded(_ seconds: Int64) -> Int { Int(min(max(seconds, 0), Int64(never) - 1)) }

  /// Nothing is judged about starting before this: everybody starts then.
  var startsJudgedFrom: Int { max(beginning, sight.regained) + MinerHabit.firstSettling }
  /// Silences are counted from here at the earliest: before, nobody looked.
  var floor: Int { max(beginning, sight.regained) }

  /// The row of a miner; nil when there is no room.
  package mutating func row(of miner: IPAddress) -> Int? {
    if let row = rows.place(of: miner) { return row }
    guard rows.count < Limits.habits else {
      missed &+= 1
      return nil
    }
    due.append(Self.never)
    return rows.append(MinerHabit(address: miner))
  }

  /// Where a miner's latest share went; nil for one that was never seen mining.
  func pool(of miner: IPAddress) -> Endpoint? {
    guard let row = rows.place(of: miner), rows[row].lastShare > 0, rows[row].pool < pools.count else { return nil }
    return pools[rows[row].pool]
  }

  // MARK: Rounds

  /// A round of packet time is over: decides what the silence of each miner means.
  ///
  /// - Parameters:
  ///   - time: in seconds. After a jump backwards everything that was being counted is forgotten.
  ///   - look: what the capture saw.
  package mutating func turn(at time: Int, look: Sight.Look, settings: FleetSettings) {
    guard beginning > 0, time >= now else { return begin(at: time, look) }
    guard time - now >= Self.roundLength else { return }
    let seconds = time - now
    now = time
    watchSight(look, settings)
    guard sight.blindSince == nil else { return }
    let soonest = UInt32(clamping: time)
    for row in due.indices where due[row] <= soonest { callLate(row) }
    late.removeAll { !rows[$0].isLate }
    judgeStops(settings)
    judgeStarts(settings)
    judgeSilences(settings)
    passRates(seconds: seconds, settings)
    closeMinutes(settings)
  }

  private mutating func begin(at time: Int, _ look: Sight.Look) {
    if beginning > 0 { forgetTimes(time) }
    beginning = time
    now = time
    minuteStart = time
    quarterStart = time
    _ = sight.look(look, at: time)
  }

  private mutating func watchSight(_ look: Sight.Look, _ settings: FleetSettings) {
    switch sight.look(look, at: now) {
    case .none: break
    case .blind: (observed, joined) = (0, 0)
    case .seesAgain: resume()
    }
    if sight.isToTell(at: now, after: settings.blindAfter), let since = sight.blindSince {
      let atWork = rows.indices.filter { rows[$0].state == .hashing }
      if !atWork.isEmpty { events.blindness.append(.init(since: since, rate: sight.rate.mean, rows: atWork)) }
    }
  }

  /// The monitor sees again, or began anew: what was silent meanwhile proves nothing.
  mutating func resume() {
    rate.forgetRounds()
    swing.forget()
    begun = []
    (late, toldSilent) = ([], [])
    stops.gathering = nil
    starts.gathering = nil
    (observed, joined) = (0, 0)
    (minuteStart, quarterStart) = (now, now)
    for row in rows.indices {
      rows[row].isLate = false
      rows[row].hasBegun = false
      rows[row].pauseLearning()
      plan(row)
    }
  }

  /// The clock was set back.
  private mutating func forgetTimes(_ time: Int) {
    sight = Sight()
    now = time
    for row in rows.indices {
      rows[row].lastShare = min(rows[row].lastShare, time)
      rows[row].since = min(rows[row].since, time)
      rows[row].judgedFrom = min(rows[row].judgedFrom, time + MinerHabit.firstSettling)
      rows[row].signs = SignsOfLife()
    }
    stops = OpenWaves()
    starts = OpenWaves()
    resume()
  }

  private mutating func passRates(seconds: Int, _ settings: FleetSettings) {
    for depth in stopRates.indices { stopRates[depth].pass(seconds: Double(seconds), miners: countedRows) }
    startRate.pass(seconds: Double(seconds), miners: max(rows.count, 1))
    defer { (observed, joined) = (0, 0) }
    let expected = max(expected - joined, 0) * Double(seconds)
    judgeSwing(expected, seconds, settings)
    let drop = rate.pass(
      observed: observed, expected: expected, at: now, fraction: settings.siteDrop,
      below: settings.siteRate / Double(2 * Self.roundsADay))
    guard let drop else { return }
    events.siteDrops.append(
      .init(
        share: drop.share, observed: drop.observed, expected: drop.expected, seconds: drop.seconds,
        probability: drop.probability, population: countedRows, loss: sight.loss(since: now - drop.seconds)))
  }

  // MARK: Learning

  /// Nothing is learned while anything is wrong with the site as a whole.
  var isLearning: Bool { !rate.isLow && !swing.isOn && stops.gathering == nil }

  private mutating func closeMinutes(_ settings: FleetSettings) {
    guard now - minuteStart >= 60 else { return }
    let isQuarter = now - quarterStart >= Self.quarter
    expected = 0
    countedRows = 0
    for row in rows.indices {
      if isLearning { rows[row].closeMinute(from: minuteStart) } else { rows[row].pauseLearning() }
      if isQuarter, let slowdown = rows[row].closeQuarter(from: quarterStart, settings, isAlone: isLearning) {
        events.slowdowns.append(slowdown.of(row))
      }
      rows[row].counted = 0
      count(row)
      plan(row)
    }
    minuteStart = now
    if isQuarter { quarterStart = now }
  }
}
