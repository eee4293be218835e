import Capture
import Decode

/// Tells many changes at once from as many by chance.
///
/// Chance is what single changes came to before: their rate a miner and minute, and how much their number varies from window to
/// window, which is more than a Poisson process does. Neither is learned while something is being told.
struct SwitchGatherings: Sendable {
  /// What one kind of change comes to without any alarm.
  private struct Habit: Sendable {
    /// Changes a miner and minute.
    var rate: Double
    /// Of the number of changes in a window, and of its square.
    var mean = 0.0
    var square = 0.0

    /// About a day.
    private static let weight = 1.0 / 1_440

    mutating func learn(changed: Int, inWindow: Int, active: Int) {
      guard active > 0 else { return }
      rate += (Double(changed) / Double(active) - rate) * Self.weight
      mean += (Double(inWindow) - mean) * Self.weight
      square += (Double(inWindow * inWindow) - square) * Self.weight
    }

    /// How many changes may well come in a window by chance.
    func expected(active: Int, minutes: Int64) -> Double {
      let deviation = max(0, square - mean * mean).squareRoot()
      return max(Double(active) * rate * Double(minutes), mean + 3 * deviation)
    }
  }

  /// Before anything was learned: a change of pool and one of account a miner and day, and one of difficulty an hour.
  private var habits = [Habit(rate: 1.0 / 1_440), Habit(rate: 1.0 / 1_440), Habit(rate: 1.0 / 60)]

  /// Miners whose changes are counted together.
  struct Group: Hashable, Sendable {
    var kind: Switches.Kind
    /// Where they went; for a difficulty, the pool that set it.
    var to: Switches.Name
    var isUp: Bool
  }

  struct Gathering: Sendable {
    var group: Group
    /// Where most of them were before.
    var from: Switches.Name
    var miners: [IPAddress]
    /// When each of them changed.
    var times: [IPAddress: Timestamp]
    /// Miners at work on the site.
    var active: Int
    var first: Timestamp
    var last: Timestamp
    /// How many went back to where they had been.
    var returns: Int
    /// The middle one.
    var factor: Float
    /// Probability that chance alone brings so many.
    var chance: Double
  }

  struct Bounds: Sendable {
    var minutes: Int64
    var miners: Int
    var fraction: Double
    /// Probability of a false alarm that is accepted each minute and group.
    var chance = 1e-6
  }

  /// Miners that worked in the last ten minutes.
  var active = 0
  /// Groups that are too many, since which minute.
  private var pending: [Group: Int64] = [:]
  private var toldLast: [Int64] = Array(repeating: .min, count: Switches.Kind.allCases.count)

  /// Minutes after an alarm in which nothing is learned: what one leaves behind is no habit.
  private static let aftermath: Int64 = 10

  /// Looks at the changes of a window.
  ///
  /// A group is told when no more join it, or after two minutes: one alarm with the whole number is worth more than an early half.
  mutating func close(
    _ minute: Int64, _ changes: [Switches.Change], _ bounds: Bounds, isLast: Bool = false
  ) -> [Gathering] {
    var groups: [Group: [Switches.Change]] = [:]
    for change in changes {
      groups[Group(kind: change.kind, to: change.to, isUp: change.factor >= 1), default: []].append(change)
    }
    var told: [Gathering] = []
    for (group, members) in groups {
      guard let gathering = gathering(of: members, in: group, bounds) else { continue }
      let since = pending[group] ?? minute
      pending[group] = since
      let joined = members.count { $0.minute == minute }
      guard isLast || minute - since >= 2 || (minute > since && joined * 10 <= members.count) else { continue }
      pending[group] = nil
      toldLast[group.kind.rawValue] = minute
      told.append(gathering)
    }
    pending = pending.filter { groups[$0.key] != nil }
    learn(minute, changes)
    return told.sorted { $0.miners.count > $1.miners.count }
  }

  private func gathering(of members: [Switches.Change], in group: Group, _ bounds: Bounds) -> Gathering? {
    let miners = Set(members.map(\.miner))
    let least = max(Double(bounds.miners), bounds.fraction * Double(active), 2)
    guard Double(miners.count) >= least else { return nil }
    let expected = habits[group.kind.rawValue].expected(active: active, minutes: bounds.minutes)
    let chance = Chance.ofCount(atLeast: miners.count, mean: expected)
    guard chance < bounds.chance else { return nil }
    let times = Dictionary(members.map { ($0.miner, $0.time) }, uniquingKeysWith: min)
    let origins = Dictionary(members.map { ($0.from, 1) }, uniquingKeysWith: +)
    let factors = members.map(\.factor).sorted()
    return Gathering(
      group: group, from: origins.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? 0, miners: miners.sorted(),
      times: times, active: max(active, miners.count), first: times.values.min() ?? .init(nanoseconds: 0),
      last: times.values.max() ?? .init(nanoseconds: 0), returns: members.count(where: \.isReturn),
      factor: factors[factors.count / 2], chance: chance)
  }

  private mutating func learn(_ minute: Int64, _ changes: [Switches.Change]) {
    for kind in Switches.Kind.allCases {
      let isQuiet = toldLast[kind.rawValue] < minute - Self.aftermath && !pending.keys.contains { $0.kind == kind }
      guard isQuiet else { continue }
      let own = changes.count { $0.kind == kind }
      let new = changes.count { $0.kind == kind && $0.minute == minute }
      habits[kind.rawValue].learn(changed: new, inWindow: own, active: active)
    }
  }
}
