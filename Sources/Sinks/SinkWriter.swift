import Capture
import Dispatch
import Foundation
import Synchronization

/// What one sink lost or refused since it was last asked.
package struct SinkLoss: Equatable, Sendable {
  /// "eve /var/log/minewatch/eve.json"
  package var sink: String
  /// Lines that were dropped.
  package var lines: UInt64
  /// Attempts that failed; the lines wait and are tried again, unless they are counted in ``lines``.
  package var failures: UInt64
  /// What, where and what to do. Nil when lines were dropped only because they came faster than they could be written.
  package var lastError: String?

  /// What was lost where, and what to do.
  package var sentence: String { lastError ?? "\(sink): lines came faster than they could be written" }
}

/// How something that is written to stands now.
package struct SinkCondition: Equatable, Sendable {
  /// "eve /var/log/minewatch/eve.json"
  package var name: String
  /// What, where and what to do. Nil when all is well.
  package var trouble: String?

  package init(name: String, trouble: String?) {
    self.name = name
    self.trouble = trouble
  }
}

/// One sink with its own bounded queue and its own thread, so that a dead one stops neither capture nor its neighbours.
///
/// Lines are written in the order given. When the queue is full the newest are dropped and counted: what is waiting is
/// how it began. A sink that fails is tried again, first after 100 ms, then ever more rarely up to 30 s.
final class SinkWriter: Sendable {
  private struct State {
    var lines: [[UInt8]] = []
    /// Bytes of `lines` and of those that are being written.
    var bytes = 0
    /// Lines that are being written.
    var inFlight = 0
    /// The last line went out in part.
    var isMidLine = false
    /// Nobody reads what is written.
    var isClosed = false
    var lost: UInt64 = 0
    var failures: UInt64 = 0
    var lastError: String?
    /// Why the latest attempt failed; nil when it did not.
    var trouble: String?
    /// The thread waits without anything to do, so a new line has to wake it.
    var isIdle = false
    var mustReopen = false
    var isClosing = false
    var flushes: [DispatchSemaphore] = []
  }

  let name: String
  private let mode: SinkSet.Mode
  private let lineLimit: Int
  private let state = Mutex(State())
  private let sink: Mutex<any LineSink>
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// First and longest wait between attempts, in milliseconds.
  private static let retryMilliseconds = 100...30_000
  /// How long a slow reader may hold up a replay or the end of the program: attempts, 10 ms apart.
  private static let transientAttempts = 100

  /// Opens the sink; what is wrong with it is in ``takeLoss()``.
  init(_ sink: sending any LineSink, mode: SinkSet.Mode, lineLimit: Int = Limits.sinkQueue) {
    name = sink.name
    self.mode = mode
    self.lineLimit = lineLimit
    var failure: SinkFailure?
    do { try sink.open() } catch { failure = error }
    self.sink = Mutex(sink)
    if let failure { note(failure) }
    if mode == .queued { startThread() }
  }

  /// - Returns: whether it was taken; a line that was not is counted in ``takeLoss()``.
  @discardableResult
  func write(_ line: [UInt8]) -> Bool {
    guard mode == .queued else { return writeDirectly(line) }
    let (isTaken, mustWake) = state.withLock { state in
      let isFull = state.lines.count + state.inFlight >= lineLimit || state.bytes + line.count > Limits.sinkQueueBytes
      guard !isFull, !state.isClosing else {
        state.lost += 1
        return (false, false)
      }
      state.lines.append(line)
      state.bytes += line.count
      defer { state.isIdle = false }
      return (true, state.isIdle)
    }
    if mustWake { wake.signal() }
    return isTaken
  }

  /// Opens the sink anew by its path before the next line.
  func reopen() {
    guard mode == .queued else { return sink.withLock { $0.reopen() } }
    state.withLock { $0.mustReopen = true }
    wake.signal()
  }

  /// Waits until all is written, an attempt fails or time is up.
  ///
  /// - Returns: whether all is written.
  func flush(timeout: DispatchTimeInterval) -> Bool {
    guard mode == .queued else { return sink.withLock { !$0.isMidLine } }
    let flush = DispatchSemaphore(value: 0)
    state.withLock { $0.flushes.append(flush) }
    wake.signal()
    return flush.wait(timeout: .now() + timeout) == .success && isEmpty
  }

  /// Writes what waits, then ends the thread. What cannot be written is lost and counted.
  ///
  /// - Returns: whether the thread ended in time.
  @discardableResult
  func close(timeout: DispatchTimeInterval) -> Bool {
    guard mode == .queued else { return closeDirectly() }
    state.withLock { $0.isClosing = true }
    wake.signal()
    guard ended.wait(timeout: .now() + timeout) == .success else { return false }
    ended.signal()
    return true
  }

  /// What was lost since the last call; nil when nothing was and nothing failed.
  func takeLoss() -> SinkLoss? {
    state.withLock { state in
      guard state.lost > 0 || state.failures > 0 else { return nil }
      defer { (state.lost, state.failures, state.lastError) = (0, 0, nil) }
      return SinkLoss(sink: name, lines: state.lost, failures: state.failures, lastError: state.lastError)
    }
  }

