import Capture
import Decode

/// SYN and RST: connections that begin, begin again, and break off.
extension FlowTable {
  enum HandshakeDecision {
    case proceed
    case ignore
    /// A new connection has taken the ports over.
    case replace
  }

  /// Lets the connection's state see a segment without RST, and judges a SYN.
  mutating func receiveHandshake(_ packet: inout Packet, _ slot: Int, _ sender: End, _ lastSeen: Timestamp)
    -> HandshakeDecision
  {
    let stream = slot * 2 + Int(sender.rawValue)
    let flags = packet.tcp.flags
    guard flags.contains(.synchronize) else {
      if confirmsPendingSYN(&packet, slot, sender) { return .replace }
      // A FIN counts when its stream is complete up to it.
      _ = records[slot].connection.receive(flags.subtracting(.finish), from: sender)
      return .proceed
    }
    let sawOne = streams[stream].flags.contains(.sawSynchronize)
    if sawOne, starts[stream].initial == packet.tcp.sequence {
      // Sent again.
      _ = records[slot].connection.receive(flags.subtracting(.finish), from: sender)
      return .proceed
    }
    let before = records[slot].connection
    if sawOne, before == .answered(client: sender.other), flags.contains(.acknowledge), streams[stream].recent == 0 {
      streams[stream].flags.insert(.contested)
      return .ignore
    }
    let isOpening = before == .opening(by: sender) && !flags.contains(.acknowledge)
    let action = records[slot].connection.receive(flags.subtracting(.finish), from: sender)
    switch action {
    case .client(let client) where !sawOne:
      begin(&packet, stream)
      setClient(FlowIndex(rawValue: UInt32(truncatingIfNeeded: slot)), client, basis: .handshake)
      return .proceed
    case .nothing where isOpening || !streams[stream].flags.contains(.synchronized):
      // Unanswered as yet: the newer number counts, and the answer will name the right one.
      begin(&packet, stream)
      return .proceed
    case .startOver:
      return .replace
    case .nothing, .client, .question, .end:
      return judge(&packet, slot, sender, lastSeen)
    }
  }

  /// Follows a stream from its SYN on. A SYN that acknowledges names the other stream's first number too.
  private mutating func begin(_ packet: inout Packet, _ stream: Int) {
    let initial = packet.tcp.sequence
    records[stream / 2].flags.insert(.sawStart)
    restart(stream, initial: initial)
    guard packet.tcp.flags.contains(.acknowledge) else { return }

    let other = stream ^ 1
    let acknowledged = packet.tcp.acknowledgment
    let delivered = streams[other].next &- starts[other].initial &- 1
    if streams[other].flags.contains(.synchronized), acknowledged &- starts[other].initial &- 1 <= delivered { return }
    // The SYN was missed, or there were several and this answers another than the last.
    restart(other, initial: acknowledged &- 1)
  }

  /// Follows a stream from its SYN's number on. If data was delivered before, under another number, a gap comes first.
  mutating func restart(_ stream: Int, initial: UInt32) {
    dropHeld(stream)
    synchronize(stream, at: initial &+ 1)
    streams[stream].flags.subtract([.gapAhead, .straying, .sawFinish])
    streams[stream].flags.insert(.sawSynchronize)
    starts[stream].initial = initial
    if streams[stream].recent != 0 { announceGap(stream, missing: 0) }
  }

  /// A SYN with a new number inside a connection that seems alive.
  ///
  /// It may be a new connection, after a power cut for instance, or forged to make us lose the old one. Only the other
  /// end's answer tells, or data that follows; until then the old connection stands.
  private mutating func judge(_ packet: inout Packet, _ slot: Int, _ sender: End, _ lastSeen: Timestamp)
    -> HandshakeDecision
  {
    if packet.timestamp.nanoseconds(since: lastSeen) >= FlowTimeouts.idleBeforeReplacement { return .replace }
    if packet.tcp.flags.contains(.acknowledge) {
      return confirmsPendingSYN(&packet, slot, sender) ? .replace : .ignore
    }
    statistics.pendingSYNs += 1
    records[slot].flags.insert(.pendingSYN)
    origins[slot].pendingSYNSender = sender
    origins[slot].pendingSYNSequence = packet.tcp.sequence
    updateFastPath(slot)
    return .ignore
  }

