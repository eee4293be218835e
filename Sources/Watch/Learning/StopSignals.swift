import Synchronization
import UnixSignals

/// Remembers that SIGINT or SIGTERM came, for a loop that looks between two reads.
final class StopSignals: Sendable {
  private let asked = Atomic(false)
  private let listener: Mutex<Task<Void, Never>?> = Mutex(nil)

  init() {
    let task = Task.detached(priority: .medium) { [weak self] in
      for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
        self?.asked.store(true, ordering: .releasing)
        return
      }
    }
    listener.withLock { $0 = task }
  }

  deinit {
    listener.withLock { $0?.cancel() }
  }

  var wasAsked: Bool { asked.load(ordering: .acquiring) }
}
