import Policy
import Synchronization

/// What other threads ask of the capturing one, which looks at it between two reads.
final class WatchControl: Sendable {
  enum Request: Sendable {
    /// A policy that was read and found right, and what it changes.
    case reload(Policy, changes: [String])
    /// A policy that was refused: the old one stands. One line an error.
    case refuse([String])
  }

  private let stopping = Atomic(false)
  private let requests = Mutex<[Request]>([])

  func stop() {
    stopping.store(true, ordering: .releasing)
  }

  var isStopping: Bool {
    stopping.load(ordering: .acquiring)
  }

  func ask(_ request: Request) {
    requests.withLock { $0.append(request) }
  }

  func takeRequests() -> [Request] {
    requests.withLock { requests in
      defer { requests = [] }
      return requests
    }
  }
}