  /// Whether a segment shows that the pending SYN was meant: its answer, or its sender's data.
  private func confirmsPendingSYN(_ packet: inout Packet, _ slot: Int, _ sender: End) -> Bool {
    guard records[slot].flags.contains(.pendingSYN) else { return false }
    let first = origins[slot].pendingSYNSequence &+ 1
    if packet.tcp.flags.contains([.synchronize, .acknowledge]) {
      return sender != origins[slot].pendingSYNSender && packet.tcp.acknowledgment == first
    }
    return sender == origins[slot].pendingSYNSender && packet.tcp.sequence == first && packet.claimedPayloadLength > 0
  }

  /// Ends the flow and makes a new one of this packet.
  mutating func replace(_ packet: inout Packet, _ frame: RawSpan, _ slot: Int, _ update: inout FlowUpdate) {
    let (key, sender) = (records[slot].key, update.sender)
    let pending = records[slot].flags.contains(.pendingSYN) ? origins[slot] : nil
    // This packet is the new flow's.
    let stream = slot * 2 + Int(sender.rawValue)
    streams[stream].counters.packets &-= 1
    streams[stream].counters.bytes &-= UInt64(truncatingIfNeeded: packet.networkLength)
    end(slot, .replaced)
    guard let new = makeFlow(&packet, key, sender) else {
      statistics.refused += 1
      update = FlowUpdate()
      return
    }
    let newStream = new * 2 + Int(sender.rawValue)
    streams[newStream].counters.packets = 1
    streams[newStream].counters.bytes = UInt64(truncatingIfNeeded: packet.networkLength)
    if let pending, pending.pendingSYNSender == sender, !packet.tcp.flags.contains(.synchronize) {
      adopt(pending, new, newStream)
    }
    update = receiveSpecial(&packet, frame, new, sender, packet.timestamp)
    update.isNew = true
  }

  /// The SYN came before; what follows is its data.
  private mutating func adopt(_ pending: FlowOrigin, _ slot: Int, _ stream: Int) {
    records[slot].connection = .opening(by: pending.pendingSYNSender)
    records[slot].flags.insert(.sawStart)
    synchronize(stream, at: pending.pendingSYNSequence &+ 1)
    streams[stream].flags.insert(.sawSynchronize)
    starts[stream].initial = pending.pendingSYNSequence
    setClient(FlowIndex(rawValue: UInt32(truncatingIfNeeded: slot)), pending.pendingSYNSender, basis: .handshake)
  }

  // MARK: Reset

  mutating func receiveReset(_ packet: inout Packet, _ slot: Int, _ sender: End) {
    let stream = slot * 2 + Int(sender.rawValue)
    guard isInWindow(&packet, stream) else {
      statistics.strays += 1
      return
    }
    if !isObeyed(&packet, stream) {
      // Something before it was not seen, or the number is wrong and its receiver goes on: silence will tell.
      if case .end = records[slot].connection.receive(.finish, from: sender) { end(slot, .reset) }
      updateFastPath(slot)
      return
    }
    if case .end(let reason) = records[slot].connection.receive(.reset, from: sender) {
      // Its own last word, wherever it stands.
      streams[stream].flags.insert(.sawFinish)
      details[stream].finish = packet.tcp.sequence
      end(slot, reason)
    }
  }

  /// Whether an endpoint obeys a RST at once (RFC 5961 §3.2): its number lies between what was acknowledged and what was seen,
  /// whichever of them is further.
  private func isObeyed(_ packet: inout Packet, _ stream: Int) -> Bool {
    guard streams[stream].flags.contains(.synchronized) else { return true }
    let fromNext = packet.tcp.sequence.distance(from: streams[stream].next)
    let fromAcknowledged = packet.tcp.sequence.distance(from: streams[stream].acknowledged)
    return min(fromNext, fromAcknowledged) <= 0 && max(fromNext, fromAcknowledged) >= 0
  }

  /// Whether a RST may be meant: its number is near its stream's, or if that is unknown, what it acknowledges is near the
  /// other stream's (the answer to a SYN has no number of its own, RFC 9293 §3.5.2).
  private func isInWindow(_ packet: inout Packet, _ stream: Int) -> Bool {
    if streams[stream].flags.contains(.synchronized) {
      return abs(packet.tcp.sequence.distance(from: streams[stream].next)) <= Self.resetWindow
    }
    guard packet.tcp.flags.contains(.acknowledge), streams[stream ^ 1].flags.contains(.synchronized) else {
      return true
    }
    return abs(packet.tcp.acknowledgment.distance(from: streams[stream ^ 1].next)) <= Self.resetWindow
  }
}
