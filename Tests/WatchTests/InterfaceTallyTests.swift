import Capture
import Protocols
import Testing

@testable import Watch

struct InterfaceTallyTests {
  private let up = WorkerBatch.InterfaceAccount(isUp: true, reason: "", statistics: CaptureStatistics())
  private let down = WorkerBatch.InterfaceAccount(isUp: false, reason: "it is down", statistics: CaptureStatistics())

  /// What is told when the workers say one thing after the other.
  private func told(_ accounts: [[WorkerBatch.InterfaceAccount]]) -> [String] {
    var tally = InterfaceTally(name: "eth0")
    return accounts.compactMap { accounts in
      guard case .interface(_, let isUp, let reason)? = tally.hear(accounts) else { return nil }
      return "\(isUp ? "up" : "away"): \(reason)"
    }
  }

  @Test func `an interface is up while any worker captures from it`() {
    #expect(told([[up, up], [up, down], [up, up]]) == [])
    #expect(told([[up, up], [down, down], [down, up], [up, up]]) == ["away: it is down", "up: capturing again"])
  }

  @Test func `is up again by a worker that had not looked before`() {
    #expect(told([[], [down], [down, up]]) == ["away: it is down", "up: capturing again"])
  }
}
