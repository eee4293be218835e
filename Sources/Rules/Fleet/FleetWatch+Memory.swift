package import Capture
package import Decode

/// What lasts of a miner's habit.
package struct LearnedHabit: Equatable, Sendable {
  package var address: IPAddress
  /// See ``MinerHabit``.
  package var pace: RunningMoments
  package var spread: Double
  package var level: RunningMoments
  package var unit: Double
  package var weight: Double
  package var learned: Timestamp

  package init(
    address: IPAddress, pace: RunningMoments, spread: Double, level: RunningMoments, unit: Double, weight: Double,
    learned: Timestamp
  ) {
    self.address = address
    self.pace = pace
    self.spread = spread
    self.level = level
    self.unit = unit
    self.weight = weight
    self.learned = learned
  }

  /// Numbers that a habit can have; a file may hold any.
  private var isSound: Bool {
    let numbers = [pace.mean, pace.variance, spread, level.mean, level.variance, unit]
    return numbers.allSatisfy { $0.isFinite && $0 >= 0 } && pace.count >= 0 && level.count >= 0
      && (1e-6...1e6).contains(weight)
  }

  /// The row that it was, waiting for its first share.
  fileprivate var row: MinerHabit? {
    guard isSound else { return nil }
    var habit = MinerHabit(address: address)
    (habit.pace, habit.spread, habit.level) = (pace, spread, level)
    habit.pace.count = min(pace.count, MinerHabit.paceMemory)
    habit.level.count = min(level.count, MinerHabit.levelMemory)
    (habit.unit, habit.weight) = (unit, weight)
    guard habit.isLearned else { return nil }
    habit.isRestored = true
    habit.updateGaps()
    return habit
  }
}

/// A restart loses no habit and believes none blindly: who was at work is not taken to be, until it hands in a share.
extension FleetWatch {
  /// Minutes in which every row is written once.
  private static let savedEvery = 10

  mutating func remember(_ habit: LearnedHabit) {
    guard let known = habit.row, let row = row(of: habit.address) else { return }
    rows[row] = known
  }

  /// Habits that are worth keeping: a tenth of those at work for each minute since the last time, or all of them.
  func learned(after former: Timestamp, at now: Timestamp, isLast: Bool) -> [LearnedHabit] {
    let turn = Int(now.seconds / 60)
    let turns = turn - Int(clamping: former.seconds / 60)
    return rows.indices.compactMap { row in
      let habit = rows[row]
      guard habit.isLearned, !habit.isRestored, habit.minutesSeen > 0,
        isLast || (turn + row) % Self.savedEvery < turns
      else {
        return nil
      }
      return LearnedHabit(
        address: habit.address, pace: habit.pace, spread: habit.spread, level: habit.level, unit: habit.unit,
        weight: habit.weight, learned: now)
    }
  }
}
