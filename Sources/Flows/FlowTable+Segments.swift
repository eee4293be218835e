import Capture
import Decode

/// TCP segments that are not simply next in their stream.
///
/// What an endpoint would do is in RFC 9293 §3.10.7.4; a tap cannot refuse a segment, only decide what to make of it.
extension FlowTable {
  /// How far from its stream a segment, an acknowledgment or a FIN may be and still belong to it: the largest window that
  /// Linux gives without being told to is 6 MiB, Windows 16.
  static var plausibleDistance: Int { 16 << 20 }
  /// How far from its stream a RST may be and still mean something. An endpoint demands the exact number (RFC 5961 §3.2).
  static var resetWindow: Int { 1 << 20 }
  /// Segments in a row, each continuing the last, that show that a stream has moved where the other end is not heard. Where
  /// it is, its acknowledgment tells, and no number of segments does.
  static var convincingStrays: UInt32 { 3 }

  mutating func receiveSegment(
    _ packet: inout Packet, _ frame: RawSpan, _ slot: Int, _ lastSeen: Timestamp, _ update: inout FlowUpdate
  ) {
    let sender = update.sender
    let stream = slot * 2 + Int(sender.rawValue)
    let flags = packet.tcp.flags

    if flags.contains(.reset) {
      receiveReset(&packet, slot, sender)
      return
    }
    switch receiveHandshake(&packet, slot, sender, lastSeen) {
    case .proceed: break
    case .ignore: return
    case .replace:
      records[slot].lastSeen = lastSeen
      replace(&packet, frame, slot, &update)
      return
    }
    if flags.contains(.acknowledge) {
      acknowledge(packet.tcp.acknowledgment, stream ^ 1)
    }
    let sequence = flags.contains(.synchronize) ? packet.tcp.sequence &+ 1 : packet.tcp.sequence
    if flags.contains(.finish) {
      noteFinish(sequence.advanced(byBytes: packet.claimedPayloadLength), stream)
    }
    if packet.claimedPayloadLength > 0 {
      if flags.contains(.urgent) { noteUrgent(&packet, frame, slot, &update) }
      receiveData(&packet, frame, sequence, stream, records[slot].flags.contains(.ignored), &update)
      // A RST with another number than the stream's was not its last word.
      if !streams[stream].flags.contains(.sawFinish) { records[slot].connection.reopen(from: sender) }
    } else if sequence &+ 1 == streams[stream].next, flags.isDisjoint(with: [.synchronize, .finish]) {
      statistics.keepAlives += 1
    }
    finishIfComplete(stream)
    update.hasHeld = mayDeliverHeld(stream) || mayDeliverHeld(stream ^ 1)
    updateFastPath(slot)
  }

  // MARK: Data

  private mutating func receiveData(
    _ packet: inout Packet, _ frame: RawSpan, _ sequence: UInt32, _ stream: Int, _ isIgnored: Bool,
    _ update: inout FlowUpdate
  ) {
    if !streams[stream].flags.contains(.synchronized) {
      // Joined in the middle.
      synchronize(stream, at: sequence)
      announceGap(stream, missing: 0)
    }
    let ahead = sequence.distance(from: streams[stream].next)
    let end = ahead + packet.claimedPayloadLength
    guard !isIgnored else {
      // What was read of it before may be what was not meant.
      if end <= 0 { compare(frame.extracting(packet.payload), sequence, stream, &update) }
      follow(stream, to: end)
      return
    }
    if end <= 0 {
      receiveRepeat(&packet, frame, sequence, stream, ahead, &update)
    } else if ahead > Self.plausibleDistance {
      receiveStray(&packet, frame, sequence, stream, &update)
    } else if ahead > 0 {
      receiveAhead(&packet, frame, sequence, stream, ahead, &update)
    } else {
      receiveNext(&packet, frame, sequence, stream, overlap: -ahead, &update)
    }
  }

  /// Nobody reads the stream: only where it is matters, for a RST's sake.
  private mutating func follow(_ stream: Int, to end: Int) {
    if end > 0 || end < -Self.plausibleDistance {
      streams[stream].next = streams[stream].next.advanced(byBytes: end)
    }
    streams[stream].flags.remove(.gapAhead)
  }

  /// A segment with new bytes that starts at what comes next, or `overlap` bytes before.
  private mutating func receiveNext(
    _ packet: inout Packet, _ frame: RawSpan, _ sequence: UInt32, _ stream: Int, overlap: Int,
    _ update: inout FlowUpdate
  ) {
    streams[stream].flags.remove(.straying)
    let payload = frame.extracting(packet.payload)
    if overlap > 0 {
      statistics.retransmissions += 1
      compare(payload, sequence, stream, &update)
    }
    let captured = max(0, payload.byteCount - overlap)
    var deliverable = captured
    if let first = held.first(of: details[stream].held) {
      deliverable = max(0, min(captured, first.sequence.distance(from: streams[stream].next)))
    }
    if deliverable > 0 {
      takeGap(stream, &update)
      update.payloadOffset = packet.payloadOffset + overlap
      update.payloadLength = deliverable
      remember(stream, frame, update.payloadOffset, deliverable)
    }
    if deliverable < captured {
      // What is held came first and wins; the rest of this segment goes around it.
      let rest = overlap + deliverable..<payload.byteCount
      hold(payload.extracting(rest), sequence.advanced(byBytes: rest.lowerBound), stream, &update)
    } else if details[stream].held.isEmpty {
      let cut = packet.claimedPayloadLength - max(overlap, packet.payloadLength)
      if cut > 0 {
        // The snap length cut these off: nobody will ever see them.
        announceGap(stream, missing: UInt32(truncatingIfNeeded: cut))
        streams[stream].next = streams[stream].next.advanced(byBytes: cut)
      }
    }
  }

