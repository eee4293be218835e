import Capture
import Synchronization

/// The last frames of the whole watch: a ring for each worker, which it fills without waiting for the others.
///
/// A worker holds its ring's lock while it reads a turn of frames, and whoever looks for packets holds it for a millisecond.
///
/// It takes no memory before frames are kept.
package final class FrameMemory: Sendable {
  private let rings: [Shared]
  private let wanted = Atomic(false)

  private final class Shared: Sendable {
    let ring: Mutex<FrameRing>

    init(_ ring: consuming sending FrameRing) {
      self.ring = Mutex(ring)
    }
  }

  /// - Parameters:
  ///   - workers: at least one; they share the bounds.
  ///   - frames: kept at the most.
  ///   - bytes: of all of them together.
  init(workers: Int = 1, frames: Int = Limits.evidenceFrames, bytes: Int = Limits.evidenceBytes) {
    rings = (0..<workers).map { _ in Shared(FrameRing(frames: frames / workers, bytes: bytes / workers)) }
  }

  /// Whether frames are to be kept: not where the policy wants no evidence. A reload may change it.
  var isWanted: Bool {
    get { wanted.load(ordering: .relaxed) }
    set { wanted.store(newValue, ordering: .relaxed) }
  }

  /// Lends a worker its ring.
  func withRing<Result: ~Copyable, Failure: Error>(
    of worker: Int, _ body: (inout FrameRing) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    try rings[worker].ring.withLock(body)
  }

  /// The last frames of a conversation up to and at a time, the oldest first.
  func frames(of wanted: FrameSelector, upTo time: Timestamp, limit: FrameLimit) -> [KeptFrame] {
    let all = collect { $0.frames(of: wanted, upTo: time, limit: limit) }
    guard rings.count > 1 else { return all }
    var room = limit
    return Array(all.reversed().prefix { room.take($0.bytes.count) }.reversed())
  }

  /// The first frames of a conversation after a time.
  func frames(of wanted: FrameSelector, after time: Timestamp, limit: FrameLimit) -> [KeptFrame] {
    let all = collect { $0.frames(of: wanted, after: time, limit: limit) }
    guard rings.count > 1 else { return all }
    var room = limit
    return Array(all.prefix { room.take($0.bytes.count) })
  }

  /// What each ring has, in order of time; what was seen at one time stays in the order of the workers.
  private func collect(_ body: (borrowing FrameRing) -> [KeptFrame]) -> [KeptFrame] {
    let parts = rings.map { shared in shared.ring.withLock { body($0) } }
    guard parts.count > 1 else { return parts.first ?? [] }
    return parts.joined().enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
      .map(\.element)
  }

  /// How far each ring has come.
  var marks: [FrameRing.Mark] {
    rings.map { shared in shared.ring.withLock { $0.mark } }
  }

  /// Whether half of some ring was written since `marks`.
  func hasHalfTurned(since marks: [FrameRing.Mark]) -> Bool {
    zip(rings, marks).contains { shared, mark in shared.ring.withLock { $0.hasHalfTurned(since: mark) } }
  }
}
