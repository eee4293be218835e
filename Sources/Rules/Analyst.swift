package import Capture
package import Decode
package import Flows
package import Policy
package import Protocols

/// One analyst for the site: hears every observation in time order, asks the rules, and keeps the book of alerts.
///
///     observation ──▶ learn ──▶ weigh ──▶ rules that hear it ──▶ AlertBook ──▶ findings
///                                 └ held until a name may have come ┘
///
/// It reads no clock: time passes when an observation or a tick says so.
package struct Analyst: ~Copyable, Sendable {
  package private(set) var analysis: Analysis
  package private(set) var book: AlertBook
  private var held = HeldObservations()
  /// Until the first observation or tick says when the watch began.
  private var hasStarted: Bool
  private let rules: [Rule]
  /// For each kind of observation, the rules that hear it, without the texts that would be copied at each visit.
  private let listeners: [[Listener]]
  /// The same for observations that complain of a flow's destination.
  private let complainants: [[Listener]]
  private let waiting: [Waiter]
  private var nextSettling = Timestamp(nanoseconds: .min)

  /// How far time may go back and still be packets out of order. Beyond that, the clock was set or another file began.
  static let disorder = Duration.seconds(60)

  /// - Parameter startTime: when the watch begins; nil for that of the first observation.
  /// - Parameter memory: what is known of the site from before.
  package init(policy: Policy, startTime: Timestamp? = nil, memory: SiteMemory = SiteMemory()) {
    self.init(policy: policy, startTime: startTime, rules: RuleBook.rules)
    analysis.remember(memory)
  }

  init(policy: Policy, startTime: Timestamp?, rules: [Rule]) {
    analysis = Analysis(policy: policy, start: startTime ?? Timestamp(nanoseconds: 0))
    book = AlertBook(policy: policy)
    hasStarted = startTime != nil
    self.rules = rules
    let kinds = (0..<Hearing.kinds).map { Hearing(rawValue: 1 << UInt32($0)) }
    listeners = kinds.map { Self.listeners(rules, to: $0) }
    complainants = kinds.map {
      Hearing.judged.contains($0) ? Self.listeners(rules, to: [$0, .complaints]) : Self.listeners(rules, to: $0)
    }
    waiting = rules.indices.compactMap { index in
      rules[index].settle.map { Waiter(rule: index, settle: $0) }
    }
  }

  private static func listeners(_ rules: [Rule], to kinds: Hearing) -> [Listener] {
    rules.indices.filter { !rules[$0].hears.isDisjoint(with: kinds) }
      .map { Listener(rule: $0, judge: rules[$0].judge) }
  }

  /// A rule's logic, and its place in the book.
  private struct Listener: Sendable {
    let rule: Int
    let judge: @Sendable (Observation, inout Analysis) -> Judgement?
  }

  private struct Waiter: Sendable {
    let rule: Int
    let settle: @Sendable (inout Analysis) -> [Judgement]
  }

  /// Hears one observation. Those before it in time must have been heard before.
  package mutating func observe(_ observation: Observation) {
    tick(observation.time)
    if observation.flow?.basis == .guess, let flow = observation.flow, let turned = analysis.turned(flow) {
      var observation = observation
      observation.flow = turned
      observation.turnTotals()
      take(observation)
    } else {
      take(observation)
    }
  }

  private mutating func take(_ observation: Observation) {
    analysis.learn(from: observation)
    hear(observation, final: false)
  }

  /// Lets time pass: judges what was held, settles what was waited for, closes windows.
  package mutating func tick(_ now: Timestamp) {
    guard advance(to: now) else { return }
    for observation in held.due(at: now) { hear(observation, final: true) }
    book.tick(now)
    // What waits does so for seconds and more.
    guard now >= nextSettling else { return }
    nextSettling = now.advanced(by: .milliseconds(100))
    settle()
  }

  /// Ends the watch: judges all that is held and writes all that is counted.
  package mutating func finish() {
    for observation in held.all() { hear(observation, final: true) }
    analysis.commands.giveUp()
    analysis.isEnding = true
    settle()
    book.flush()
  }

  /// From here on this policy decides. What was learned, held and counted stays.
  package mutating func reload(_ policy: Policy) {
    analysis.policy = policy
    book.reload(policy)
  }

  package var hasFindings: Bool { book.hasWritten }

  /// Findings to be written since the last call, in order.
  package mutating func takeFindings() -> [Finding] {
    book.takeWritten()
  }
}

// MARK: - Time

extension Analyst {
  /// - Returns: whether time went on.
  private mutating func advance(to time: Timestamp) -> Bool {
    guard hasStarted else {
      hasStarted = true
      analysis.start = time
      analysis.now = time
      return true
    }
    if time > analysis.now {
      analysis.now = time
      return true
    }
    guard time.advanced(by: Self.disorder) < analysis.now else { return false }
    // Time was set back: no window means anything any more.
    for observation in held.all() { hear(observation, final: true) }
    analysis.redirects.forget()
    analysis.commands.giveUp()
    settle()
    nextSettling = time
    analysis.identities.forgetChanges()
    analysis.jobs.forgetTimes(time)
    analysis.allegiances.forget()
    analysis.payouts.forget()
    analysis.forgetBehaviour()
    book.flush()
    analysis.now = time
    return true
  }
}

// MARK: - Judging

extension Analyst {
  private mutating func hear(_ observation: Observation, final: Bool) {
    // What no rule wants is not weighed either.
    guard !complainants[observation.hearing.place].isEmpty else { return }
    switch analysis.weigh(observation, final: final) {
    case .hold(let deadline):
      // No room to wait: judged as it stands, which is counted.
      if !held.hold(observation, until: deadline) { hear(observation, final: true) }
    case .now(let verdict):
      if verdict.isAboutInside(observation), let flow = observation.flow { held.forgetWay(of: flow.id) }
      ask(observation, verdict)
    case .instead(let outer, let verdict): ask(outer, verdict)
    }
  }

