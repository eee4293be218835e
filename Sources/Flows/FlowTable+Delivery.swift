import Capture
import Decode

/// Delivering what was held behind a hole.
extension FlowTable {
  /// The next run of held bytes that may be delivered, or nil. Give it back with ``release(_:)-(HeldChunk)``.
  ///
  /// Once the flow is over everything held may be delivered, with gaps where bytes are missing.
  package mutating func nextHeld(_ flow: FlowIndex, _ end: End) -> HeldChunk? {
    let stream = Int(flow.rawValue) * 2 + Int(end.rawValue)
    guard mayDeliverHeld(stream), let first = held.first(of: details[stream].held) else { return nil }
    let hole = first.sequence.distance(from: streams[stream].next)
    if hole > 0 {
      skipGap(stream, missing: hole)
      streams[stream].flags.remove(.overfull)
    }
    guard let (_, buffer) = held.popFirst(of: &details[stream].held) else { return nil }
    let missing = takeGap(stream)
    Self.remember(buffer, held.buffers, &recent, stream, &streams[stream])
    if let next = held.first(of: details[stream].held) {
      if next.sequence != streams[stream].next { details[stream].holeSince = next.arrived }
    } else {
      streams[stream].flags.subtract([.holding, .overfull])
    }
    finishIfComplete(stream)
    updateFastPath(stream / 2)
    return HeldChunk(
      flow: flow, sender: end, timestamp: now, gapBefore: missing != nil, missing: missing ?? 0, buffer: buffer)
  }

  /// A chunk's bytes, lent for as long as the table is not changed.
  @_lifetime(borrow self)
  package func heldBytes(_ chunk: HeldChunk) -> RawSpan {
    held.buffers.bytes(chunk.buffer)
  }

  package mutating func release(_ chunk: HeldChunk) {
    held.buffers.release(chunk.buffer)
  }

  /// Memory that held segments take, in bytes: now, and at the most so far.
  package var heldBytesInUse: Int { held.buffers.bytesInUse }
  package var peakHeldBytesInUse: Int { held.buffers.peakBytesInUse }

  /// The conflict that the last packet brought up, once.
  package mutating func takeConflict() -> StreamConflict? {
    pendingConflict.take()
  }

  /// No dissector is interested in this flow: what is held is dropped, and from now on only counters are kept.
  package mutating func ignore(_ flow: FlowIndex) {
    let slot = Int(flow.rawValue)
    records[slot].flags.insert(.ignored)
    for stream in slot * 2...slot * 2 + 1 {
      dropHeld(stream)
      streams[stream].flags.subtract([.gapAhead, .straying])
      finishIfComplete(stream)
    }
    updateFastPath(slot)
  }

  /// Whether the first held bytes come next, or the hole in front of them is given up.
  func mayDeliverHeld(_ stream: Int) -> Bool {
    guard streams[stream].flags.contains(.holding), let first = held.first(of: details[stream].held) else {
      return false
    }
    if first.sequence.distance(from: streams[stream].next) <= 0 { return true }
    if records[stream / 2].phase != .live { return true }
    let isOverfull = streams[stream].flags.contains(.overfull)
    let age = now.nanoseconds(since: details[stream].holeSince)
    if streams[stream].acknowledged.distance(from: first.sequence) >= 0 {
      // The receiver has what we miss: it is not coming again, unless two ports of a mirror are out of step.
      return isOverfull || details[stream].held.count >= 3 || age >= FlowTimeouts.acknowledgedHole
    }
    // It has not. Where it cannot be heard at all, the bytes behind the hole must do.
    return !streams[stream ^ 1].flags.contains(.heard) && (isOverfull || age >= FlowTimeouts.hole)
  }

  /// Drops what is held in front of a receiver that is heard, and has for long not said that it has any of it: what never
  /// reached it must not move the stream on.
  mutating func dropUnconfirmed(_ stream: Int) {
    guard streams[stream].flags.contains(.holding), !mayDeliverHeld(stream),
      now.nanoseconds(since: details[stream].holeSince) >= FlowTimeouts.unconfirmed
    else { return }
    statistics.unconfirmed += 1
    dropHeld(stream)
    updateFastPath(stream / 2)
  }

  mutating func dropHeld(_ stream: Int) {
    if details.contains(stream) { held.removeAll(of: &details[stream].held) }
    streams[stream].flags.subtract([.holding, .overfull])
  }

  private static func remember(
    _ buffer: BufferIndex, _ buffers: borrowing StreamBuffers, _ recent: inout RecentBytes, _ number: Int,
    _ stream: inout StreamRecord
  ) {
    let bytes = buffers.bytes(buffer)
    stream.recent = recent.append(
      bytes, 0, bytes.byteCount, stream: number, previous: stream.recent, sequence: stream.next)
    stream.next = stream.next.advanced(byBytes: bytes.byteCount)
  }
}
