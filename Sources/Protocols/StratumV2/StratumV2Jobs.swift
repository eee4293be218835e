import Capture

/// The jobs that a session was offered of late, by number, so that a share for none of them stands out.
///
/// A channel gets two a minute. What is forgotten too soon, because a proxy has many channels, is judged by nobody.
struct StratumV2Jobs: Sendable {
  /// Jobs kept; 4 bytes each, and only as many as there were.
  private static let kept = 64
  /// A share for a job that is this old still comes at times, also from the session before: our judgement, after the
  /// 120 s for which cgminer sends a share of V1 again (cgminer cgminer.c).
  private static let lateAge = Duration.seconds(180)
  private static let toldLimit = 4

  private var jobs: [UInt32] = []
  private var oldest = 0
  /// When the job was offered that was last forgotten can be no later than this.
  private var forgotten: Timestamp?
  private var told = 0

  mutating func offer(_ job: UInt32, at time: Timestamp) {
    guard jobs.count >= Self.kept else { return jobs.append(job) }
    jobs[oldest] = job
    oldest = (oldest + 1) % Self.kept
    forgotten = time
  }

  /// Whether a share's job is worth telling: the session, which began at `start`, never offered it.
  mutating func isUnknown(_ job: UInt32, since start: Timestamp, at time: Timestamp) -> Bool {
    guard !jobs.contains(job), told < Self.toldLimit, time >= start.advanced(by: Self.lateAge),
      forgotten.map({ time >= $0.advanced(by: Self.lateAge) }) ?? true
    else { return false }
    told += 1
    return true
  }
}
