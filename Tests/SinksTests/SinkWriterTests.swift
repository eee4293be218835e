import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Sinks

/// A sink that takes, refuses or stalls as it is told, and shows what it took.
private final class ScriptedSink: LineSink {
  /// The part that the test sees.
  final class Script: Sendable {
    struct State {
      var taken: [String] = []
      /// Attempts that fail before one succeeds.
      var failuresLeft = 0
      /// Lines that an attempt takes before it fails.
      var takenBeforeFailure = 0
      var reopened = 0
    }

    let state = Mutex(State())
    /// When set, every write waits for a signal first.
    let gate: DispatchSemaphore?

    init(failures: Int = 0, takenBeforeFailure: Int = 0, gate: DispatchSemaphore? = nil) {
      self.gate = gate
      state.withLock { ($0.failuresLeft, $0.takenBeforeFailure) = (failures, takenBeforeFailure) }
    }

    var taken: [String] { state.withLock { $0.taken } }
    var reopened: Int { state.withLock { $0.reopened } }
  }

  let name = "scripted"
  let isMidLine = false
  private let script: Script

  init(_ script: Script) { self.script = script }

  func open() {}

  func reopen() { script.state.withLock { $0.reopened += 1 } }

  func write(_ lines: ArraySlice<[UInt8]>) -> SinkProgress {
    script.gate?.wait()
    return script.state.withLock { state in
      let fails = state.failuresLeft > 0
      let taken = fails ? lines.prefix(state.takenBeforeFailure) : lines
      state.taken += taken.map(text)
      guard fails else { return SinkProgress(taken: taken.count) }
      state.failuresLeft -= 1
      return SinkProgress(taken: taken.count, failure: SinkFailure(code: 5, description: "scripted: broken"))
    }
  }
}

struct SinkWriterTests {
  private func write(_ numbers: ClosedRange<Int>, to writer: SinkWriter) {
    numbers.forEach { writer.write(Array("\($0)".utf8)) }
  }

  @Test func `writes everything in order and ends`() {
    let script = ScriptedSink.Script()
    let writer = SinkWriter(ScriptedSink(script), mode: .queued)
    write(1...1_000, to: writer)
    #expect(writer.flush(timeout: .seconds(120)))
    #expect(script.taken == (1...1_000).map(String.init))
    write(1_001...1_010, to: writer)
    #expect(writer.close(timeout: .seconds(120)))
    #expect(script.taken.count == 1_010)
    #expect(writer.takeLoss() == nil)
  }

  @Test func `never waits, and drops and counts the newest when the queue is full`() {
    let gate = DispatchSemaphore(value: 0)
    let script = ScriptedSink.Script(gate: gate)
    let writer = SinkWriter(ScriptedSink(script), mode: .queued, lineLimit: 10)
    // The sink hangs in its first write; this returns all the same.
    write(1...25, to: writer)
    #expect(!writer.flush(timeout: .milliseconds(10)))
    #expect(writer.takeLoss() == SinkLoss(sink: "scripted", lines: 15, failures: 0, lastError: nil))
    #expect(writer.takeLoss() == nil)
    for _ in 0..<10 { gate.signal() }
    #expect(writer.close(timeout: .seconds(120)))
    #expect(script.taken == (1...10).map(String.init))
  }

  @Test func `bounds the queue's bytes too`() {
    let gate = DispatchSemaphore(value: 0)
    let writer = SinkWriter(ScriptedSink(ScriptedSink.Script(gate: gate)), mode: .queued)
    let megabyte = [UInt8](repeating: 65, count: 1 << 20)
    for _ in 0..<20 { writer.write(megabyte) }
    #expect(writer.takeLoss()?.lines == 4)
    for _ in 0..<20 { gate.signal() }
    #expect(writer.close(timeout: .seconds(120)))
  }

