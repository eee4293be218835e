package import Capture
import Decode

/// How flows end: by timeout, to make room, at shutdown; and how that is told.
extension FlowTable {
  // MARK: Sweep

  /// Sweeps a tenth of the table, or all of a small one. To be called about once a second of packet time; each call's work is
  /// bounded.
  ///
  /// A flow is judged by the earlier of this call's time and the last one's, so that one frame with a wild timestamp ends
  /// nothing.
  package mutating func tick(_ time: Timestamp) {
    now = time
    sweepTime = min(time, previousTick ?? time)
    previousTick = time
    endConsultations()
    let turn = sweep.turn(of: usedSlots)
    sweep(turn.0)
    sweep(turn.1)
  }

  /// Ends the look-ups that are over. A site that starts makes thousands a second, more than should wait for the sweep.
  private mutating func endConsultations() {
    while let slot = consultations.first {
      let isAwaited = records[slot].phase == .live && records[slot].flags.contains(.isConsultation)
      if isAwaited, sweepTime.nanoseconds(since: origins[slot].firstSeen) < FlowTimeouts.answered { return }
      _ = consultations.popFirst()
      if isAwaited { endIfIdle(slot, sweepTime) }
    }
  }

  private mutating func sweep(_ slots: Range<Int>) {
    var slot = slots.lowerBound
    while let due = dueTimes.next(in: slot..<slots.upperBound, at: sweepTime) {
      sweep(due, sweepTime)
      slot = due + 1
    }
  }

  private mutating func sweep(_ slot: Int, _ time: Timestamp) {
    switch records[slot].phase {
    case .free, .ended:
      break
    case .lingering:
      if time.nanoseconds(since: origins[slot].endedAt) >= FlowTimeouts.closing { free(slot) }
    case .live:
      if endIfIdle(slot, time) { return }
      offer(slot, time)
      leaveAlone(slot)
    }
  }

  /// - Returns: whether the flow had been silent for too long, and is over.
  @discardableResult
  private mutating func endIfIdle(_ slot: Int, _ time: Timestamp) -> Bool {
    guard time.nanoseconds(since: records[slot].lastSeen) >= timeout(slot) else { return false }
    statistics.expired += 1
    end(slot, .idle)
    return true
  }

  /// Leaves an identified connection alone until it may be over, unless something else than its next segment comes.
  private mutating func leaveAlone(_ slot: Int) {
    guard case .established = records[slot].connection, records[slot].flags.contains(.identified),
      streams[slot * 2].flags.union(streams[slot * 2 + 1].flags).isDisjoint(with: .holding)
    else { return }
    dueTimes.wait(slot, until: records[slot].lastSeen.advanced(byNanoseconds: FlowTimeouts.established))
  }

  /// Puts a live flow into the queues that it has become due for.
  private mutating func offer(_ slot: Int, _ time: Timestamp) {
    // Mostly nothing is held anywhere, and the sweep need not look at every stream.
    if heldBytesInUse > 0 {
      for stream in slot * 2...slot * 2 + 1 where streams[stream].flags.contains(.holding) {
        if time.nanoseconds(since: details[stream].holeSince) >= FlowTimeouts.hole { _ = stalled.append(stream) }
      }
    }
    if records[slot].flags.isDisjoint(with: [.identified, .calledUndecided]),
      time.nanoseconds(since: origins[slot].firstSeen) >= FlowTimeouts.undecided, undecided.append(slot)
    {
      records[slot].flags.insert(.calledUndecided)
    }
  }

  private func timeout(_ slot: Int) -> Int64 {
    switch records[slot].connection {
    case .unseen where records[slot].key.ipProtocol == IPProtocol.udp:
      isAnswered(slot) ? FlowTimeouts.answered : FlowTimeouts.udp
    case .unseen: FlowTimeouts.other
    case .opening, .answered: FlowTimeouts.opening
    case .established: FlowTimeouts.established
    case .closing, .closed, .reset: FlowTimeouts.closing
    }
  }

  /// Datagrams that the client of a look-up may have sent: its questions for addresses of both kinds, each seen twice at the most.
  /// Who asks more keeps its port, and may ask again.
  private static var questionsAtOnce: UInt64 { 4 }

  /// Whether all that was asked in a look-up has its answer.
  private func isAnswered(_ slot: Int) -> Bool {
    guard records[slot].flags.contains(.isConsultation) else { return false }
    let client = slot * 2 + Int(origins[slot].client.rawValue)
    let questions = streams[client].counters.packets
    return 1...Self.questionsAtOnce ~= questions && streams[client ^ 1].counters.packets >= questions
  }

  /// A stream whose hole was given up because of its age: deliver what ``nextHeld(_:_:)`` has for it.
  package mutating func nextStalled() -> (flow: FlowIndex, sender: End)? {
    while let stream = stalled.popFirst() {
      guard records[stream / 2].phase == .live else { continue }
      dropUnconfirmed(stream)
      guard mayDeliverHeld(stream) else { continue }
      return (FlowIndex(rawValue: UInt32(truncatingIfNeeded: stream / 2)), stream & 1 == 0 ? .a : .b)
    }
    return nil
  }

