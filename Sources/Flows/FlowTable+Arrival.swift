import Capture
import Decode

/// New flows, packets of flows that are over, and packets of protocols without streams.
extension FlowTable {
  /// The first packet of a flow.
  @inline(never)
  mutating func receiveFirst(
    _ packet: inout Packet, _ frame: RawSpan
  ) -> FlowUpdate {
    now = packet.timestamp
    let (key, sender) = FlowKey.of(&packet)
    guard let slot = makeFlow(&packet, key, sender) else {
      statistics.refused += 1
      var update = FlowUpdate()
      update.hasEnded = firstEnded != 0
      update.isLocal = packet.isLocal
      return update
    }
    let stream = slot * 2 + Int(sender.rawValue)
    streams[stream].counters.packets = 1
    streams[stream].counters.bytes = UInt64(truncatingIfNeeded: packet.networkLength)
    var update = receiveSpecial(&packet, frame, slot, sender, packet.timestamp)
    update.isNew = true
    return update
  }

  /// Any packet that is not a plain segment of a followed stream.
  @inline(never)
  mutating func receiveSpecial(
    _ packet: inout Packet, _ frame: RawSpan, _ slot: Int, _ sender: End, _ lastSeen: Timestamp
  ) -> FlowUpdate {
    now = packet.timestamp
    dueTimes.forget(slot)
    if records[slot].phase != .live {
      return receiveAfterEnd(&packet, frame, slot, sender)
    }
    let stream = slot * 2 + Int(sender.rawValue)
    if !streams[stream].flags.contains(.heard) {
      hear(stream, slot, &packet)
    }
    var update = FlowUpdate(slot, sender, application: records[slot].applicationState)
    if packet.transport == .tcp {
      receiveSegment(&packet, frame, slot, lastSeen, &update)
    } else {
      update.isLocal = packet.isLocal
      if !records[slot].flags.contains(.ignored) {
        update.payloadOffset = packet.payloadOffset
        update.payloadLength = packet.payloadLength
      }
    }
    // A FIN may wait for what is held.
    update.hasEnded = firstEnded != 0 || update.hasHeld
    return update
  }

  /// - Returns: the slot of a new flow; nil when no room could be made.
  mutating func makeFlow(_ packet: inout Packet, _ key: FlowKey, _ sender: End) -> Int? {
    // Every slot waits for its end to be read: another end would have no place to wait.
    guard firstFree != 0 || usedSlots < records.count else { return nil }
    if buckets.count >= capacity { makeRoom() }
    guard buckets.count < capacity, let slot = takeSlot() else { return nil }
    statistics.made += 1
    lastID &+= idStep
    var record = FlowRecord()
    record.key = key
    record.lastSeen = max(packet.timestamp, sweepTime)
    record.phase = .live
    records[slot] = record
    origins[slot] = origin(&packet, key, sender)
    if packet.tunnel.kind != .none { tunnels[slot] = TunnelRecord(tunnel: packet.tunnel) }
    for stream in slot * 2...slot * 2 + 1 {
      streams[stream] = StreamRecord()
      starts[stream] = StreamStart()
    }
    let other = slot * 2 + Int(sender.other.rawValue)
    starts[other].mac = packet.destinationMAC
    buckets.insert(slot, hash(key))
    // Joined in the middle, a connection may well be followed from one side only and still be worth keeping.
    if packet.transport != .tcp || packet.tcp.flags.contains(.synchronize) {
      unanswered.append(slot)
    }
    return slot
  }

  private func origin(_ packet: inout Packet, _ key: FlowKey, _ sender: End) -> FlowOrigin {
    var origin = FlowOrigin()
    origin.id = lastID
    origin.firstSeen = packet.timestamp
    origin.tunnel = packet.tunnel.kind
    origin.interface = packet.interface
    origin.outerVLAN = packet.outerVLAN
    origin.innerVLAN = packet.innerVLAN
    origin.vlanCount = packet.vlanCount
    if packet.transport == .icmp || packet.transport == .icmpv6 {
      origin.icmpType = UInt8(truncatingIfNeeded: packet.sourcePort)
      (origin.client, origin.basis) = ServerPorts.client(
        ofICMPType: origin.icmpType, packet.transport, from: sender)
    } else {
      (origin.client, origin.basis) = ServerPorts.client(portOfA: key.port(.a), portOfB: key.port(.b))
    }
    return origin
  }

  private mutating func takeSlot() -> Int? {
    if firstFree != 0 {
      let slot = Int(firstFree) - 1
      firstFree = records[slot].link
      return slot
    }
    guard usedSlots < records.count else { return nil }
    usedSlots += 1
    return usedSlots - 1
  }

  /// The first packet of one end.
  private mutating func hear(_ stream: Int, _ slot: Int, _ packet: inout Packet) {
    streams[stream].flags.insert(.heard)
    starts[stream].mac = packet.sourceMAC
    if streams[stream ^ 1].flags.contains(.heard) {
      unanswered.remove(slot)
    }
  }

  /// A packet of a connection that is over.
  ///
  /// Late segments are ignored. A SYN with a new number is a new connection. So is what goes on after what was the end:
  /// the FIN or RST was forged, and a stream must not get rid of its observer so easily. What only may be that, because it
  /// may have been in flight, counts after a while.
  private mutating func receiveAfterEnd(_ packet: inout Packet, _ frame: RawSpan, _ slot: Int, _ sender: End)
    -> FlowUpdate
  {
    var update = FlowUpdate()
    update.hasEnded = firstEnded != 0
    update.isLocal = packet.isLocal
    guard records[slot].phase == .lingering, packet.transport == .tcp else { return update }
    let stream = slot * 2 + Int(sender.rawValue)
    let startsOver: Bool
    let livesOn = packet.tcp.flags.isDisjoint(with: [.synchronize, .reset]) && livesOn(&packet, stream)
    if packet.tcp.flags.contains(.synchronize) {
      let isRepeat =
        streams[stream].flags.contains(.sawSynchronize) && starts[stream].initial == packet.tcp.sequence
      startsOver = !isRepeat && !packet.tcp.flags.contains(.reset)
    } else {
      let end = packet.tcp.sequence.advanced(byBytes: packet.claimedPayloadLength)
      startsOver =
        livesOn
        || packet.claimedPayloadLength > 0 && end.distance(from: streams[stream].next) > 0
          && packet.timestamp.nanoseconds(since: origins[slot].endedAt) >= FlowTimeouts.inFlight
    }
    guard startsOver else { return update }
    let client = origins[slot].client
    free(slot)
    update = receiveFirst(&packet, frame)
    guard livesOn, update.flow != .none else { return update }
    setClient(update.flow, client, basis: .content)
    let bytes = frame.extracting(packet.payload).copy(from: 0, limit: 64)
    note(StreamConflict(kind: .goesOn, sequence: packet.tcp.sequence, first: [], second: bytes), &update)
    return update
  }
}
