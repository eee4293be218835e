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

/// The daemon: threads that capture, one that judges, and the signals around them.
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
  /// - Throws: when an interface cannot be captured from at the start, for another reason than that it is not there yet.
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
        failure.withLock { $0 = WatchFailure(.software, "\(error)") }
      }
      ended.signal()
    }
    ended.wait()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  private func run() async throws {
    let control = WatchControl()
    let log = OperationLog(neverWaits: true)
    defer { log.close() }
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

/// Owns the threads of the watch from their start to their orderly end.
private struct CaptureService: Service {
  let policy: Policy
  let interfaces: [String]
  let control: WatchControl
  let notifier: ServiceNotifier
  let log: OperationLog

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
        start("analyst") {
          do {
            try watch()
            done.resume()
          } catch {
            done.resume(throwing: error)
          }
        }
      }
    } onGracefulShutdown: {
      control.stop()
    }
  }

  private func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.stackSize = 4 << 20
    thread.start()
  }

  /// Starts the workers, and is the analyst.
  private func watch() throws(WatchFailure) {
    let workers = policy.capture.workerCount
    let news = DispatchSemaphore(value: 0)
    let channels = (0..<workers).map { _ in WorkerChannel(news: news) }
    let opening = Opening(workers: workers)
    let frames = FrameMemory(workers: workers)
    let plan = CaptureLoop.Plan(
      policy: policy, interfaces: interfaces, groups: workers > 1 ? interfaces.map { _ in FanoutGroup() } : [],
      seed: .random(in: .min ... .max), memory: frames, control: control, log: log)
    let running = DispatchGroup()
    for (index, channel) in channels.enumerated() {
      running.enter()
      start("capture \(index)") {
        CaptureLoop.run(plan, WorkerShare(index: index, of: workers), channel, opening)
        running.leave()
      }
    }
    defer { running.wait() }
    guard opening.wait() else {
      throw opening.failure ?? WatchFailure(.software, "capturing did not begin")
    }
    for warning in opening.warnings { log.say(.warning, warning) }
    judge(channels, news, opening.accounts, frames)
  }

  private func judge(
    _ channels: [WorkerChannel], _ news: DispatchSemaphore, _ opened: [[WorkerBatch.InterfaceAccount]],
    _ frames: FrameMemory
  ) {
    let origin = Origin.here(site: policy.site, interfaces: interfaces)
    let sinks = SinkSet(policy.alerts, origin: origin, mode: .queued)
    let store = StoreWriter(path: policy.store.path, keep: policy.store.keep, mode: .queued)
    let reporter = Reporter(policy: policy, sinks: sinks, store: StoreFeed(store, origin: origin), frames: frames)
    let analyst = AnalystLoop(
      policy: policy, interfaces: interfaces, channels: channels, news: news, reporter: reporter, control: control,
      notifier: notifier, log: log)
    ProgramText.release()
    analyst.run(opened)
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
      ProgramText.release()
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
