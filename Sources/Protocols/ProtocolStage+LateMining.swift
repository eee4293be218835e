import Capture
import Decode
import Flows

/// Mining behind first bytes that are something else: a zero, a greeting, another protocol's banner.
///
/// As long as a flow that is no mining session is looked through for identifiers, each segment is asked whether a line of mining
/// begins near its start: a few bytes are searched, and what begins like an object is read once.
extension ProtocolStage {
  /// A length, a type and the like in front of a line.
  private static var bytesInFront: Int { 16 }

  /// Asks bytes of a direction that nobody listens to any more.
  mutating func seekMining(
    _ bytes: RawSpan, _ flow: FlowIndex, _ sender: End, _ state: ApplicationState, _ flows: borrowing FlowTable
  ) -> FlowDecision? {
    guard let (start, speaker) = bytes.mining(within: Self.bytesInFront) else { return nil }
    // What was said before is no part of the session.
    progress[Int(flow.rawValue)].isBroken = true
    releaseBuffer(flow, sender)
    releaseBuffer(flow, sender.other)
    let client = speaker.map { $0 == .client ? sender : sender.other }
    return openStratum(
      with: bytes.extracting(start..<bytes.byteCount), flow, sender, client, state, flows)
  }

  /// The same of bytes that are kept of a direction and came to nothing.
  mutating func seekKeptMining(
    _ flow: FlowIndex, _ sender: End, _ state: ApplicationState, _ flows: borrowing FlowTable
  ) -> FlowDecision? {
    let slot = Int(flow.rawValue)
    guard let buffer = progress[slot][sender].buffer,
      let (start, speaker) = buffers.bytes(buffer).mining(within: Self.bytesInFront)
    else { return nil }
    progress[slot].isBroken = true
    releaseBuffer(flow, sender.other)
    buffers.dropFirst(start, of: buffer)
    let client = speaker.map { $0 == .client ? sender : sender.other }
    return openStratum(with: nil, flow, sender, client, state, flows)
  }
}

extension RawSpan {
  /// Where a whole message of mining begins in the first bytes, and who says such a thing where that can be told. A method that
  /// others have as well (`login`) does not count.
  fileprivate func mining(within count: Int) -> (start: Int, speaker: Role?)? {
    let end = Swift.min(count, byteCount - 2)
    var start = 0
    while start < end, byte(at: start) != UInt8(ascii: "{") || byte(at: start + 1) != UInt8(ascii: "\"") { start += 1 }
    guard start < end else { return nil }
    let rest = extracting(start..<byteCount)
    guard case .match(let speaker) = StratumProbe.probe(rest) else { return nil }
    let message = JSONScanner.scan(rest, from: 0)
    return rest.equals(message.method, "login") ? nil : (start, speaker)
  }
}