  @Test func `tries again after a failure, in order and without repeating`() {
    let script = ScriptedSink.Script(failures: 2, takenBeforeFailure: 3)
    let writer = SinkWriter(ScriptedSink(script), mode: .queued)
    write(1...20, to: writer)
    #expect(Programs.eventually { script.taken.count == 20 })
    #expect(script.taken == (1...20).map(String.init))
    let loss = writer.takeLoss()
    #expect(loss?.lines == 0)
    #expect(loss?.failures == 2)
    #expect(loss?.lastError == "scripted: broken")
    #expect(writer.close(timeout: .seconds(120)))
  }

  @Test func `gives up at the end and counts what is lost`() {
    let script = ScriptedSink.Script(failures: .max)
    let writer = SinkWriter(ScriptedSink(script), mode: .queued)
    write(1...7, to: writer)
    #expect(writer.close(timeout: .seconds(120)))
    #expect(writer.takeLoss()?.lines == 7)
    write(8...9, to: writer)
    #expect(writer.takeLoss()?.lines == 2)
  }

  @Test func `is in trouble from a failure to the next success`() {
    let script = ScriptedSink.Script(failures: .max)
    let writer = SinkWriter(ScriptedSink(script), mode: .queued)
    #expect(writer.condition == SinkCondition(name: "scripted", trouble: nil))
    write(1...1, to: writer)
    #expect(Programs.eventually { writer.condition.trouble == "scripted: broken" })
    script.state.withLock { $0.failuresLeft = 0 }
    #expect(writer.close(timeout: .seconds(120)))
    #expect(writer.condition.trouble == nil)
  }

  @Test func `a log that nobody reads holds nobody up, and tells what it lost`() {
    let gate = DispatchSemaphore(value: 0)
    let script = ScriptedSink.Script(gate: gate)
    let log = StandardErrorQueue(SinkWriter(ScriptedSink(script), mode: .queued, lineLimit: 3))
    for number in 1...9 { log.write("\(number)") { "\($0) lost" } }
    for _ in 0..<20 { gate.signal() }
    #expect(Programs.eventually { script.taken.count == 3 })
    log.write("10") { "\($0) lost" }
    log.close()
    #expect(script.taken == ["1\n", "2\n", "3\n", "6 lost\n", "10\n"])
  }

  @Test func `a sink that hangs does not hang the end`() {
    let gate = DispatchSemaphore(value: 0)
    let writer = SinkWriter(ScriptedSink(ScriptedSink.Script(gate: gate)), mode: .queued)
    write(1...3, to: writer)
    #expect(!writer.close(timeout: .milliseconds(50)))
    for _ in 0..<5 { gate.signal() }
    #expect(writer.close(timeout: .seconds(120)))
    #expect(writer.takeLoss() == nil)
  }

  @Test func `reopens before the next line`() {
    let script = ScriptedSink.Script()
    let writer = SinkWriter(ScriptedSink(script), mode: .queued)
    write(1...1, to: writer)
    writer.reopen()
    #expect(Programs.eventually { script.reopened == 1 })
    #expect(writer.close(timeout: .seconds(120)))
  }

  @Test func `writes at once in a replay, and counts what cannot be written`() {
    let script = ScriptedSink.Script()
    let writer = SinkWriter(ScriptedSink(script), mode: .direct)
    for number in 1...100 {
      write(number...number, to: writer)
      #expect(script.taken.count == number)
    }
    script.state.withLock { $0.failuresLeft = 2 }
    write(101...103, to: writer)
    #expect(script.taken.last == "103")
    #expect(writer.takeLoss()?.lines == 2)
    #expect(writer.close(timeout: .seconds(1)))
  }

  @Test func `many threads may write at once`() {
    let script = ScriptedSink.Script()
    let writer = SinkWriter(ScriptedSink(script), mode: .queued)
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      write(thread * 1_000...thread * 1_000 + 499, to: writer)
    }
    #expect(writer.close(timeout: .seconds(120)))
    #expect(script.taken.count == 4_000)
    #expect(Set(script.taken).count == 4_000)
  }
}
