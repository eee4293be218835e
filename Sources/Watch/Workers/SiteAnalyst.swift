package import Capture
package import Policy
import Protocols
package import Rules

/// Puts what several workers observed into one order of packet time and judges it: what a ``Pipeline`` does in one.
///
/// Every worker says up to when it has told all (its watermark). What all of them have passed is judged, moment by moment, a
/// second's end before what was said in the next. So alerts are those of a single worker that sees all packets.
///
///     worker 0  ──▶ batch ┐
///     worker 1  ──▶ batch ┼─▶ by time ─▶ JudgingStage
///     worker 2  ──▶ batch ┘
package struct SiteAnalyst: ~Copyable {
  package var judging: JudgingStage
  /// What comes from each worker.
  private var lines: [WorkerQueue]
  /// A second that some workers have told the end of, while others may still say something in it.
  private var ending: EndingSecond?
  /// When the watch began; and up to when all was judged.
  package private(set) var firstTime: Timestamp?
  package private(set) var now: Timestamp?

  /// A worker that is so far behind a moment at hand is not waited for: the clock was set back.
  private static let patience: Int64 = 60_000_000_000

  /// - Parameter memory: what is known of the site from before.
  package init(
    policy: Policy, workers: Int, memory: SiteMemory = SiteMemory(), readers: JudgingStage.Readers = .init()
  ) {
    judging = JudgingStage(policy: policy, memory: memory, readers: readers)
    lines = Array(repeating: WorkerQueue(), count: workers)
  }

  /// Whether a worker's last batch is used up, so that the next may be taken.
  package func isWaiting(for worker: Int) -> Bool {
    lines[worker].isWaiting
  }

  /// Takes a worker's next batch; only when ``isWaiting(for:)`` it.
  package mutating func take(_ batch: WorkerBatch, from worker: Int) {
    lines[worker].take(batch)
  }

  /// How the workers' counters stand, as far as they were told.
  package var counts: SiteCounts { SiteCounts(lines.map(\.counts)) }

  /// How the workers' interfaces stand, by worker, as far as they were told.
  package var interfaces: [[WorkerBatch.InterfaceAccount]] { lines.map(\.interfaces) }

  /// Whether every worker has ended and all was judged.
  package var isOver: Bool { lines.allSatisfy(\.isOver) }

  // MARK: Judging

  /// Judges all that no worker can say anything before.
  package mutating func judge() {
    guard begin() else { return }
    while let (line, place) = nextMoment() {
      endSecond(before: place)
      judge(lines[line].takeMoment())
    }
    guard let watermark = lines.compactMap(\.watermark).min() else { return }
    endSecond(before: MomentPlace(time: watermark))
    now = watermark
  }

  private mutating func judge(_ moment: WorkerQueue.Moment) {
    judging.book(moment.work)
    guard let second = moment.second else { return judging.judge(moment.observations) }
    // Another second than the one that is ending: the worker's clock was set back.
    if let ending, ending.time != moment.time { endSecond(before: nil) }
    ending = ending ?? EndingSecond(time: moment.time)
    ending?.add(second, moment.observations)
  }

  /// Lets a second pass that every worker has told the end of.
  ///
  /// - Parameter place: nothing will be told any more that stands before it; nil when nothing is waited for.
  private mutating func endSecond(before place: MomentPlace?) {
    guard let second = ending else { return }
    if let place, place <= MomentPlace(time: second.time, isSaid: false) { return }
    ending = nil
    judging.judge(second.observations[...].orderedByFlow())
    if second.isSecond { judging.tick(second.time) }
    if let pulses = second.pulses {
      judging.hear(pulses)
      judging.endRound(look: look, at: second.time)
    }
    guard let minute = second.minute else { return }
    judging.book(minute.work[...])
    for open in minute.volumes { judging.hear(open.volume, inSlot: open.slot) { open.facts } }
    judging.closeMinute(at: second.time)
  }

  /// What all workers have heard.
  private var look: Sight.Look {
    Sight.Look(heard: lines.map(\.look.heard).max() ?? 0, packets: lines.reduce(0) { $0 &+ $1.look.packets })
  }

  /// Judges what is left once every worker has ended. Nothing may be taken afterwards.
  package mutating func finish() {
    judge()
    endSecond(before: nil)
    if let now = lines.compactMap(\.lastTime).max() {
      self.now = now
      judging.closeMinute(at: now)
    }
    judging.finish()
  }

  /// The watch begins when every worker's has.
  private mutating func begin() -> Bool {
    if judging.isOpen { return true }
    let begun = lines.compactMap(\.began)
    guard begun.count == lines.count, let first = begun.min() else { return false }
    firstTime = first
    judging.open(at: first)
    return true
  }

  /// The earliest moment at hand, unless a worker that has nothing at hand may still tell of an earlier one.
  private func nextMoment() -> (line: Int, place: MomentPlace)? {
    var earliest: (line: Int, place: MomentPlace)?
    var told: MomentPlace?
    for (index, line) in lines.enumerated() {
      if let place = line.nextPlace {
        if let earliest, earliest.place <= place { continue }
        earliest = (index, place)
      } else if let watermark = line.watermark {
        let place = MomentPlace(time: watermark)
        told = min(told ?? place, place)
      }
    }
    guard let next = earliest, let bound = told, bound <= next.place else { return earliest }
    return next.place.time.nanoseconds(since: bound.time) > Self.patience ? next : nil
  }
}
