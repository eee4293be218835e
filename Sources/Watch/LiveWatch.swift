import Capture
import Dispatch
import Foundation
import Logging
package import Policy
import Rules
import ServiceLifecycle
import Sinks
import Store
import Synchronization
import UnixSignals

/// The daemon: one thread that captures and judges, and the signals around it.
package struct LiveWatch: Sendable {
  private let policy: Policy
  private let policyPath: String
  private let interfaces: [String]

  /// - Parameters:
  ///   - policyPath: read again on SIGHUP.
  ///   - interfaces: at least one name.
  package init(policy: Policy, policyPath: String, interfaces: [String]) {
    self.policy = policy
    self.policyPath = policyPath
    self.interfaces = interfaces
  }

  /// Watches until SIGTERM or SIGINT, and keeps the calling thread waiting until then.
  ///
  /// - Throws: when an interface cannot be captured from at the start.
  package func runToTheEnd() throws(WatchFailure) {
    let ended = DispatchSemaphore(value: 0)
    let failure = Mutex<WatchFailure?>(nil)
    // Not the priority of the main thread, which libdispatch would ask the kernel for and may not have.
    Task.detached(priority: .medium) {
      do {
        try await run()
      } catch let error as WatchFailure {
        failure.withLock { $0 = error }
      } catch {
        failure.withLock { $0 = WatchFailure(exitCode: WatchFailure.software, sentence: "\(error)") }
      }
      ended.signal()
    }
    ended.wait()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  private func run() async throws {
    ignoreBrokenPipes()
    let control = WatchControl()
    let log = OperationLog()
    let capturing = CaptureService(
      policy: policy, interfaces: interfaces, control: control, notifier: ServiceNotifier(), log: log)
    let reloading = ReloadService(policyPath: policyPath, current: policy, control: control)

    var quiet = Logger(label: "minewatch.services")
    quiet.logLevel = .critical
    let services = ServiceGroup(
      configuration: .init(
        services: [
          .init(service: capturing, successTerminationBehavior: .gracefullyShutdownGroup),
          .init(service: reloading),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
    try await services.run()
  }
}

/// Owns the capturing thread from its start to its orderly end.
private struct CaptureService: Service {
  let policy: Policy
  let interfaces: [String]
  let control: WatchControl
  let notifier: ServiceNotifier
  let log: OperationLog

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
        let thread = Thread {
          do {
            try capture()
            done.resume()
          } catch {
            done.resume(throwing: error)
          }
        }
        thread.name = "capture"
        thread.stackSize = 4 << 20
        thread.start()
      }
    } onGracefulShutdown: {
      control.stop()
    }
  }

  private func capture() throws(WatchFailure) {
    let opened: [WatchedInterface]
    do {
      opened = try WatchedInterface.open(interfaces, policy)
    } catch {
      throw WatchFailure(exitCode: error.kind.rawValue, sentence: error.sentence)
    }
    for interface in opened {
      for warning in interface.warnings { log.say(.warning, "\(interface.name): \(warning)") }
    }
    let origin = Origin.here(site: policy.site, interfaces: interfaces)
    let sinks = SinkSet(policy.alerts, origin: origin, mode: .queued)
    for loss in sinks.losses() { log.say(.warning, loss.sentence) }
    let store = StoreWriter(path: policy.store.path, keep: policy.store.keep, mode: .queued)
    let loop = LiveLoop(
      policy: policy, interfaces: opened, sinks: sinks, store: StoreFeed(store, origin: origin), control: control,
      notifier: notifier, log: log)
    loop.run(policyDigest: policy.digest)
    sinks.close()
    store.close()
  }
}

/// Reads the policy again on SIGHUP and hands it to the capturing thread, or the reasons why not.
private struct ReloadService: Service {
  let policyPath: String
  let current: Policy
  let control: WatchControl

  func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    var standing = current
    // The sequence does not end by itself when the group shuts down.
    for await _ in signals.cancelOnGracefulShutdown() {
      do {
        let read = try PolicyFile.read(policyPath)
        control.ask(.reload(read, changes: PolicyFile.changes(from: standing, to: read)))
        standing = read
      } catch {
        control.ask(.refuse(error.problems.map(\.description)))
      }
    }
  }
}

extension Origin {
  /// This machine and this process.
  static func here(site: String, interfaces: [String]) -> Origin {
    Origin(
      host: hostName() ?? "localhost", site: site, interfaces: interfaces,
      processID: ProcessInfo.processInfo.processIdentifier)
  }
}
