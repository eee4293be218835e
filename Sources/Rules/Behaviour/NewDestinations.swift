import Capture
import Decode
import Protocols

/// Destinations outside that the policy does not explain, and the miners that were at each, so that a rush is seen.
package struct NewDestinations: Sendable {
  private struct Place: Sendable {
    /// Who was ever there.
    var known: Set<IPAddress> = []
    /// Who came for the first time within the window, the earliest first.
    var arrivals: [(miner: IPAddress, at: Timestamp)] = []
    /// Arrivals in front that are older than the window.
    var stale = 0
    var latest: Timestamp
    /// The latest one's flow.
    var flow: FlowFacts
    var isResolver = false
    /// Since when there have been too many; nil while there are not.
    var rushes: Timestamp?
    /// How many had been told; nothing is told before they have doubled.
    var told = 0

    /// Those that are within the window.
    var recent: ArraySlice<(miner: IPAddress, at: Timestamp)> { arrivals[stale...] }

    /// Leaves out who came before a time; half of the array is spent when it is given back.
    mutating func leaveOut(before time: Timestamp) {
      while stale < arrivals.count, arrivals[stale].at < time { stale += 1 }
      if stale == arrivals.count { told = 0 }
      guard stale * 2 > arrivals.count else { return }
      arrivals.removeFirst(stale)
      stale = 0
    }
  }

  /// Many miners at a destination where none of them was before.
  struct Wave: Sendable {
    let name: String
    let flow: FlowFacts
    let isResolver: Bool
    /// By arrival.
    let miners: [IPAddress]
    let first: Timestamp
    let last: Timestamp
  }

  /// By name where one is bound to the address, since a name may have many.
  private var places: [String: Place] = [:]
  private var rushing: Set<String> = []
  /// Miners of all places.
  private var count = 0
  private var nextSweep = Timestamp(nanoseconds: .min)
  private(set) var missed: UInt64 = 0

  /// A wave is told when nobody has joined it for this long, or it has lasted that long.
  private static let pause = Duration.seconds(10)
  private static let patience = Duration.seconds(60)
  /// A place that nobody came to for a day is new again.
  private static let memory = Duration.seconds(86_400)

  package init() {}

  /// A miner is at a place.
  ///
  /// - Parameters:
  ///   - isSettling: the monitor has just begun, so that everybody's first time says nothing.
  ///   - limit: miners that make a wave.
  mutating func note(
    _ flow: FlowFacts, at name: String, isResolver: Bool, at now: Timestamp, isSettling: Bool, window: Duration,
    limit: Int
  ) {
    if places[name] == nil { sweep(now) }
    guard places[name] != nil || places.count < Limits.newDestinations else {
      missed &+= 1
      return
    }
    var place = places.removeValue(forKey: name) ?? Place(latest: now, flow: flow)
    defer { places[name] = place }
    place.latest = now
    let miner = flow.client.address
    guard !place.known.contains(miner) else { return }
    guard count < Limits.newDestinationMiners else {
      missed &+= 1
      return
    }
    count += 1
    place.known.insert(miner)
    guard !isSettling else { return }
    place.flow = flow
    place.isResolver = isResolver
    if place.rushes == nil {
      place.leaveOut(before: now.advanced(byNanoseconds: -max(0, window.saturatedNanoseconds)))
    }
    place.arrivals.append((miner, now))
    guard place.rushes == nil, place.recent.count >= max(limit, 2 * place.told) else { return }
    place.rushes = now
    rushing.insert(name)
  }

  /// Waves that are to be told now.
  mutating func due(at now: Timestamp, isLast: Bool = false) -> [Wave] {
    guard !rushing.isEmpty else { return [] }
    var waves: [Wave] = []
    for name in rushing.sorted() {
      guard let place = places[name], let since = place.rushes, let first = place.recent.first,
        let last = place.recent.last
      else { continue }
      let isOver = last.at.advanced(by: Self.pause) <= now || since.advanced(by: Self.patience) <= now
      guard isOver || isLast else { continue }
      waves.append(
        Wave(
          name: name, flow: place.flow, isResolver: place.isResolver, miners: place.recent.map(\.miner),
          first: first.at, last: last.at))
      places[name]?.rushes = nil
      places[name]?.told = place.recent.count
      rushing.remove(name)
    }
    return waves
  }

  private mutating func sweep(_ now: Timestamp) {
    guard places.count >= Limits.newDestinations || count >= Limits.newDestinationMiners, now >= nextSweep else {
      return
    }
    nextSweep = now.advanced(by: .seconds(60))
    let old = places.filter { $0.value.latest.advanced(by: Self.memory) < now }
    for (name, place) in old {
      places[name] = nil
      rushing.remove(name)
      count -= place.known.count
    }
  }

  /// Time was set back: who came first means nothing any more.
  mutating func forget() { self = NewDestinations() }
}