  /// Asks every rule that hears the observation.
  private mutating func ask(_ observation: Observation, _ verdict: Verdict) {
    analysis.verdict = verdict
    analysis.countExemption()
    let place = observation.hearing.place
    for listener in verdict.isComplaint ? complainants[place] : listeners[place] {
      guard let judgement = listener.judge(observation, &analysis) else { continue }
      enter(judgement, of: rules[listener.rule], on: observation)
    }
    analysis.verdict = .none
  }

  private mutating func settle() {
    for waiter in waiting {
      for judgement in waiter.settle(&analysis) { enter(judgement, of: rules[waiter.rule], on: nil) }
    }
  }

  private mutating func enter(_ judgement: Judgement, of rule: Rule, on observation: Observation?) {
    let finding = analysis.finding(judgement, of: rule, on: observation)
    analysis.noteExchange(finding)
    analysis.disturb(by: finding)
    book.enter(finding, now: analysis.now, hasOwnLevel: judgement.level != nil, bindings: analysis.bindings)
  }
}

// MARK: - Hashrate

extension Analyst {
  /// Books the answers to shares, before the end of their session is heard.
  package mutating func book(_ work: ArraySlice<SessionWork>) {
    for done in work { analysis.book(done) }
  }

  /// Begins the first minute of hashrates.
  package mutating func openMinute(at now: Timestamp) {
    analysis.fleet.hashrates.open(at: now)
  }

  /// Ends a minute of hashrates. All work until then must have been booked.
  ///
  /// - Parameter isWanted: whether somebody reads the account.
  /// - Returns: the account of the minute, if it is wanted and was watched throughout.
  package mutating func closeMinute(at now: Timestamp, isWanted: Bool) -> MinuteAccount? {
    let seconds = analysis.closeMinute(at: now)
    guard isWanted, let seconds else { return nil }
    analysis.fleet.sawWorkers(at: now)
    return analysis.account(seconds: seconds, at: now)
  }
}

// MARK: - Presence

extension Analyst {
  /// Takes shares of the last few seconds of packet time. All that was observed until then must have been heard.
  package mutating func hear(_ pulses: [SharePulse]) {
    analysis.hear(pulses)
  }

  /// Ends these few seconds, whose shares were all heard.
  package mutating func endRound(look: Sight.Look, at now: Timestamp) {
    analysis.endRound(look: look, at: now)
    settle()
  }

  /// A capture is at its end, after so many packets in all, and another follows: nobody was to be seen between them.
  package mutating func endCapture(after packets: UInt64) {
    analysis.fleetWatch.sight.endCapture(after: packets)
  }
}

// MARK: - Traffic

extension Analyst {
  /// Takes in what has gone through an open flow so far. Said of each once a minute, before the minute is closed.
  ///
  /// - Parameter slot: the flow's place in its table.
  /// - Returns: whether it is too much by itself: then ``tell(_:in:)`` is to follow.
  package mutating func count(_ volume: FlowVolume, inSlot slot: Int) -> Bool {
    analysis.count(volume, inSlot: slot)
  }

  /// Takes in more of a flow that is too much by itself.
  package mutating func tell(_ volume: FlowVolume, in flow: FlowFacts) {
    analysis.tell(volume, in: flow)
  }
}

// MARK: - Memory

extension Analyst {
  /// What was learned, or seen, after `time`: for the store.
  ///
  /// - Parameter isLast: nothing will be asked for later.
  package func memory(after time: Timestamp, isLast: Bool = false) -> SiteMemory {
    analysis.memory(after: time, isLast: isLast)
  }
}

// MARK: - Bounds

extension Analyst {
  /// How often each bound of this stage was hit since the watch began, under its name in ``Limits/all``.
  package var boundTotals: [(bound: String, count: UInt64)] {
    [
      ("bindings", analysis.bindings.evicted),
      ("seen miners", analysis.fleet.missed.miners),
      ("watched sessions", analysis.jobs.missed &+ analysis.fleet.missed.sessions),
      ("summed workers", analysis.fleet.missed.users),
      ("hashrates", analysis.fleet.hashrates.missed),
      ("unasked answers", analysis.unaskedAnswers.forgotten),
      ("held judgements", held.refused &+ analysis.redirects.overflow),
      ("wrapped flows", analysis.wrappers.refused),
      ("waiting commands", analysis.commands.overflow),
      ("scan sources", analysis.scans.missed),
      ("files in pieces", analysis.pieces.missed),
      ("seen devices", analysis.lan.devices.missed),
      ("address owners", analysis.lan.owners.missed),
      ("asked domains", analysis.nameTraffic.missed),
      ("time pairs", analysis.timeTraffic.missed),
      ("identities", analysis.identities.missed),
      ("pools' payouts", analysis.payouts.missed), ("divided work", analysis.allegiances.missed),
      ("traffic habits", analysis.traffic.missed),
      ("compared work", analysis.switches.missed),
      ("strange destinations", analysis.newDestinations.missed &+ analysis.beacons.missed),
      ("habits", analysis.fleetWatch.missed),
      ("exchanges", analysis.exchanges.missed),
      ("open findings", book.counters.closedEarly),
    ]
  }
}

// MARK: - What was known before

extension Analyst {
  /// Remembers a machine of an earlier run, as what is kept over restarts has it: it is then not new.
  package mutating func remember(_ mac: MACAddress, at address: IPAddress) {
    analysis.lan.devices.remember(mac, at: address, time: analysis.start)
  }
}