  /// Why it does not write now; nil when it does. A reader that is only slow is no trouble.
  var condition: SinkCondition {
    SinkCondition(name: name, trouble: state.withLock { $0.trouble })
  }

  /// Nobody reads what is written.
  var isClosed: Bool {
    state.withLock { $0.isClosed }
  }

  private var isEmpty: Bool {
    state.withLock { $0.lines.isEmpty && $0.inFlight == 0 && !$0.isMidLine }
  }

  private func note(_ failure: SinkFailure) {
    state.withLock { state in
      state.failures += 1
      state.lastError = failure.description
      if !failure.isTransient { state.trouble = failure.description }
    }
  }
}

// MARK: - The thread

extension SinkWriter {
  private func startThread() {
    let thread = Thread { self.run() }
    thread.name = "minewatch-sink"
    thread.start()
  }

  private func run() {
    var retry = Self.retryMilliseconds.lowerBound
    var attemptsLeft = Self.transientAttempts
    while true {
      let (batch, isClosing) = takeBatch()
      guard !batch.isEmpty || sink.withLock({ $0.isMidLine }) else {
        if isClosing { break }
        waitForWork()
        continue
      }
      guard let failure = attempt(batch) else {
        retry = Self.retryMilliseconds.lowerBound
        continue
      }
      if isClosing {
        attemptsLeft -= 1
        guard failure.isTransient, attemptsLeft > 0 else { break }
        Thread.sleep(forTimeInterval: 0.01)
      } else {
        waitBeforeRetry(failure.isTransient ? Self.retryMilliseconds.lowerBound : retry)
        retry = min(retry * 2, Self.retryMilliseconds.upperBound)
      }
    }
    abandonRest()
    ended.signal()
  }

  private func takeBatch() -> (lines: [[UInt8]], isClosing: Bool) {
    let (batch, mustReopen, isClosing) = state.withLock { state in
      let batch = state.lines
      state.lines = []
      state.inFlight = batch.count
      defer { state.mustReopen = false }
      return (batch, state.mustReopen, state.isClosing)
    }
    if mustReopen { sink.withLock { $0.reopen() } }
    return (batch, isClosing)
  }

  private func attempt(_ batch: [[UInt8]]) -> SinkFailure? {
    let (progress, isMidLine, isClosed) = sink.withLock { ($0.write(batch[...]), $0.isMidLine, $0.isClosed) }
    let flushes = state.withLock { state in
      state.inFlight = 0
      state.isMidLine = isMidLine
      state.isClosed = isClosed
      state.lines.insert(contentsOf: batch.dropFirst(progress.taken), at: 0)
      state.bytes -= batch.prefix(progress.taken).reduce(0) { $0 + $1.count }
      state.lost += UInt64(progress.lost)
      guard progress.failure != nil else {
        state.trouble = nil
        return [DispatchSemaphore]()
      }
      defer { state.flushes = [] }
      return state.flushes
    }
    if let failure = progress.failure { note(failure) }
    flushes.forEach { $0.signal() }
    return progress.failure
  }

  /// Nothing is left to do: tells those who wait for that, and sleeps until there is.
  private func waitForWork() {
    let flushes: [DispatchSemaphore]? = state.withLock { state in
      guard state.lines.isEmpty, !state.isClosing, !state.mustReopen else { return nil }
      state.isIdle = true
      defer { state.flushes = [] }
      return state.flushes
    }
    guard let flushes else { return }
    flushes.forEach { $0.signal() }
    wake.wait()
  }

  /// New lines do not end the wait; a reopening, a flush or the end of the program does.
  private func waitBeforeRetry(_ milliseconds: Int) {
    _ = wake.wait(timeout: .now() + .milliseconds(milliseconds))
  }

  private func abandonRest() {
    let isMidLine = sink.withLock { $0.isMidLine }
    let flushes = state.withLock { state in
      state.lost += UInt64(state.lines.count + (isMidLine ? 1 : 0))
      state.lines = []
      state.bytes = 0
      defer { state.flushes = [] }
      return state.flushes
    }
    flushes.forEach { $0.signal() }
  }
}

// MARK: - Without a thread

extension SinkWriter {
  private func writeDirectly(_ line: [UInt8]) -> Bool {
    var lines = [line][...]
    for attempt in 1...Self.transientAttempts {
      let (progress, isClosed) = sink.withLock { ($0.write(lines), $0.isClosed) }
      lines = lines.dropFirst(progress.taken)
      state.withLock { state in
        state.lost += UInt64(progress.lost)
        state.isClosed = isClosed
        if progress.failure == nil { state.trouble = nil }
      }
      guard let failure = progress.failure else { return true }
      guard failure.isTransient, attempt < Self.transientAttempts else {
        note(failure)
        break
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    state.withLock { $0.lost += UInt64(lines.count) }
    return lines.isEmpty
  }

  private func closeDirectly() -> Bool {
    let isTorn = sink.withLock { sink in
      _ = sink.write([])
      return sink.isMidLine
    }
    if isTorn { state.withLock { $0.lost += 1 } }
    return !isTorn
  }
}
