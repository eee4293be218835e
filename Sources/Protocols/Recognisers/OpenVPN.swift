import Decode

/// Tells OpenVPN by the reset that opens a session (openvpn.net, doxygen: network protocol; OpenVPN/openvpn src/openvpn/
/// ssl_pkt.h), plain or protected by tls-auth, tls-crypt or tls-crypt-v2. Over TCP a length stands in front.
///
///     opcode and key 1 | session 8 | [HMAC 16...64] [packet id 4 | time 4] | count of acks 1 | acks | packet number 4
///     opcode and key 1 | session 8 | packet id 4 | time 4 | HMAC 32 | encrypted 5 | [wrapped client key]
///
/// Data of a running session has no shape, so a tunnel that was joined in the middle is not told.
enum OpenVPN {
  /// Opcodes that open a session, in the five high bits; the key in the three low ones is 0.
  private enum Reset: UInt8 {
    case client2 = 0x38
    case server2 = 0x40
    case client3 = 0x50
  }

  private static let header = 9
  /// Packet id and time.
  private static let replay = 8
  /// HMACs by length: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512; none for a plain reset.
  private static let digests = [16, 20, 28, 32, 48, 64]
  /// From 1990 to 2096: any clock that a router might have.
  private static let times: ClosedRange<UInt32> = 0x2596_0000...0xed00_0000
  /// Longest reset believed: a wrapped client key takes up to 1,024.
  private static let lengths = 14...1_150

  static func probeDatagram(_ bytes: FirstBytes) -> Probe {
    guard bytes.firstFlight == bytes.opening.byteCount else { return .reject }
    return probe(bytes.opening)
  }

  static func probeStream(_ bytes: RawSpan) -> Probe {
    if bytes.byteCount > 2, Reset(rawValue: bytes.byte(at: 2)) == nil { return .reject }
    guard bytes.byteCount >= 2 else { return bytes.byte(at: 0) <= 4 ? .needMore : .reject }
    let length = Int(bytes.uint16(at: 0))
    guard lengths.contains(length) else { return .reject }
    guard bytes.byteCount >= 2 + length else { return .needMore }
    return probe(bytes.extracting(2..<2 + length))
  }

  private static func probe(_ packet: RawSpan) -> Probe {
    guard lengths.contains(packet.byteCount), let reset = Reset(rawValue: packet.byte(at: 0)),
      packet.uint64(at: 1) != 0
    else { return .reject }
    guard isPlain(packet, reset) || isAuthenticated(packet, reset) || isEncrypted(packet, reset) else { return .reject }
    return .match(opener: reset == .server2 ? .server : .client)
  }

  private static func isPlain(_ packet: RawSpan, _ reset: Reset) -> Bool {
    endsWithNumbers(packet, from: header, reset)
  }

  private static func isAuthenticated(_ packet: RawSpan, _ reset: Reset) -> Bool {
    digests.contains { digest in
      let end = header + digest + replay
      return end < packet.byteCount && hasReplay(packet, at: header + digest)
        && endsWithNumbers(packet, from: end, reset)
    }
  }

  private static func isEncrypted(_ packet: RawSpan, _ reset: Reset) -> Bool {
    let length = header + replay + 32 + 5
    guard packet.byteCount >= length, hasReplay(packet, at: header) else { return false }
    switch reset {
    case .client2: return packet.byteCount == length
    // It acknowledges the client's reset: one number and a session more.
    case .server2: return packet.byteCount >= length + 12
    // The wrapped key ends with its own length.
    case .client3: return Int(packet.uint16(at: packet.byteCount - 2)) == packet.byteCount - length
    }
  }

  /// A packet id that begins to count, and a time. An id of 0x0f000001 asks for early negotiation.
  private static func hasReplay(_ packet: RawSpan, at offset: Int) -> Bool {
    let id = packet.uint32(at: offset)
    return (1...64).contains(id & 0x00ff_ffff) && (id >> 24 == 0 || id >> 24 == 0x0f)
      && times.contains(packet.uint32(at: offset + 4))
  }

  /// The numbers that end a reset: a count of acknowledgements, those with the other's session, and its own number.
  private static func endsWithNumbers(_ packet: RawSpan, from offset: Int, _ reset: Reset) -> Bool {
    guard offset < packet.byteCount else { return false }
    let acks = Int(packet.byte(at: offset))
    guard acks <= 8, reset == .server2 || acks == 0 else { return false }
    let end = offset + 1 + (acks == 0 ? 0 : acks * 4 + 8) + 4
    return packet.byteCount == end && packet.uint32(at: end - 4) == 0
  }
}
