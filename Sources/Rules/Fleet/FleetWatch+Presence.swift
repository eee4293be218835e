package import Decode

/// Who is there: shares and signs of life, and when a silence has become too long.
extension FleetWatch {
  /// How long a miner whose session ended in sight is taken to be on its way to the next, in seconds: at once, and
  /// while it is seen looking for one. Miners go to the backup pool within 120 s: our judgement, from the 90 s without
  /// data after which cgminer takes a pool for dead (cgminer cgminer.c).
  static let reconnecting = 45
  static let seeking = 150

  /// What a miner does beside handing in shares.
  package enum Sign: Sendable {
    /// A mining session of it ended.
    case finished(flow: UInt64)
    case reset(flow: UInt64)
    case alive
    case seeking
    case booted
  }

  /// A session handed in shares.
  ///
  /// - Parameters:
  ///   - time: of the latest, in seconds.
  ///   - difficulty: 0 when unknown.
  ///   - pool: place in ``pools``.
  package mutating func beat(
    _ row: Int, shares: Int, at time: Int, difficulty: Double = 0, flow: UInt64 = 0, pool: Int = 0
  ) {
    if rows[row].state != .hashing { start(row, at: time) }
    if rows[row].isLate { countSilence(of: row, until: time) }
    let isReweighed = rows[row].beat(shares: Double(shares), at: time, difficulty: difficulty, flow: flow, pool: pool)
    if rows[row].counted == 0 {
      count(row)
      joined += rows[row].counted
    } else {
      observed += Double(shares)
      if isReweighed { count(row) }
    }
    plan(row)
  }

  /// A session is quiet.
  ///
  /// - Parameters:
  ///   - sent: packets that the miner sent in it so far.
  ///   - job: when the pool gave it a job last; 0 for never.
  package mutating func isQuiet(_ row: Int, flow: UInt64, sent: UInt64, job: Int) {
    guard rows[row].flow == flow else { return }
    let sent = Int(UInt32(clamping: sent))
    if sent > rows[row].signs.sent, rows[row].signs.sent > 0 { rows[row].signs.alive = now }
    rows[row].signs.sent = sent
    rows[row].signs.job = max(rows[row].signs.job, job)
  }

  /// A miner showed itself. One that was never seen mining is nobody here.
  package mutating func note(_ sign: Sign, of miner: IPAddress, at time: Int) {
    guard let row = rows.place(of: miner) else { return }
    switch sign {
    case .alive: rows[row].signs.alive = time
    case .seeking: (rows[row].signs.seeking, rows[row].signs.alive) = (time, time)
    case .booted: (rows[row].signs.booted, rows[row].signs.alive) = (time, time)
    case .finished(let flow), .reset(let flow):
      guard rows[row].flow == flow else { return }
      if case .reset = sign { rows[row].signs.reset = time } else { rows[row].signs.finished = time }
      rows[row].isBetween = true
      count(row)
    }
  }

  // MARK: Bookkeeping

  /// Counts a row into the site's expected rate, or out of it.
  mutating func count(_ row: Int) {
    // By index: a habit is too big to be copied for a few of its parts, and this is asked at most beats.
    let isCounted = rows[row].isAtWork && !rows[row].isBetween
    let (former, shares) = (rows[row].counted, isCounted ? 1 / rows[row].interval : 0)
    expected += shares - former
    countedRows += (isCounted ? 1 : 0) - (former > 0 ? 1 : 0)
    rows[row].counted = shares
  }

  /// Works out when a row is to be looked at.
  mutating func plan(_ row: Int) {
    due[row] = rows[row].due(from: floor)
  }

  /// A row has been silent for longer than it should be, unless it is on its way to another pool.
  mutating func callLate(_ row: Int) {
    let (signs, last) = (rows[row].signs, rows[row].lastShare)
    let ended = max(signs.finished, signs.reset)
    if ended >= last {
      let patience = signs.seeking >= last ? Self.seeking : Self.reconnecting
      if now < ended + patience {
        due[row] = UInt32(clamping: ended + patience)
        return
      }
    }
    due[row] = Self.never
    rows[row].isLate = true
    rows[row].isBetween = false
    count(row)
    late.append(row)
  }

  /// The silence of a row that is late, in seconds.
  func gap(of row: Int) -> Double { Double(now - max(rows[row].lastShare, floor)) }

  // MARK: Alone

  /// Seconds that a silence must last beyond what chance explains. A miner that reconnects needs 90 in our judgement,
  /// as cgminer takes a pool for dead after so long without data (cgminer cgminer.c).
  package static let slack = 90.0

  /// How long a miner must be silent to be told, in seconds: chance alone does that as often as the rule says, at the most.
  func silenceLimit(of habit: MinerHabit, _ settings: FleetSettings) -> Double {
    habit.gap(exceededWith: min(settings.silenceRate / habit.gapsADay, 0.5)) + Self.slack
  }

  /// Those who are late alone, and have been for long enough.
  mutating func judgeSilences(_ settings: FleetSettings) {
    let gathered = Set(stops.gathering?.rows ?? [])
    // Those of a stop that was just told are no single ones.
    for row in late where rows[row].isLate && !gathered.contains(row) {
      let limit = silenceLimit(of: rows[row], settings)
      guard gap(of: row) > limit else { continue }
      events.silences.append(.init(row: row, since: rows[row].lastShare, gap: gap(of: row), limit: limit))
      leave(row, for: .silent)
      toldSilent.append((now, row))
    }
    late.removeAll { !rows[$0].isLate }
  }

  /// A row does not hash any more.
  mutating func leave(_ row: Int, for state: MinerHabit.State) {
    rows[row].state = state
    rows[row].isLate = false
    rows[row].pauseLearning()
    count(row)
    due[row] = Self.never
  }
}