  /// A flow that is 10 s old and not identified. Each is given once.
  package mutating func nextUndecided() -> FlowIndex? {
    while let slot = undecided.popFirst() {
      guard records[slot].phase == .live, records[slot].flags.contains(.calledUndecided),
        !records[slot].flags.contains(.identified)
      else { continue }
      return FlowIndex(rawValue: UInt32(truncatingIfNeeded: slot))
    }
    return nil
  }

  // MARK: End

  /// Ends every flow that is alive: ``nextEnded()`` then gives them one by one.
  package mutating func endAll() {
    shutdownCursor = shutdownCursor ?? 0
  }

  /// A flow that is over, and why. It stays readable until it is released. Read ``summary(of:)`` after the last of
  /// ``nextHeld(_:_:)``, which may still count missing bytes.
  package mutating func nextEnded() -> (flow: FlowIndex, reason: FlowEnd)? {
    if firstEnded == 0 { endNextAtShutdown() }
    guard firstEnded != 0 else { return nil }
    let slot = Int(firstEnded) - 1
    firstEnded = records[slot].link
    if firstEnded == 0 { lastEnded = 0 }
    records[slot].link = 0
    return (FlowIndex(rawValue: UInt32(truncatingIfNeeded: slot)), records[slot].end)
  }

  private mutating func endNextAtShutdown() {
    guard var slot = shutdownCursor else { return }
    while slot < usedSlots, records[slot].phase != .live { slot += 1 }
    if slot < usedSlots { end(slot, .shutdown) }
    shutdownCursor = slot
  }

  /// The end of a flow was dealt with. Its index is no longer valid.
  package mutating func release(_ flow: FlowIndex) {
    let slot = Int(flow.rawValue)
    guard records[slot].phase == .ended else { return }
    dropHeld(slot * 2)
    dropHeld(slot * 2 + 1)
    switch records[slot].end {
    case .finished, .reset: records[slot].phase = .lingering
    case .idle, .evicted, .replaced, .shutdown: free(slot)
    }
  }

  /// Ends a live flow and puts it into the queue of those.
  mutating func end(_ slot: Int, _ reason: FlowEnd) {
    count(reason)
    for stream in slot * 2...slot * 2 + 1 { missTail(stream) }
    records[slot].phase = .ended
    dueTimes.forget(slot)
    records[slot].end = reason
    records[slot].link = 0
    origins[slot].endedAt = now
    unanswered.remove(slot)
    updateFastPath(slot)
    // After a FIN or RST the place in the table is kept, for late segments.
    if reason != .finished, reason != .reset { buckets.remove(slot, hash(records[slot].key)) }
    let plusOne = UInt32(truncatingIfNeeded: slot + 1)
    if lastEnded == 0 { firstEnded = plusOne } else { records[Int(lastEnded) - 1].link = plusOne }
    lastEnded = plusOne
  }

  private mutating func count(_ reason: FlowEnd) {
    switch reason {
    case .finished: statistics.finished += 1
    case .reset: statistics.reset += 1
    case .replaced: statistics.replaced += 1
    case .idle, .evicted, .shutdown: break
    }
  }

  /// Counts what was acknowledged at the stream's end and never seen.
  private mutating func missTail(_ stream: Int) {
    guard streams[stream].flags.contains(.synchronized), isFollowed(stream) else { return }
    let seen = held.end(of: details[stream].held) ?? streams[stream].next
    let missed = streams[stream].acknowledged.distance(from: seen)
    // A FIN takes a number but is no byte; one that was not seen is not worth a word.
    if missed > 1 { miss(missed, stream) }
  }

  /// Gives a slot back whose end was told. Its place in the table, if it has one still, is given up.
  mutating func free(_ slot: Int) {
    buckets.remove(slot, hash(records[slot].key))
    details.remove(slot * 2)
    details.remove(slot * 2 + 1)
    records[slot].phase = .free
    records[slot].link = firstFree
    firstFree = UInt32(truncatingIfNeeded: slot + 1)
  }

  // MARK: Room

  /// How many flows are looked at to find one that makes room.
  private static var sample: Int { 16 }

  /// Makes room for one flow: the oldest that was never answered, else of a random sample one that is over, else the
  /// idlest one, those that only one end has spoken in before others.
  mutating func makeRoom() {
    if let slot = unanswered.oldest {
      statistics.evictedUnanswered += 1
      end(slot, .evicted)
      return
    }
    var victim: (slot: Int, isAnswered: Bool, lastSeen: Timestamp)?
    for _ in 0..<Self.sample {
      let slot = Int(truncatingIfNeeded: FlowHash.next(&randomState).multipliedFullWidth(by: UInt64(usedSlots)).high)
      if records[slot].phase == .lingering {
        free(slot)
        return
      }
      guard records[slot].phase == .live else { continue }
      let isAnswered = streams[slot * 2].flags.intersection(streams[slot * 2 + 1].flags).contains(.heard)
      let lastSeen = records[slot].lastSeen
      if let victim, (victim.isAnswered ? 1 : 0, victim.lastSeen) <= (isAnswered ? 1 : 0, lastSeen) { continue }
      victim = (slot, isAnswered, lastSeen)
    }
    guard let victim else { return }
    statistics.evictedIdle += 1
    end(victim.slot, .evicted)
  }
}
