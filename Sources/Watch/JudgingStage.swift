package import Capture
package import Flows
package import Policy
package import Protocols
package import Rules

/// What happens to what was observed, for the whole site: the part of the way that one analyst does.
///
///     observations ─▶ rules ─▶ findings
///
/// All that is handed to it comes in order of packet time. Shares come before what was observed later than they were found.
package struct JudgingStage: ~Copyable {
  package private(set) var analyst: Analyst
  /// Whether the watch has begun.
  package private(set) var isOpen = false
  /// Flows of miners that ended since the last ``takeEndedFlows()``; kept only when somebody wants them.
  package private(set) var endedFlows: [EndedFlow] = []
  /// Accounts of the minutes since the last ``takeMinutes()``; kept only when somebody wants them.
  package private(set) var minutes: [MinuteAccount] = []
  /// What was observed since the last ``takeObservations()``; kept only when somebody learns.
  private var observed: [Observation] = []

  /// Who wants what.
  package struct Readers: Sendable {
    /// Somebody writes flow records.
    package var wantEndedFlows = false
    /// Somebody reads the minutes' accounts.
    package var wantMinutes = false
    /// Somebody learns from what is observed.
    package var wantObservations = false

    package init(wantEndedFlows: Bool = false, wantMinutes: Bool = false, wantObservations: Bool = false) {
      self.wantEndedFlows = wantEndedFlows
      self.wantMinutes = wantMinutes
      self.wantObservations = wantObservations
    }
  }

  package var readers: Readers

  package struct EndedFlow: Sendable {
    package let facts: FlowFacts
    package let totals: FlowTotals
    package let application: AppProtocol?
  }

  /// - Parameter memory: what is known of the site from before.
  package init(policy: Policy, memory: SiteMemory, readers: Readers) {
    analyst = Analyst(policy: policy, memory: memory)
    self.readers = readers
  }

  /// The watch begins.
  package mutating func open(at time: Timestamp) {
    isOpen = true
    analyst.openMinute(at: time)
  }

  // MARK: What was said

  /// Hands what was observed to the rules.
  package mutating func judge(_ observations: ArraySlice<Observation>) {
    if readers.wantObservations { observed += observations }
    // By index: each would be copied out otherwise.
    for index in observations.indices {
      analyst.observe(observations[index])
      if readers.wantEndedFlows { keepEndedFlow(observations[index]) }
    }
  }

  private mutating func keepEndedFlow(_ observation: Observation) {
    guard let flow = observation.flow, case .flowEnded(let totals, let application) = observation.content else {
      return
    }
    endedFlows.append(EndedFlow(facts: flow, totals: totals, application: application))
  }

  /// What the sensor has to say about itself, judged like anything else.
  package mutating func observe(_ event: SensorEvent, at time: Timestamp) {
    analyst.observe(Observation(time: time, flow: nil, content: .sensor(event)))
  }

  // MARK: Shares and bytes

  /// Books the answers to shares, before the end of their session is judged.
  package mutating func book(_ work: ArraySlice<SessionWork>) {
    if !work.isEmpty { analyst.book(work) }
  }

  /// Takes pulses of a round.
  package mutating func hear(_ pulses: [SharePulse]) {
    analyst.hear(pulses)
  }

  /// Ends a round, whose pulses were all heard.
  package mutating func endRound(look: Sight.Look, at second: Timestamp) {
    analyst.endRound(look: look, at: second)
  }

  /// A capture is at its end, after so many packets in all, and another follows.
  package mutating func endCapture(after packets: UInt64) {
    analyst.endCapture(after: packets)
  }

  /// Takes in what has gone through an open flow so far.
  ///
  /// - Parameters:
  ///   - slot: the flow's place in its table.
  ///   - facts: asked of a flow that is too much by itself.
  package mutating func hear(_ volume: FlowVolume, inSlot slot: Int, _ facts: () -> FlowFacts) {
    if analyst.count(volume, inSlot: slot) { analyst.tell(volume, in: facts()) }
  }

  // MARK: Time

  /// Lets a second pass, after what was observed until then.
  package mutating func tick(_ second: Timestamp) {
    analyst.tick(second)
  }

  /// A minute is over, and all work in it is booked.
  package mutating func closeMinute(at second: Timestamp) {
    if let account = analyst.closeMinute(at: second, isWanted: readers.wantMinutes) { minutes.append(account) }
  }

  /// Judges what was held back. Nothing may be judged afterwards.
  package mutating func finish() {
    analyst.finish()
  }

  /// From the next observation on this policy decides.
  package mutating func reload(_ policy: Policy) {
    analyst.reload(policy)
  }

  // MARK: What came of it

  package var hasFindings: Bool { analyst.hasFindings }

  package mutating func takeFindings() -> [Finding] {
    analyst.takeFindings()
  }

  package mutating func takeObservations() -> [Observation] {
    defer { observed.removeAll(keepingCapacity: true) }
    return observed
  }

  package mutating func takeEndedFlows() -> [EndedFlow] {
    defer { endedFlows.removeAll(keepingCapacity: true) }
    return endedFlows
  }

  package mutating func takeMinutes() -> [MinuteAccount] {
    defer { minutes.removeAll() }
    return minutes
  }
}
