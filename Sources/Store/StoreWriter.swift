import Capture
package import Dispatch
import Foundation
package import Rules
import Synchronization

/// What the store lost or could not do since it was last asked.
package struct StoreLoss: Equatable, Sendable {
  /// Rows that were dropped.
  package var rows: UInt64
  /// Attempts that failed; the rows wait and are tried again, unless they are counted in ``rows``.
  package var failures: UInt64
  /// What happened, where and what to do. Nil when rows were dropped only because they came faster than they could be written.
  package var sentence: String?
}

/// The one writer of the store: a bounded queue and a thread of its own, so that capture never waits for a disk.
///
/// Records are written in the order given, one transaction for all that wait. When the queue is full the newest are dropped and
/// counted. A store that fails is tried again, first after a second, then ever more rarely up to a minute.
package final class StoreWriter: Sendable {
  package enum Mode: Sendable {
    /// For live use: writing returns at once.
    case queued
    /// For a replay: writing returns when it is written, so that nothing is lost and every run gives the same file.
    case direct
  }

  private struct State {
    var records: [StoreRecord] = []
    /// Rows of `records` and of those that are being written.
    var rows = 0
    var isClosing = false
    var lost: UInt64 = 0
    var failures: UInt64 = 0
    var sentence: String?
    /// Why the latest attempt failed; nil when it did not.
    var trouble: String?
    /// What was done to the file since ``StoreWriter/takeRepairs()``, the latest few.
    var repairs: [String] = []
    var flushes: [DispatchSemaphore] = []
  }

  package let path: String
  private let mode: Mode
  private let rowLimit: Int
  private let state = Mutex(State())
  private let file: Mutex<StoreFile>
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// Repairs that wait to be told.
  private static let repairsKept = 8
  /// First and longest wait between attempts.
  private static let retry = Duration.seconds(1)...Duration.seconds(60)

  /// What was known when the file was opened; nothing where it could not be read.
  package let memory: SiteMemory

  /// Opens the store and reads what it remembers. It never fails: what is wrong is in ``takeLoss()``, right away.
  ///
  /// - Parameter keep: by packet time; what is older goes.
  package convenience init(path: String, keep: Duration, mode: Mode) {
    self.init(path: path, keep: keep, mode: mode, rowLimit: Limits.storeQueue, byteLimit: Limits.storeBytes)
  }

  init(path: String, keep: Duration, mode: Mode, rowLimit: Int, byteLimit: Int) {
    self.path = path
    self.mode = mode
    self.rowLimit = rowLimit
    let file = StoreFile(path: path, keep: keep, byteLimit: byteLimit)
    var failure: StoreFailure?
    do {
      memory = try file.load()
    } catch {
      memory = SiteMemory()
      failure = error
    }
    let repairs = file.takeRepairs()
    self.file = Mutex(file)
    note(failure, repairs)
    if mode == .queued { startThread() }
  }

  package func write(_ record: StoreRecord) {
    guard mode == .queued else { return attemptDirectly([record]) }
    let isTaken = state.withLock { state in
      // A minute of any site fits into an empty queue.
      guard !state.isClosing, state.rows == 0 || state.rows + record.rows <= rowLimit else {
        state.lost += UInt64(record.rows)
        return false
      }
      state.records.append(record)
      state.rows += record.rows
      return true
    }
    if isTaken { wake.signal() }
  }

  /// Waits until all is written, an attempt fails or time is up.
  ///
  /// - Returns: whether all is written.
  @discardableResult
  package func flush(timeout: DispatchTimeInterval = .seconds(5)) -> Bool {
    guard mode == .queued else { return true }
    let flush = DispatchSemaphore(value: 0)
    state.withLock { $0.flushes.append(flush) }
    wake.signal()
    return flush.wait(timeout: .now() + timeout) == .success && state.withLock { $0.rows == 0 }
  }

  /// Writes what waits, ends the thread and closes the file; the last call. What cannot be written is lost and counted.
  package func close(timeout: DispatchTimeInterval = .seconds(5)) {
    guard mode == .queued else { return file.withLock { $0.close() } }
    state.withLock { $0.isClosing = true }
    wake.signal()
    if ended.wait(timeout: .now() + timeout) == .success { ended.signal() }
  }

  /// What was lost, or done to a broken file, since the last call; nil when all is well.
  package func takeLoss() -> StoreLoss? {
    state.withLock { state in
      guard state.lost > 0 || state.failures > 0 || state.sentence != nil else { return nil }
      defer { (state.lost, state.failures, state.sentence) = (0, 0, nil) }
      return StoreLoss(rows: state.lost, failures: state.failures, sentence: state.sentence)
    }
  }

  /// Why nothing can be written now; nil when it can.
  package var trouble: String? {
    state.withLock { $0.trouble }
  }

  /// What was done to a file that was broken or gone since the last call, a sentence each.
  package func takeRepairs() -> [String] {
    state.withLock { state in
      defer { state.repairs = [] }
      return state.repairs
    }
  }

  private func note(_ failure: StoreFailure?, _ repairs: [String]) {
    state.withLock { state in
      state.trouble = failure?.sentence
      state.repairs = (state.repairs + repairs).suffix(Self.repairsKept)
      if failure != nil { state.failures += 1 }
      if let sentence = repairs.last ?? failure?.sentence { state.sentence = sentence }
    }
  }

  private func attemptDirectly(_ records: [StoreRecord]) {
    if attempt(records) != nil {
      state.withLock { $0.lost += records.reduce(0) { $0 + UInt64($1.rows) } }
    }
  }

  /// - Returns: why nothing was written; nil when all was.
  private func attempt(_ records: [StoreRecord]) -> StoreFailure? {
    let (failure, repairs) = file.withLock { file in
      var failure: StoreFailure?
      do throws(StoreFailure) { try file.write(records) } catch { failure = error }
      return (failure, file.takeRepairs())
    }
    note(failure, repairs)
    return failure
  }
}

// MARK: - The thread

extension StoreWriter {
  private func startThread() {
    let thread = Thread { self.run() }
    thread.name = "minewatch-store"
    thread.start()
  }

  private func run() {
    var delay = Self.retry.lowerBound
    while true {
      let (batch, isClosing) = state.withLock { state in
        defer { state.records = [] }
        return (state.records, state.isClosing)
      }
      guard !batch.isEmpty else {
        if isClosing { break }
        tellFlushes()
        wake.wait()
        continue
      }
      if attempt(batch) == nil {
        delay = Self.retry.lowerBound
        state.withLock { $0.rows -= batch.reduce(0) { $0 + $1.rows } }
        continue
      }
      state.withLock { $0.records.insert(contentsOf: batch, at: 0) }
      tellFlushes()
      if isClosing { break }
      wait(delay)
      delay = min(delay * 2, Self.retry.upperBound)
    }
    state.withLock { state in
      state.lost += state.records.reduce(0) { $0 + UInt64($1.rows) }
      state.records = []
    }
    tellFlushes()
    file.withLock { $0.close() }
    ended.signal()
  }

  /// Waits before the next attempt; new records do not end the wait, the end of the program does.
  private func wait(_ delay: Duration) {
    let end = DispatchTime.now() + .nanoseconds(Int(delay.saturatedNanoseconds))
    while wake.wait(timeout: end) == .success {
      if state.withLock({ $0.isClosing || !$0.flushes.isEmpty }) { return }
    }
  }

  private func tellFlushes() {
    let flushes = state.withLock { state in
      defer { state.flushes = [] }
      return state.flushes
    }
    flushes.forEach { $0.signal() }
  }
}
