import Capture
import Protocols

/// Observations that wait for a name to be learned.
struct HeldObservations: Sendable {
  private var waiting: [(deadline: Timestamp, observation: Observation)] = []
  private var earliest: Timestamp?
  /// Observations for which there was no room.
  private(set) var refused: UInt64 = 0

  /// - Returns: whether there was room.
  mutating func hold(_ observation: Observation, until deadline: Timestamp) -> Bool {
    guard waiting.count < Limits.heldJudgements else {
      refused &+= 1
      return false
    }
    waiting.append((deadline, observation))
    earliest = min(earliest ?? deadline, deadline)
    return true
  }

  /// Takes those whose time has come, in the order in which they were observed.
  mutating func due(at now: Timestamp) -> [Observation] {
    guard let earliest, earliest <= now else { return [] }
    let due = waiting.filter { $0.deadline <= now }.map(\.observation)
    waiting.removeAll { $0.deadline <= now }
    self.earliest = waiting.map(\.deadline).min()
    return due
  }

  /// What is inside a flow is told instead of where it leads.
  mutating func forgetWay(of flow: UInt64) {
    waiting.removeAll { $0.observation.flow?.id == flow && $0.observation.mayWrap(nil) }
  }

  /// Takes all.
  mutating func all() -> [Observation] {
    defer { self = HeldObservations(refused: refused) }
    return waiting.map(\.observation)
  }

  init(refused: UInt64 = 0) {
    self.refused = refused
  }
}
