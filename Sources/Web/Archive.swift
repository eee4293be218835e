import NIOPosix
package import Policy
import Store
import Synchronization

/// The store, as the web program sees it: opened for each question, and only to read.
///
/// So a store that the sensor sets aside, makes anew or has not made yet is found at the next question. Opening takes a
/// millisecond; it happens on a thread that may wait, since a disk may be slow.
package final class Archive: Sendable {
  private struct State {
    var path: String
    var policy: Policy?
  }

  private let state: Mutex<State>

  /// - Parameter policy: for the inventory and the models of miners; nil where there is none.
  package init(path: String, policy: Policy?) {
    state = Mutex(State(path: path, policy: policy))
  }

  /// From the next question on these are meant.
  package func use(path: String, policy: Policy?) {
    state.withLock { $0 = State(path: path, policy: policy) }
  }

  var policy: Policy? { state.withLock { $0.policy } }

  /// - Throws: `StoreFailure`, or what `question` throws.
  func ask<Answer: Sendable>(
    _ question: @escaping @Sendable (StoreReader) throws -> Answer
  ) async throws -> Answer {
    let path = state.withLock { $0.path }
    return try await NIOThreadPool.singleton.runIfActive { try question(StoreReader(path: path)) }
  }
}