  /// A segment behind a hole.
  private mutating func receiveAhead(
    _ packet: inout Packet, _ frame: RawSpan, _ sequence: UInt32, _ stream: Int, _ ahead: Int,
    _ update: inout FlowUpdate
  ) {
    streams[stream].flags.remove(.straying)
    let isAcknowledged = streams[stream].acknowledged.distance(from: sequence) >= 0
    if details[stream].held.isEmpty, isAcknowledged {
      // The receiver has what is missing, and has said so before this came: it was lost on the way to us.
      skipGap(stream, missing: ahead)
      receiveNext(&packet, frame, sequence, stream, overlap: 0, &update)
      return
    }
    statistics.outOfOrder += 1
    if !hold(frame.extracting(packet.payload), sequence, stream, &update) {
      // There is no room to wait.
      skipGap(stream, missing: ahead)
      receiveNext(&packet, frame, sequence, stream, overlap: 0, &update)
    }
  }

  /// A segment without a new byte: a retransmission, a keep-alive, or a stream that has moved back.
  private mutating func receiveRepeat(
    _ packet: inout Packet, _ frame: RawSpan, _ sequence: UInt32, _ stream: Int, _ ahead: Int,
    _ update: inout FlowUpdate
  ) {
    if ahead == -1, packet.claimedPayloadLength == 1 {
      // Its byte is garbage (RFC 9293 §3.8.4).
      statistics.keepAlives += 1
      return
    }
    if ahead < -Self.plausibleDistance {
      receiveStray(&packet, frame, sequence, stream, &update)
      return
    }
    statistics.retransmissions += 1
    noteStray(sequence, packet.claimedPayloadLength, stream)
    compare(frame.extracting(packet.payload), sequence, stream, &update)
  }

  /// A segment so far away that it cannot be the next window's. Only when more follow on it has the stream moved.
  private mutating func receiveStray(
    _ packet: inout Packet, _ frame: RawSpan, _ sequence: UInt32, _ stream: Int, _ update: inout FlowUpdate
  ) {
    statistics.strays += 1
    noteStray(sequence, packet.claimedPayloadLength, stream)
    let isHeard = streams[stream ^ 1].flags.contains(.heard)
    guard !isHeard, details[stream].strays >= Self.convincingStrays else { return }
    resynchronize(stream, at: sequence)
    receiveNext(&packet, frame, sequence, stream, overlap: 0, &update)
  }

  // MARK: Holding

  var bounds: PieceBounds {
    PieceBounds(pieces: Limits.heldSegmentsPerStream, bytes: Limits.heldBytesPerStream)
  }

  /// - Returns: false when there is no memory to hold anything of this stream.
  @discardableResult
  private mutating func hold(_ bytes: RawSpan, _ sequence: UInt32, _ stream: Int, _ update: inout FlowUpdate) -> Bool {
    let wasEmpty = details[stream].held.isEmpty
    let result = held.insert(bytes, at: sequence, into: &details[stream].held, within: bounds, arrived: now)
    if let difference = result.difference {
      let kept = held.buffers.bytes(difference.heldIn).copy(from: difference.offsetInHeld, limit: 64)
      let place = sequence.advanced(byBytes: difference.offset)
      note(
        StreamConflict(sequence: place, first: kept, second: bytes.copy(from: difference.offset, limit: 64)), &update)
    }
    if result.repeatedBytes > 0 { statistics.retransmissions += 1 }
    let chain = details[stream].held
    if result.droppedBytes > 0 { statistics.segmentsDropped += 1 }
    guard !chain.isEmpty else { return false }
    if wasEmpty { details[stream].holeSince = now }
    streams[stream].flags.insert(.holding)
    guard result.droppedBytes > 0 || Int(chain.count) >= bounds.pieces || Int(chain.byteCount) >= bounds.bytes else {
      return true
    }
    streams[stream].flags.insert(.overfull)
    if !mayDeliverHeld(stream) {
      // So much, and its receiver has confirmed none of it: it makes room for what may be true.
      if result.droppedBytes == 0 { statistics.segmentsDropped += 1 }
      dropHeld(stream)
    }
    return true
  }

  // MARK: Finish

  private mutating func noteFinish(_ sequence: UInt32, _ stream: Int) {
    if !streams[stream].flags.contains(.synchronized) { synchronize(stream, at: sequence) }
    guard (0...Self.plausibleDistance).contains(sequence.distance(from: streams[stream].next)) else { return }
    details[stream].finish = sequence
    streams[stream].flags.insert(.sawFinish)
  }

  /// Closes the stream when its FIN was seen and everything before it delivered, or nobody reads it.
  mutating func finishIfComplete(_ stream: Int) {
    let slot = stream / 2
    guard streams[stream].flags.contains(.sawFinish), records[slot].phase == .live else { return }
    let sender: End = stream & 1 == 0 ? .a : .b
    let past = streams[stream].next.distance(from: details[stream].finish)
    if past > 0 {
      // It goes on behind its FIN, so that was not its own.
      streams[stream].flags.remove(.sawFinish)
      records[slot].connection.reopen(from: sender)
      return
    }
    guard past == 0 || records[slot].flags.contains(.ignored) else { return }
    if case .end(let reason) = records[slot].connection.receive(.finish, from: sender) {
      end(slot, reason)
    }
  }
}
