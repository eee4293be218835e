import Capture
import Protocols
import Rules

/// What came from one worker and was not judged yet.
struct WorkerQueue: Sendable {
  private var batch = WorkerBatch()
  /// Of the batch: the next moment, and where its work and observations begin.
  private var next = 0
  private var work = 0
  private var observations = 0
  /// The last second that was told.
  private(set) var look = Sight.Look(heard: 0, packets: 0)

  /// When the worker's clock began to go; nil before anything came.
  var began: Timestamp? { batch.began }
  var counts: PacketCounts { batch.counts }
  var interfaces: [WorkerBatch.InterfaceAccount] { batch.interfaces }
  /// All moments of the batch were taken.
  var isWaiting: Bool { next == batch.moments.count && !batch.isLast }
  /// Nothing will come any more.
  var isOver: Bool { next == batch.moments.count && batch.isLast }
  /// Up to when the worker has told all; nil before it has told anything, and when it has ended.
  var watermark: Timestamp? { batch.isLast ? nil : batch.watermark }
  /// The worker's time when it last said anything.
  var lastTime: Timestamp? { batch.watermark }

  mutating func take(_ batch: WorkerBatch) {
    precondition(isWaiting, "a worker's batch is used up before the next is taken")
    self.batch = batch
    (next, work, observations) = (0, 0, 0)
  }

  /// Where the next moment stands; nil when none is at hand.
  var nextPlace: MomentPlace? {
    guard next < batch.moments.count else { return nil }
    let moment = batch.moments[next]
    return MomentPlace(time: moment.time, isSaid: moment.second == nil)
  }

  /// Takes the next moment; one must be at hand.
  mutating func takeMoment() -> Moment {
    let moment = batch.moments[next]
    defer { (next, work, observations) = (next + 1, moment.workEnd, moment.observationsEnd) }
    if let second = moment.second { look = second.look }
    return Moment(
      time: moment.time, work: batch.work[work..<moment.workEnd],
      observations: batch.observations[observations..<moment.observationsEnd], second: moment.second)
  }

  /// A moment with what was said in it.
  struct Moment {
    let time: Timestamp
    let work: ArraySlice<SessionWork>
    let observations: ArraySlice<Observation>
    let second: WorkerBatch.Second?
  }
}

/// Where a moment stands among those of all workers: the end of a second comes before what is said at the same time.
struct MomentPlace: Comparable {
  let time: Timestamp
  var isSaid = true

  static func < (left: MomentPlace, right: MomentPlace) -> Bool {
    left.time == right.time ? !left.isSaid && right.isSaid : left.time < right.time
  }
}

/// A second that is over, as far as workers have told.
struct EndingSecond {
  let time: Timestamp
  /// A second; false where a worker's end is told like one.
  var isSecond = true
  /// What it brought to light, of all workers.
  var observations: [Observation] = []
  /// Shares of the round; nil unless one is over.
  var pulses: [SharePulse]?
  /// Nil unless a minute is over.
  var minute: WorkerBatch.Minute?

  init(time: Timestamp) {
    self.time = time
  }

  mutating func add(_ second: WorkerBatch.Second, _ observations: ArraySlice<Observation>) {
    self.observations += observations
    if second.isEnd { isSecond = false }
    if let pulses = second.pulses { self.pulses = (self.pulses ?? []) + pulses }
    guard let minute = second.minute else { return }
    self.minute = WorkerBatch.Minute(
      work: (self.minute?.work ?? []) + minute.work, volumes: (self.minute?.volumes ?? []) + minute.volumes)
  }
}
