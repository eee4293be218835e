package import Capture

/// A synthesised capture: frames and when they were seen.
package struct Tape: Sendable {
  package struct TimedFrame: Sendable {
    package var time: Timestamp
    package var bytes: [UInt8]
  }

  package private(set) var frames: [TimedFrame] = []

  package init() {}

  package mutating func append(_ bytes: [UInt8], at time: Timestamp) {
    frames.append(TimedFrame(time: time, bytes: bytes))
  }

  package mutating func append(_ other: Tape) {
    frames += other.frames
  }

  /// In time order; frames of one time keep their order.
  package func sorted() -> Tape {
    var tape = self
    tape.frames = frames.enumerated()
      .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
      .map(\.element)
    return tape
  }

  // MARK: What a bad cable does

  /// Without the frame at `index`.
  package func losing(_ index: Int) -> Tape {
    var tape = self
    if tape.frames.indices.contains(index) { tape.frames.remove(at: index) }
    return tape
  }

  /// From the frame at `index` on: the monitor was started late.
  package func joined(at index: Int) -> Tape {
    var tape = self
    tape.frames.removeFirst(min(max(index, 0), frames.count))
    return tape
  }

  /// Without the frames of a stretch of time: the mirror port was off.
  package func without(_ times: Range<Timestamp>) -> Tape {
    var tape = self
    tape.frames.removeAll { times.contains($0.time) }
    return tape
  }

  /// Some frames twice, some a place later than they were sent.
  ///
  /// - Parameters:
  ///   - duplicates: of a thousand frames, how many come twice.
  ///   - swaps: of a thousand, how many change places with the next one; times stay in order.
  package func disturbed(seed: UInt64, duplicates: Int = 50, swaps: Int = 50) -> Tape {
    var generator = SplitMix64(seed: seed)
    var tape = Tape()
    for frame in frames {
      tape.frames.append(frame)
      if Int.random(in: 0..<1_000, using: &generator) < duplicates { tape.frames.append(frame) }
    }
    for index in tape.frames.indices.dropLast() where Int.random(in: 0..<1_000, using: &generator) < swaps {
      let bytes = tape.frames[index].bytes
      tape.frames[index].bytes = tape.frames[index + 1].bytes
      tape.frames[index + 1].bytes = bytes
    }
    return tape
  }
}
