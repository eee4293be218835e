import Capture
import Decode

/// Where a stream is: what was acknowledged, what is missing, and where it has gone.
extension FlowTable {
  /// Starts following a stream at `sequence`.
  mutating func synchronize(_ stream: Int, at sequence: UInt32) {
    streams[stream].flags.insert(.synchronized)
    streams[stream].next = sequence
    streams[stream].acknowledged = sequence
  }

  /// Notes an acknowledgment by the other end.
  mutating func acknowledge(_ number: UInt32, _ stream: Int) {
    guard streams[stream].flags.contains(.synchronized) else {
      streams[stream].acknowledged = number
      return
    }
    if streams[stream].flags.contains(.contested) {
      streams[stream].flags.remove(.contested)
      if number != streams[stream].next { restart(stream, initial: number &- 1) }
    }
    if streams[stream].flags.contains(.straying), isAcknowledgedStray(number, stream) {
      resynchronize(stream, at: details[stream].strayEnd)
      streams[stream].acknowledged = number
      finishIfComplete(stream)
      return
    }
    // Further ahead than a window it acknowledges nothing that can have been sent.
    guard number.distance(from: streams[stream].next) <= Self.plausibleDistance else { return }
    if number.distance(from: streams[stream].acknowledged) > 0 {
      streams[stream].acknowledged = number
    }
  }

  // MARK: Gaps

  /// What is delivered next does not follow on what was.
  mutating func announceGap(_ stream: Int, missing: UInt32) {
    if streams[stream].flags.contains(.gapAhead) {
      let sum = details[stream].gapMissing.addingReportingOverflow(missing)
      details[stream].gapMissing = sum.overflow ? .max : sum.partialValue
    } else {
      streams[stream].flags.insert(.gapAhead)
      details[stream].gapMissing = missing
    }
    miss(Int(missing), stream)
  }

  /// Gives `missing` bytes up.
  mutating func skipGap(_ stream: Int, missing: Int) {
    announceGap(stream, missing: UInt32(truncatingIfNeeded: missing))
    streams[stream].next = streams[stream].next.advanced(byBytes: missing)
  }

  /// Puts the gap ahead, if there is one, in front of what this update delivers.
  mutating func takeGap(_ stream: Int, _ update: inout FlowUpdate) {
    guard let missing = takeGap(stream) else { return }
    update.gapBefore = true
    update.missing = missing
  }

  mutating func takeGap(_ stream: Int) -> UInt32? {
    guard streams[stream].flags.contains(.gapAhead) else { return nil }
    streams[stream].flags.remove(.gapAhead)
    statistics.gaps += 1
    return details[stream].gapMissing
  }

  func isFollowed(_ stream: Int) -> Bool {
    !records[stream / 2].flags.contains(.ignored)
  }

  mutating func miss(_ count: Int, _ stream: Int) {
    details[stream].missedBytes &+= UInt64(max(0, count))
    statistics.missedBytes &+= UInt64(max(0, count))
  }

  // MARK: Strays

  /// Notes a segment that is not where the stream is. It is part of a run when it continues the one before.
  mutating func noteStray(_ sequence: UInt32, _ count: Int, _ stream: Int) {
    if streams[stream].flags.contains(.straying), sequence == details[stream].strayEnd {
      details[stream].strays &+= 1
    } else {
      details[stream].strays = 1
      details[stream].strayStart = sequence
    }
    details[stream].strayEnd = sequence.advanced(byBytes: count)
    streams[stream].flags.insert(.straying)
  }

  /// Whether the receiver took the run of strays for the stream: it acknowledges numbers inside the run.
  ///
  /// Near the stream these could be a retransmission and a late acknowledgment of it, so that there the run must be
  /// longer and the acknowledgment one that goes back.
  private func isAcknowledgedStray(_ number: UInt32, _ stream: Int) -> Bool {
    let detail = details[stream]
    let into = number.distance(from: detail.strayStart)
    guard into > 0, into <= detail.strayEnd.distance(from: detail.strayStart) else { return false }
    if abs(detail.strayStart.distance(from: streams[stream].next)) > Self.plausibleDistance { return true }
    return detail.strays >= Self.convincingStrays
      && number.distance(from: streams[stream].acknowledged) < 0
  }

  /// Picks the stream up at other numbers: what was in between is unknown.
  mutating func resynchronize(_ stream: Int, at sequence: UInt32) {
    statistics.resynchronized += 1
    dropHeld(stream)
    streams[stream].flags.subtract([.straying, .sawFinish])
    synchronize(stream, at: sequence)
    streams[stream].flags.insert(.gapAhead)
    details[stream].gapMissing = 0
  }

  // MARK: The fast path

  /// Decides for both directions whether the next segment can take the short way.
  mutating func updateFastPath(_ slot: Int) {
    let isUsual =
      records[slot].connection == .established && records[slot].phase == .live
      && records[slot].flags.isDisjoint(with: [.ignored, .pendingSYN])
      // An acknowledgment by one end can let the other's held segments go.
      && streams[slot * 2].flags.union(streams[slot * 2 + 1].flags).isDisjoint(with: .holding)
    for stream in slot * 2...slot * 2 + 1 {
      let flags = streams[stream].flags
      if isUsual, flags.isSuperset(of: [.heard, .synchronized]), flags.isDisjoint(with: .special) {
        streams[stream].flags.insert(.plain)
      } else {
        streams[stream].flags.remove(.plain)
      }
    }
  }
}
