/// What the shares of a session came to since they were reported last: ``ShareTotals`` in the few bytes that a session's
/// first cache lines have for it. An interval is minutes long, so 32 bits count it.
struct StratumSums: Sendable, BitwiseCopyable {
  var submitted: UInt32 = 0
  var accepted: UInt32 = 0
  var rejected: UInt32 = 0
  var acceptedOfUnknownDifficulty: UInt32 = 0
  var jobs: UInt32 = 0
  var acceptedDifficulty: Double = 0

  var isEmpty: Bool { submitted | accepted | rejected | jobs == 0 }

  func totals(seconds: Double) -> ShareTotals {
    var totals = ShareTotals(seconds: seconds)
    totals.submitted = UInt64(submitted)
    totals.accepted = UInt64(accepted)
    totals.rejected = UInt64(rejected)
    totals.acceptedDifficulty = acceptedDifficulty
    totals.acceptedOfUnknownDifficulty = UInt64(acceptedOfUnknownDifficulty)
    totals.jobs = UInt64(jobs)
    return totals
  }
}
