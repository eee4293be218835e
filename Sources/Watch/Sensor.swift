package import Capture
package import Policy
package import Sinks

/// A pipeline and what it speaks through: a whole sensor on one thread, for captures that are replayed.
package struct Sensor: ~Copyable {
  package private(set) var pipeline: Pipeline
  package private(set) var reporter: Reporter
  private let frames = FrameMemory()

  /// - Parameters:
  ///   - store: what lasts goes there, and what it remembers is known from the start.
  ///   - seed: for the flow table's hash.
  ///   - isDrill: whether the traffic is made up, so that every finding must say so.
  package init(policy: Policy, sinks: SinkSet, store: StoreFeed? = nil, seed: UInt64, isDrill: Bool = false) {
    reporter = Reporter(policy: policy, sinks: sinks, store: store, frames: frames, isDrill: isDrill)
    pipeline = Pipeline(policy: policy, seed: seed, memory: reporter.memory, readers: reporter.readers)
  }

  package mutating func receive(_ frame: borrowing Frame) {
    guard !frames.isWanted else { return keep(frame) }
    pipeline.receive(frame)
  }

  /// A capture is at its end, and another follows.
  package mutating func endCapture() { pipeline.endCapture() }

  /// Takes a frame that may be wanted as evidence later.
  @inline(never)
  private mutating func keep(_ frame: borrowing Frame) {
    frames.withRing(of: 0) { ring in ring.keep(frame) }
    pipeline.receive(frame)
    // As a live watch does, which looks at the findings many times a second: large frames may turn the ring round in less
    // than what a replay reads at once.
    if pipeline.judging.hasFindings || pipeline.packets.frames % Self.framesBetweenLooks == 0 { deliver() }
  }

  private static let framesBetweenLooks: UInt64 = 128

  /// Writes what was found since the last call, and the minute's account when one is due.
  package mutating func deliver() {
    let counts = pipeline.counts
    reporter.deliver(&pipeline.judging, counts, since: pipeline.firstTime, now: pipeline.packets.clock.now)
  }

  /// Ends the watch: judges what is held, writes out what is counted.
  package mutating func finish() {
    pipeline.finish()
    let counts = pipeline.counts
    reporter.finish(&pipeline.judging, counts, now: pipeline.packets.clock.now)
  }

  /// Packet time from the first packet to the last, in seconds.
  var watchedSeconds: Double {
    guard let start = pipeline.firstTime, let now = pipeline.packets.clock.now else { return 0 }
    return now.seconds(since: start)
  }
}

extension Pipeline {
  fileprivate var counts: SiteCounts { SiteCounts([packets.counts]) }
}
