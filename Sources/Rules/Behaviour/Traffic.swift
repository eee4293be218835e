import Capture
import Decode
import Flows
import Protocols

/// What each miner does beside sharing, by the hour: sessions, questions, bytes. What it usually does is learned, and kept over
/// restarts; an hour with an alarm in it teaches nothing.
package struct Traffic: ~Copyable, Sendable {
  /// Means of an hour.
  package struct Habit: Equatable, Sendable, BitwiseCopyable {
    /// Hours that were learned from.
    package var hours: Float = 0
    package var sessions: Float = 0
    /// Sessions that took the place of one that had ended.
    package var reconnects: Float = 0
    package var nameQueries: Float = 0
    package var timeQueries: Float = 0
    /// Bytes of IP packets.
    package var sent: Float = 0
    package var received: Float = 0
    /// Bytes without headers that went to hosts outside, beyond what shares explain.
    package var unexplained: Float = 0

    package init() {}
  }

  /// What was counted in the open hour.
  struct Hour: Sendable {
    var unexplained: Float = 0
    var sent: Float = 0
    var received: Float = 0
    /// Of these an hour has 65,535 at the most: more is no other habit.
    @Narrow<UInt16> var sessions = 0
    @Narrow<UInt16> var reconnects = 0
    @Narrow<UInt16> var nameQueries = 0
    @Narrow<UInt16> var timeQueries = 0
    @Narrow<UInt8> var minutes = 0

    mutating func add(_ new: TrafficVolume) {
      sent += Float(new.sent)
      received += Float(new.received)
      timeQueries += Int(new.timeQueries)
    }
  }

  struct Row: Keyed {
    let miner: IPAddress
    /// The place outside that most was sent to in one flow of the open hour: see ``most``.
    var mostServer = ServerAddress(.unknown)
    var hadSession = false
    var openSessions: UInt32 = 0
    /// Of flows that are over, less what was there of both kinds when the last minute ended.
    var ended = TrafficVolume()
    /// Of flows that are open, which are summed up each minute.
    var open = TrafficVolume()
    var hour = Hour()
    /// Of the minute at hand.
    var shares: UInt32 = 0
    /// Minute, since the epoch: no hour that reaches up to here is learned from.
    @Narrow<Int32> var disturbed = .min
    /// Minute of the latest leak that was told.
    @Narrow<Int32> var told = .min
    /// Unexplained bytes in twelve steps of five minutes.
    var steps = InlineArray<12, Float>(repeating: 0)
    var habit = Habit()
    var mostBytes: UInt64 = 0
    var learned = Timestamp(nanoseconds: .min)

    var key: IPAddress { miner }

    /// The place outside that most was sent to in one flow of the open hour, and how much.
    var most: (server: Endpoint, bytes: UInt64)? { mostBytes > 0 ? (mostServer.endpoint, mostBytes) : nil }
  }

  /// More went out than can be explained.
  struct Leak: Sendable {
    let miner: IPAddress
    let bytes: Double
    let limit: Double
    /// Beyond what the miner usually sends, while under what any may send.
    let isBeyondHabit: Bool
    let shares: UInt64
    let most: (server: Endpoint, bytes: UInt64)?
  }

  struct Bounds: Sendable {
    /// Bytes an hour that no miner sends.
    var volume: Double
    /// How many times its habit, and how much at the least, is beyond it.
    var factor: Double
    var least: Double
  }

  private var rows = Table<Row>(limit: Limits.seenMiners)
  /// Rows by the slots of open flows, and by the rows of hashrates.
  private var rowOfSlot = PlaceHints()
  private var rowOfWork = PlaceHints()
  /// Flows that were told and are still open.
  private var toldFlows: Set<UInt64> = []
  private var disturbed: Int64 = .min
  private(set) var missed: UInt64 = 0

  /// A share with a long name in it, and what is around it, in bytes: 142 to 177 from the lengths of cgminer's fields.
  static let bytesOfShare = 256.0
  /// Hours before a habit is one.
  private static let hoursNeeded: Float = 24
  /// Hours after which a habit is half forgotten, about: a week.
  private static let longestMemory: Float = 168
  private static let stepLength: Int64 = 5

  package init() {}

  // MARK: What is counted

  private mutating func change(_ miner: IPAddress, _ change: (inout Row) -> Void) {
    if let place = place(of: miner) { change(&rows[place]) }
  }

  /// - Returns: nil when there is no room for another miner.
  private mutating func place(of miner: IPAddress) -> Int? {
    if let place = rows.place(of: miner) { return place }
    guard rows.count < Limits.seenMiners else {
      missed &+= 1
      return nil
    }
    return rows.append(Row(miner: miner))
  }

  /// The same, with a place that may well be it.
  private func isPlace(_ hint: Int, of miner: IPAddress) -> Bool { hint < rows.count && rows[hint].miner == miner }

  mutating func began(sessionOf miner: IPAddress) {
    change(miner) { row in
      row.hour.sessions += 1
      if row.hadSession, row.openSessions == 0 { row.hour.reconnects += 1 }
      row.hadSession = true
      row.openSessions &+= 1
    }
  }

  mutating func ended(sessionOf miner: IPAddress) {
    change(miner) { if $0.openSessions > 0 { $0.openSessions -= 1 } }
  }

  mutating func asked(nameBy miner: IPAddress) {
    change(miner) { $0.hour.nameQueries += 1 }
  }

  /// - Parameters:
  ///   - outside: the other end, where that is a host outside.
  ///   - slot: of a flow that is open.
  mutating func add(
    _ volume: TrafficVolume, of miner: IPAddress, isOver: Bool, outside: FlowVolume.Side?, inSlot slot: Int? = nil
  ) {
    let hint = slot.map { rowOfSlot[$0] } ?? .max
    guard let place = isPlace(hint, of: miner) ? hint : place(of: miner) else { return }
    if let slot, place != hint { rowOfSlot.remember(place, for: slot) }
    if isOver {
      rows[place].ended.add(volume)
    } else {
      rows[place].open.add(volume)
    }
    if let outside, volume.outside > rows[place].mostBytes {
      rows[place].mostBytes = volume.outside
      rows[place].mostServer = ServerAddress(Endpoint(address: outside.address, port: outside.port))
    }
  }

  /// - Parameter row: of the miner's work among the hashrates.
  mutating func add(shares: UInt32, of miner: IPAddress, row: Int) {
    let hint = rowOfWork[row]
    guard let place = isPlace(hint, of: miner) ? hint : place(of: miner) else { return }
    if place != hint { rowOfWork.remember(place, for: row) }
    rows[place].shares &+= shares
  }

  /// Something is wrong with a miner, or with many: what it does now is no habit.
  mutating func disturb(_ miner: IPAddress?, at minute: Int64) {
    guard let miner else { return disturbed = max(disturbed, minute) }
    if let place = rows.place(of: miner) { rows[place].disturbed = Int(minute) }
  }

  /// - Returns: whether a flow was not told before.
  mutating func tellOnce(_ flow: UInt64) -> Bool {
    toldFlows.count < Limits.toldFlows ? toldFlows.insert(flow).inserted : false
  }

  mutating func forget(_ flow: UInt64) { toldFlows.remove(flow) }

  // MARK: A minute ends

  /// - Parameter isWatched: the minute was seen as a whole; another one only moves the counters on.
  mutating func close(_ minute: Int64, at now: Timestamp, isWatched: Bool, _ bounds: Bounds) -> [Leak] {
    var leaks: [Leak] = []
    let step = Int((minute / Self.stepLength) % 12)
    let isNewStep = minute % Self.stepLength == 0
    for place in rows.indices {
      var new = rows[place].ended
      new.add(rows[place].open)
      new = new.clamped
      rows[place].ended = rows[place].open.negated
      rows[place].open = TrafficVolume()
      if isNewStep { rows[place].steps[step] = 0 }
      if isWatched {
        let unexplained = Double(new.outside) - Self.bytesOfShare * Double(rows[place].shares)
        rows[place].steps[step] += Float(unexplained)
        rows[place].hour.unexplained += Float(unexplained)
        rows[place].hour.add(new)
        rows[place].hour.minutes += 1
        if let leak = leak(place, minute, bounds) {
          leaks.append(leak)
          rows[place].told = Int(minute)
          rows[place].disturbed = Int(minute)
        }
      }
      rows[place].shares = 0
      // Each miner has its hour at another minute, so that the work is spread.
      if minute % 60 == Int64(place % 60) { closeHour(place, minute, now) }
    }
    return leaks
  }

  private func leak(_ place: Int, _ minute: Int64, _ bounds: Bounds) -> Leak? {
    var sum = 0.0
    for step in 0..<12 { sum += Double(rows[place].steps[step]) }
    let told = Int64(rows[place].told)
    guard sum > bounds.least || sum > bounds.volume, told <= minute - 60 || told > minute else { return nil }
    let row = rows[place]
    let usual = row.habit.hours >= Self.hoursNeeded ? bounds.factor * Double(row.habit.unexplained) : .infinity
    let own = max(usual, bounds.least)
    guard sum > min(own, bounds.volume) else { return nil }
    return Leak(
      miner: row.miner, bytes: sum, limit: min(own, bounds.volume), isBeyondHabit: sum <= bounds.volume,
      shares: UInt64(row.shares), most: row.most)
  }

  private mutating func closeHour(_ place: Int, _ minute: Int64, _ now: Timestamp) {
    let hour = rows[place].hour
    rows[place].hour = Hour()
    rows[place].mostBytes = 0
    guard hour.minutes >= 55, max(Int64(rows[place].disturbed), disturbed) < minute - 60 else { return }
    rows[place].habit.learn(
      [
        Float(hour.sessions), Float(hour.reconnects), Float(hour.nameQueries), Float(hour.timeQueries),
        hour.sent, hour.received, max(0, hour.unexplained),
      ], memory: Self.longestMemory)
    rows[place].learned = now
  }

  // MARK: Memory

  mutating func remember(_ habit: Habit, of miner: IPAddress) {
    change(miner) { $0.habit = habit }
  }

  /// Habits that were learned after a time.
  func learned(after time: Timestamp) -> [SiteMemory.KnownTraffic] {
    rows.filter { $0.learned > time }.map { .init(address: $0.miner, habit: $0.habit, learned: $0.learned) }
  }

  /// Time was set back: hours that are open mean nothing any more.
  mutating func forgetHours() {
    for place in rows.indices {
      rows[place].hour = Hour()
      rows[place].steps = InlineArray(repeating: 0)
      (rows[place].told, rows[place].disturbed) = (.min, .min)
    }
    disturbed = .min
  }
}

extension Traffic.Habit {
  /// Takes in an hour: the first ones all alike, later ones so that old ones are forgotten.
  fileprivate mutating func learn(_ hour: [Float], memory: Float) {
    let weight = 1 / min(hours + 1, memory)
    let paths: [WritableKeyPath<Self, Float>] = [
      \.sessions, \.reconnects, \.nameQueries, \.timeQueries, \.sent, \.received, \.unexplained,
    ]
    for (path, value) in zip(paths, hour) { self[keyPath: path] += (value - self[keyPath: path]) * weight }
    hours = min(hours + 1, 1e6)
  }
}
