import ServiceLifecycle
import UnixSignals

/// Does what has to be done on SIGHUP, for as long as the server serves.
struct Reloading: Service {
  let reload: @Sendable () -> Void

  func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    // The sequence does not end by itself when the group shuts down.
    for await _ in signals.cancelOnGracefulShutdown() { reload() }
  }
}
