import Capture
import Protocols

/// How a watched interface stands, by what all its workers say.
struct InterfaceTally: Sendable {
  let name: String
  /// Some worker captures from it.
  private(set) var isUp = true
  private var total = CaptureStatistics()
  private var told = CaptureStatistics()

  init(name: String) {
    self.name = name
  }

  /// Takes in what the workers say now.
  ///
  /// - Returns: the event to tell when the interface went away, came back, or is not there at the start.
  mutating func hear(_ accounts: [WorkerBatch.InterfaceAccount]) -> SensorEvent? {
    guard let first = accounts.first else { return nil }
    total = accounts.dropFirst().reduce(into: first.statistics) { $0.addShare($1.statistics) }
    let wasUp = isUp
    isUp = accounts.contains(where: \.isUp)
    guard isUp != wasUp, let changed = accounts.first(where: { $0.isUp == isUp }) else { return nil }
    // Whoever captures now may never have been away: it opened the interface after another had lost it.
    return .interface(name: name, isUp: isUp, reason: isUp ? "capturing again" : changed.reason)
  }

  /// What was received and lost since the last call.
  mutating func takeStatistics() -> CaptureStatistics {
    defer { told = total }
    return total.since(told)
  }
}
