package import Decode

/// What the table knows of a flow, and what others tell it.
extension FlowTable {
  package func summary(of flow: FlowIndex) -> FlowSummary {
    let slot = Int(flow.rawValue)
    let (record, origin) = (records[slot], origins[slot])
    return FlowSummary(
      id: origin.id, a: side(.a, slot), b: side(.b, slot), client: origin.client, basis: origin.basis,
      sawStart: record.flags.contains(.sawStart), ipProtocol: record.key.ipProtocol, icmpType: origin.icmpType,
      outerVLAN: origin.outerVLAN, innerVLAN: origin.innerVLAN, vlanCount: origin.vlanCount,
      interface: origin.interface, firstSeen: origin.firstSeen, lastSeen: record.lastSeen,
      isIdentified: record.flags.contains(.identified), endedBy: record.connection.endedBy,
      tunnel: origin.tunnel == .none ? Tunnel() : tunnels[slot].tunnel)
  }

  /// Slots that were ever used: flows that are open stand below this.
  package var slotsInUse: Int { usedSlots }

  /// The flow in a slot, where one is alive.
  package func openFlow(inSlot slot: Int) -> FlowIndex? {
    records[slot].phase == .live ? FlowIndex(rawValue: UInt32(truncatingIfNeeded: slot)) : nil
  }

  /// The flow's number, unique in one run.
  package func id(of flow: FlowIndex) -> UInt64 {
    origins[Int(flow.rawValue)].id
  }

  /// Packets that one end has sent.
  package func packets(of flow: FlowIndex, sentBy end: End) -> UInt64 {
    streams[Int(flow.rawValue) * 2 + Int(end.rawValue)].counters.packets
  }

  /// Bytes that an end has sent, headers of IP and TCP among them.
  package func byteCount(of flow: FlowIndex, from end: End) -> UInt64 {
    streams[Int(flow.rawValue) * 2 + Int(end.rawValue)].counters.bytes
  }

  /// Whether all was seen that an end has said so far, as its receiver's acknowledgments tell.
  package func isSeenWhole(_ flow: FlowIndex, from end: End) -> Bool {
    let stream = streams[Int(flow.rawValue) * 2 + Int(end.rawValue)]
    return stream.flags.isSuperset(of: [.heard, .synchronized]) && !stream.flags.contains(.gapAhead)
      && stream.acknowledged.distance(from: stream.next) <= 0
  }

  /// The hardware address of an end, as ``FlowSummary/Side/mac``.
  package func mac(of flow: FlowIndex, _ end: End) -> MACAddress {
    starts[Int(flow.rawValue) * 2 + Int(end.rawValue)].mac
  }

  private func side(_ end: End, _ slot: Int) -> FlowSummary.Side {
    let stream = slot * 2 + Int(end.rawValue)
    let key = records[slot].key
    return FlowSummary.Side(
      address: key.address(end), port: key.port(end), mac: starts[stream].mac, counters: streams[stream].counters,
      missedBytes: details[stream].missedBytes)
  }

  /// Flows in the table: alive, or over and waiting for late segments.
  package var count: Int { buckets.count }

  /// Which end is the client, and why we think so.
  package func client(_ flow: FlowIndex) -> (end: End, basis: DirectionBasis) {
    let origin = origins[Int(flow.rawValue)]
    return (origin.client, origin.basis)
  }

  /// Says which end is the client. A basis no stronger than the one that is known changes nothing.
  package mutating func setClient(_ flow: FlowIndex, _ end: End, basis: DirectionBasis) {
    let slot = Int(flow.rawValue)
    guard basis > origins[slot].basis else { return }
    origins[slot].client = end
    origins[slot].basis = basis
  }

  /// What the flow carries is known: it will not be called undecided.
  package mutating func markIdentified(_ flow: FlowIndex) {
    records[Int(flow.rawValue)].flags.insert(.identified)
  }

  package func isIdentified(_ flow: FlowIndex) -> Bool {
    records[Int(flow.rawValue)].flags.contains(.identified)
  }

  /// The flow carries questions that are answered at once: it is over soon after the last answer.
  package mutating func markConsultation(_ flow: FlowIndex) {
    let slot = Int(flow.rawValue)
    guard records[slot].flags.insert(.isConsultation).inserted else { return }
    _ = consultations.append(slot)
  }

  /// 32 bits for the caller's own use, 0 in a new flow.
  package func applicationState(_ flow: FlowIndex) -> UInt32 {
    records[Int(flow.rawValue)].applicationState
  }

  package mutating func setApplicationState(_ flow: FlowIndex, _ state: UInt32) {
    records[Int(flow.rawValue)].applicationState = state
  }
}
