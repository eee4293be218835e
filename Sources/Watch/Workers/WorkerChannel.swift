import Dispatch
import Synchronization

/// What a capturing thread and the analyst's share: the batches that go from one to the other, and the sign that it lives.
final class WorkerChannel: Sendable {
  let ring = BatchRing()
  /// Wakes the analyst.
  private let news: DispatchSemaphore
  private let turns = Atomic<UInt64>(0)

  init(news: DispatchSemaphore) {
    self.news = news
  }

  /// Hands a batch over.
  ///
  /// - Returns: false when there is no room for it.
  func offer(_ batch: WorkerBatch) -> Bool {
    defer { news.signal() }
    return ring.offer(batch)
  }

  /// The worker has read what waited, once more.
  func countTurn() {
    turns.add(1, ordering: .relaxed)
  }

  /// How often it has: a worker that lives does so ten times a second at the least.
  var turnCount: UInt64 { turns.load(ordering: .relaxed) }
}
