import Decode

extension NTPPacket {
  private static let timeMessage = 48

  /// Reads a UDP payload and judges by its first byte and its length whether it can be NTP.
  ///
  ///      0 1 2 3 4 5 6 7         15        23        31
  ///     +---+-----+-----+---------+---------+---------+
  ///     |LI | VN  |Mode | Stratum |  Poll   |Precision|
  ///     +---+-----+-----+---------+---------+---------+
  ///     |  36 bytes: delay, dispersion, reference,    |
  ///     |  three timestamps                           |
  ///     +---------------------------------------------+
  ///     |  Transmit timestamp (8): seconds, fraction  |  40
  ///     +---------------------------------------------+
  ///
  /// Time messages (modes 1 to 5) are 48 bytes and then whole words of extension fields or a digest (RFC 5905 §7.3,
  /// RFC 7822). Control messages (mode 6) have a header of 12 (RFC 9327 §2) and mode 7, ntpd's own, one of 8.
  ///
  /// - Parameter claimedLength: of the payload, as its headers say; the capture may have less, but needs a byte.
  /// - Returns: `nil` for what is not NTP.
  package init?(_ payload: RawSpan, claimedLength: Int) {
    guard payload.byteCount > 0 else { return nil }
    let first = payload.byte(at: 0)
    let version = first >> 3 & 7
    let mode = first & 7
    guard (1...4).contains(version) else { return nil }
    switch mode {
    case 1...5: guard claimedLength >= Self.timeMessage, claimedLength % 4 == 0 else { return nil }
    case 6: guard claimedLength >= 12 else { return nil }
    case 7: guard claimedLength >= 8 else { return nil }
    default: return nil
    }
    self.init(mode: mode, version: version, byteCount: claimedLength)
    guard mode <= 5, payload.byteCount >= Self.timeMessage else { return }
    leap = first >> 6
    stratum = payload.byte(at: 1)
    transmitted = payload.uint32(at: 40)
    if claimedLength > Self.timeMessage { layout = Self.layout(payload, claimedLength) }
  }

  /// What came on NTP's port and is none.
  static func foreign(_ payload: RawSpan, claimedLength: Int) -> NTPPacket {
    let first = payload.isEmpty ? 0 : payload.byte(at: 0)
    var packet = NTPPacket(mode: first & 7, version: first >> 3 & 7, byteCount: claimedLength)
    packet.layout = .foreign
    return packet
  }

  /// Whether the bytes behind the time message are extension fields, of type, length and value, and at last an
  /// authenticator of 4, 20 or 24 bytes (RFC 7822 §3).
  private static func layout(_ payload: RawSpan, _ claimedLength: Int) -> Layout {
    var offset = timeMessage
    while offset < claimedLength {
      let rest = claimedLength - offset
      if rest == 4 || rest == 20 || rest == 24 { return .extended }
      // Cut by the capture: nobody can tell.
      guard payload.byteCount - offset >= 4 else { return payload.byteCount < claimedLength ? .extended : .malformed }
      let length = Int(payload.uint16(at: offset + 2))
      guard length >= 16, length % 4 == 0, length <= rest else { return .malformed }
      offset += length
    }
    return .extended
  }
}
