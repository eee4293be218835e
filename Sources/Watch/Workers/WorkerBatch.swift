package import Capture
package import Flows
package import Protocols
package import Rules

/// What a worker hands to the analyst: what it observed in a stretch of packet time, moment by moment.
///
/// Handing it over costs nothing a packet: a moment is noted when something was said, a few times a session, and when a second
/// is over.
package struct WorkerBatch: Sendable {
  /// When something was said, or a second passed.
  package struct Moment: Sendable {
    /// Of the worker's clock: no moment is before the one in front of it, unless the clock was set back.
    package var time: Timestamp
    /// Present when a second of the worker's clock was over, and with it what time did to flows and sessions.
    package var second: Second?
    /// Where its part of ``WorkerBatch/work`` and ``WorkerBatch/observations`` ends.
    package var workEnd: Int
    package var observationsEnd: Int
  }

  /// A second that is over.
  package struct Second: Sendable {
    package var look: Sight.Look
    /// It is the end of everything, and of no second.
    package var isEnd = false
    /// Shares of the round; nil where no round was over with the second, or these wait for the next.
    package var pulses: [SharePulse]?
    /// Nil where no minute was over with the second, or it waits for the next.
    package var minute: Minute?
  }

  /// What has gone through an open flow.
  package struct Volume: Sendable {
    package var volume: FlowVolume
    /// The flow's place in the worker's table.
    package var slot: Int
    package var facts: FlowFacts
  }

  /// What a minute came to.
  package struct Minute: Sendable {
    package var work: [SessionWork] = []
    package var volumes: [Volume] = []
  }

  package var moments: [Moment] = []
  /// Of sessions that ended. It comes before what was observed in the same moment.
  package var work: [SessionWork] = []
  package var observations: [Observation] = []
  /// When the worker's clock began to go; nil before it has.
  package var began: Timestamp?
  /// Nothing that happened before this will be handed over any more; nil before the clock has begun.
  package var watermark: Timestamp?
  /// How the worker's tables stand.
  package var counts = PacketCounts()
  /// How the interfaces stand that the worker captures from, in the order of the policy.
  package var interfaces: [InterfaceAccount] = []
  /// The worker has ended: nothing comes after this.
  package var isLast = false

  package init() {}

  /// What the worker says of one of its interfaces.
  package struct InterfaceAccount: Sendable {
    package var isUp: Bool
    /// Why no frames can arrive, for a person; empty while they can.
    package var reason: String
    /// Since the start, over all times that it was opened.
    package var statistics: CaptureStatistics

    package init(isUp: Bool, reason: String, statistics: CaptureStatistics) {
      self.isUp = isUp
      self.reason = reason
      self.statistics = statistics
    }
  }

  /// Rounds and minutes that are in it. What a further one would say waits in the sessions for the next.
  var rounds = 0
  var hasMinute = false

  /// Whether there is room for more to be observed: what comes then is lost, and counted.
  var isFull: Bool {
    observations.count >= Limits.handedObservations || moments.count >= Limits.handedObservations
  }
}
