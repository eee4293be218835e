import Capture
import Synchronization

/// A bounded queue of batches from one worker to the analyst. Neither waits for the other: a worker that finds it full keeps its
/// batch and adds to it. A lock is taken once a batch.
package final class BatchRing: Sendable {
  private struct Places: Sendable {
    var batches: [WorkerBatch?]
    var first = 0
    var count = 0
    /// Of all batches together.
    var observations = 0
  }

  private let places: Mutex<Places>

  private let observationLimit: Int

  /// - Parameters:
  ///   - capacity: batches, at least one.
  ///   - observations: in all of them together. One batch is taken whatever it holds.
  package init(capacity: Int = Limits.handedBatches, observations: Int = 2 * Limits.handedObservations) {
    precondition(capacity > 0, "a ring holds at least one batch")
    places = Mutex(Places(batches: Array(repeating: nil, count: capacity)))
    observationLimit = observations
  }

  /// Puts a batch behind the others.
  ///
  /// - Returns: false, and nothing done, when there is no room.
  package func offer(_ batch: WorkerBatch) -> Bool {
    places.withLock { places in
      guard places.count < places.batches.count,
        places.count == 0 || places.observations + batch.observations.count <= observationLimit
      else { return false }
      places.batches[(places.first + places.count) % places.batches.count] = batch
      places.count += 1
      places.observations += batch.observations.count
      return true
    }
  }

  /// Takes the oldest batch; nil when there is none.
  package func take() -> WorkerBatch? {
    places.withLock { places in
      guard let batch = places.batches[places.first].take() else { return nil }
      places.first = (places.first + 1) % places.batches.count
      places.count -= 1
      places.observations -= batch.observations.count
      return batch
    }
  }
}
