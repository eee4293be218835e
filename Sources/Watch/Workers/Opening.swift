import Dispatch
import Synchronization

/// Where workers meet before any of them begins, so that each flow is one worker's from its first packet on.
final class Opening: Sendable {
  private struct State: Sendable {
    var accounts: [[WorkerBatch.InterfaceAccount]]
    var warnings: [String] = []
    var failure: WatchFailure?
  }

  private let state: Mutex<State>
  private let waiting = DispatchGroup()

  init(workers: Int) {
    state = Mutex(State(accounts: Array(repeating: [], count: workers)))
    for _ in 0..<workers { waiting.enter() }
  }

  /// A worker has opened its interfaces.
  func succeed(_ worker: Int, _ accounts: [WorkerBatch.InterfaceAccount], warnings: [String]) {
    state.withLock { state in
      state.accounts[worker] = accounts
      // All of them are told the same.
      if worker == 0 { state.warnings = warnings }
    }
    waiting.leave()
  }

  func fail(_ failure: WatchFailure) {
    state.withLock { $0.failure = $0.failure ?? failure }
    waiting.leave()
  }

  /// Waits for all workers.
  ///
  /// - Returns: whether all have opened their interfaces, or wait for them.
  func wait() -> Bool {
    waiting.wait()
    return state.withLock { $0.failure == nil }
  }

  /// Of each worker, by interface.
  var accounts: [[WorkerBatch.InterfaceAccount]] { state.withLock { $0.accounts } }
  var warnings: [String] { state.withLock { $0.warnings } }
  var failure: WatchFailure? { state.withLock { $0.failure } }
}
