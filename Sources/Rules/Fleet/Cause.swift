import Glibc

/// Why many miners stop together: the reasons that look different on the wire, in our judgement.
package enum Cause: String, CaseIterable, Sendable {
  case powerCut = "power cut"
  case remoteStop = "remote stop"
  case reboot = "reboot"
  case poolOutage = "pool outage"
  case internetOutage = "Internet outage"
  case clock = "clock trigger"
  case blindMonitor = "blind monitor"
}

/// What was seen of those who stopped, each as a share of them, 0...1.
package struct StopEvidence: Equatable, Sendable {
  /// They sent something afterwards: an acknowledgment, ARP, an answer to a manager.
  package var alive = 0.0
  /// Their sessions were closed or broken off in sight.
  package var ended = 0.0
  /// They look for a pool.
  package var seeking = 0.0
  /// They came up anew.
  package var booted = 0.0
  /// The pool still sent them jobs.
  package var jobs = 0.0
  /// They are all miners of one pool; and all of the site. 0 or 1.
  package var wholePool = 0.0
  package var wholeSite = 0.0
  /// A command or an unlisted exchange came before. 0 or 1.
  package var led = 0.0
  /// It happened at a round time, all within seconds. 0 or 1.
  package var round = 0.0

  package init() {}
}

/// Weighs the causes: how likely each would show what was seen, one against the other.
///
/// The likelihoods are our judgement of what each cause leaves on the wire; evidence that holds for part of the miners
/// counts in part. The answer is a weighing and no measurement, so that no cause is ever ruled out wholly.
package enum CauseWeighing {
  /// How often each kind of evidence is there, by cause, in the order of ``StopEvidence``.
  private struct Likelihood {
    let prior: Double
    let alive, ended, seeking, booted, jobs: Double
    let wholePool, wholeSite, led, round: Double
  }

  private static func likelihood(_ cause: Cause) -> Likelihood {
    switch cause {
    // No goodbye, then nothing; the pool still speaks to them.
    case .powerCut:
      Likelihood(
        prior: 1, alive: 0.03, ended: 0.05, seeking: 0.03, booted: 0.1, jobs: 0.7, wholePool: 0.3, wholeSite: 0.3,
        led: 0.1, round: 0.1)
    // Alive, and something told them.
    case .remoteStop:
      Likelihood(
        prior: 1, alive: 0.95, ended: 0.4, seeking: 0.1, booted: 0.05, jobs: 0.7, wholePool: 0.2, wholeSite: 0.2,
        led: 0.7, round: 0.1)
    // Gone for a minute, then a boot.
    case .reboot:
      Likelihood(
        prior: 0.7, alive: 0.7, ended: 0.5, seeking: 0.4, booted: 0.9, jobs: 0.5, wholePool: 0.2, wholeSite: 0.2,
        led: 0.5, round: 0.1)
    // Alive and looking, all at one pool, and no more jobs.
    case .poolOutage:
      Likelihood(
        prior: 1, alive: 0.95, ended: 0.8, seeking: 0.9, booted: 0.03, jobs: 0.05, wholePool: 0.95, wholeSite: 0.4,
        led: 0.05, round: 0.1)
    // Alive inside, nothing from outside to anybody. Nobody is left to break a session off.
    case .internetOutage:
      Likelihood(
        prior: 0.7, alive: 0.9, ended: 0.1, seeking: 0.7, booted: 0.03, jobs: 0.03, wholePool: 0.6, wholeSite: 0.97,
        led: 0.05, round: 0.1)
    // As when told to, but nobody told them, and to the second.
    case .clock:
      Likelihood(
        prior: 0.5, alive: 0.95, ended: 0.3, seeking: 0.05, booted: 0.05, jobs: 0.8, wholePool: 0.2, wholeSite: 0.3,
        led: 0.03, round: 0.95)
    // All at once, and nothing to them either.
    case .blindMonitor:
      Likelihood(
        prior: 0.5, alive: 0.02, ended: 0.02, seeking: 0.02, booted: 0.02, jobs: 0.02, wholePool: 0.5, wholeSite: 0.97,
        led: 0.1, round: 0.1)
    }
  }

  /// What many miners show weighs as much as so many that show it alone: they are not independent.
  private static let weight = 3.0

  /// All causes, the likeliest first, with shares that add up to 1.
  package static func weigh(_ evidence: StopEvidence) -> [(cause: Cause, share: Double)] {
    let scores = Cause.allCases.map { cause in
      let likelihood = likelihood(cause)
      var score = log(likelihood.prior)
      for (seen, usual) in [
        (evidence.alive, likelihood.alive), (evidence.ended, likelihood.ended), (evidence.seeking, likelihood.seeking),
        (evidence.booted, likelihood.booted), (evidence.jobs, likelihood.jobs),
      ] { score += weight * (seen * log(usual) + (1 - seen) * log(1 - usual)) }
      for (seen, usual) in [
        (evidence.wholePool, likelihood.wholePool), (evidence.wholeSite, likelihood.wholeSite),
        (evidence.led, likelihood.led), (evidence.round, likelihood.round),
      ] { score += seen * log(usual) + (1 - seen) * log(1 - usual) }
      return score
    }
    let best = scores.max() ?? 0
    let weights = scores.map { exp($0 - best) }
    let sum = weights.reduce(0, +)
    return zip(Cause.allCases, weights).map { (cause: $0, share: $1 / sum) }.sorted { $0.share > $1.share }
  }
}
