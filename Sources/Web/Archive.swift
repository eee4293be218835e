import NIOPosix
package import Policy
import Store

/// The store, as the web program sees it: opened for each question, and only to read.
///
/// So a store that the sensor sets aside, makes anew or has not made yet is found at the next question. Opening takes a
/// millisecond; it happens on a thread that may wait, since a disk may be slow.
package struct Archive: Sendable {
  let path: String
  /// For the inventory and the models of miners; nil where there is no policy.
  let policy: Policy?

  package init(path: String, policy: Policy?) {
    self.path = path
    self.policy = policy
  }

  /// - Throws: `StoreFailure`, or what `question` throws.
  func ask<Answer: Sendable>(
    _ question: @escaping @Sendable (StoreReader) throws -> Answer
  ) async throws -> Answer {
    let path = path
    return try await NIOThreadPool.singleton.runIfActive { try question(StoreReader(path: path)) }
  }
}
