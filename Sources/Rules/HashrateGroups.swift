import Capture
import Protocols

/// Sums over many workers, by name: the pools, or the accounts.
///
/// Whoever adds to a group again and again remembers its place, which holds until ``prune()`` says that places have changed.
/// Bounded by `Limits.hashrateGroups`; work for later names is in none.
struct HashrateGroups: Sendable {
  private(set) var groups: [Hashrates.Group] = []
  private var places: [String: Int] = [:]

  subscript(name: String) -> Hashrates.Group? { places[name].map { groups[$0] } }

  /// - Returns: nil for a new name when there is no room.
  mutating func place(of name: String) -> Int? {
    if let place = places[name] { return place }
    guard groups.count < Limits.hashrateGroups else { return nil }
    groups.append(Hashrates.Group(name: name))
    places[name] = groups.count - 1
    return groups.count - 1
  }

  mutating func add(_ work: ShareWork, isUnreadable: Bool, to place: Int) {
    groups[place].add(work, isUnreadable: isUnreadable)
  }

  /// Begins to add up a minute.
  mutating func restart() {
    for place in groups.indices { groups[place].restart() }
  }

  mutating func close(_ seconds: Double) {
    for place in groups.indices { groups[place].close(seconds) }
  }

  /// Drops groups that did nothing for an hour.
  ///
  /// - Returns: whether places have changed.
  mutating func prune() -> Bool {
    guard groups.contains(where: \.isIdle) else { return false }
    groups.removeAll(where: \.isIdle)
    places.removeAll(keepingCapacity: true)
    for (place, group) in groups.enumerated() { places[group.name] = place }
    return true
  }
}
