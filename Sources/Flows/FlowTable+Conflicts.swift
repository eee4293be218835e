import Capture
package import Decode

/// Packets that contradict each other. None is an accident: each is told, up to a number a flow.
extension FlowTable {
  /// Compares a retransmission with what was delivered.
  mutating func compare(_ later: RawSpan, _ sequence: UInt32, _ stream: Int, _ update: inout FlowUpdate) {
    let found = recent.difference(later, sequence: sequence, stream: stream, last: streams[stream].recent)
    guard let found else { return }
    let second = later.copy(from: found.offset, limit: 64)
    note(
      StreamConflict(sequence: sequence.advanced(byBytes: found.offset), first: found.delivered, second: second),
      &update)
  }

  mutating func note(_ conflict: StreamConflict, _ update: inout FlowUpdate) {
    statistics.conflicts += 1
    let slot = Int(update.flow.rawValue)
    guard Int(origins[slot].conflicts) < Limits.conflictsPerFlow, !update.conflict else { return }
    origins[slot].conflicts += 1
    pendingConflict = conflict
    update.conflict = true
  }

  /// Urgent data is told wherever a stream is read: nobody who mines or manages a miner sends any.
  mutating func noteUrgent(_ packet: inout Packet, _ frame: RawSpan, _ slot: Int, _ update: inout FlowUpdate) {
    guard !records[slot].flags.contains(.ignored) else { return }
    let bytes = frame.extracting(packet.payload).copy(from: 0, limit: 64)
    note(StreamConflict(kind: .urgent, sequence: packet.tcp.sequence, first: [], second: bytes), &update)
  }

  /// Notes that the datagram which this update came of was put together from fragments that contradict each other.
  package mutating func noteDispute(_ update: inout FlowUpdate) {
    guard update.flow != .none else { return }
    note(StreamConflict(kind: .fragments, sequence: 0, first: [], second: []), &update)
  }

  /// Notes that a packet which was taken in before is contradicted now.
  ///
  /// - Parameter packet: with that packet's addresses, protocol and ports, and no payload.
  /// - Returns: what to hand on; of no flow when its flow is not followed any more.
  package mutating func disputed(_ packet: inout Packet, _ frame: RawSpan) -> FlowUpdate {
    let (key, sender) = FlowKey.of(&packet)
    let slot = buckets.find(hash(key)) { records[$0].key == key }
    var update = FlowUpdate()
    if slot >= 0, records[slot].phase == .live {
      update = FlowUpdate(slot, sender, application: records[slot].applicationState)
    } else if slot < 0, packet.transport == .udp {
      // Cut off by a false end it was no datagram, and made no flow.
      update = receiveFirst(&packet, frame)
    }
    noteDispute(&update)
    return update
  }

  /// Whether a segment shows that a connection lives which looked over, so that its FIN or RST was forged or is not its
  /// receiver's to obey.
  ///
  /// Behind its own FIN or RST an end has nothing more to say. And who took a RST acknowledges no more of what the other
  /// sends; what was sent before has been seen.
  func livesOn(_ packet: inout Packet, _ stream: Int) -> Bool {
    guard isFollowed(stream), streams[stream].flags.contains(.synchronized) else { return false }
    let end = packet.tcp.sequence.advanced(byBytes: packet.claimedPayloadLength)
    if streams[stream].flags.contains(.sawFinish), packet.claimedPayloadLength > 0,
      packet.tcp.sequence.distance(from: details[stream].finish) >= 0,
      (1...Self.plausibleDistance).contains(end.distance(from: streams[stream].next))
    {
      return true
    }
    guard packet.tcp.flags.contains(.acknowledge), streams[stream ^ 1].flags.contains(.synchronized) else {
      return false
    }
    // A FIN takes a number.
    let known = streams[stream ^ 1].next &+ (streams[stream ^ 1].flags.contains(.sawFinish) ? 1 : 0)
    return (1...Self.plausibleDistance).contains(packet.tcp.acknowledgment.distance(from: known))
  }
}
