import Capture
import Rules

/// Spreads the events of a minute's miners over the next one, so that a big site's do not come to the sinks all at once.
///
/// A sink's queue holds 8,192 lines. What is left when the next minute is over goes out before it.
struct MinerEventPace {
  /// The end of the minute at hand; nil when nothing waits.
  private(set) var time: Timestamp?
  private var workers: [MinuteAccount.WorkerLine] = []
  private var next = 0
  private var started = Timestamp(nanoseconds: 0)

  /// So many go out at once: a small site's events stand beside each other.
  static let atOnce = 1_000
  /// All are out after this long, in nanoseconds of packet time; the rest of the minute is for what is late.
  private static let spread: Int64 = 50_000_000_000

  /// Takes in a minute.
  ///
  /// - Returns: what was left of the one before.
  mutating func begin(_ minute: MinuteAccount, at now: Timestamp) -> ArraySlice<MinuteAccount.WorkerLine> {
    let rest = workers[next...]
    workers = minute.workers
    (time, next, started) = (minute.time, 0, now)
    return rest
  }

  /// What is due by now.
  ///
  /// - Parameter isLast: all of it is.
  mutating func due(at now: Timestamp, isLast: Bool = false) -> ArraySlice<MinuteAccount.WorkerLine> {
    guard time != nil else { return [] }
    let count = workers.count
    let elapsed = min(max(now.nanoseconds(since: started), 0), Self.spread)
    let end = isLast ? count : min(count, Self.atOnce + Int(Double(count) * Double(elapsed) / Double(Self.spread)))
    guard end > next else { return [] }
    let due = workers[next..<end]
    next = end
    if end == count { (time, workers, next) = (nil, [], 0) }
    return due
  }
}
