import Decode

extension NTPPacket {
  /// Reads the first byte of a UDP payload and judges by its length whether it can be NTP.
  ///
  ///      0 1 2 3 4 5 6 7
  ///     +---+-----+-----+
  ///     |LI | VN  |Mode |
  ///     +---+-----+-----+
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
    case 1...5: guard claimedLength >= 48, claimedLength % 4 == 0 else { return nil }
    case 6: guard claimedLength >= 12 else { return nil }
    case 7: guard claimedLength >= 8 else { return nil }
    default: return nil
    }
    self.init(mode: mode, version: version, byteCount: claimedLength)
  }
}
