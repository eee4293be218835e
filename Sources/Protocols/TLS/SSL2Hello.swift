import Decode

/// A hello in the form of SSL 2.0, which old clients send to offer any version (RFC 5246 §E.2). Fourteen bytes and three
/// lists:
///
///      0              15 16      23 24           39 40          55 56          71 72          87
///     +-+---------------+---------+---------------+--------------+--------------+--------------+
///     |1|    length     |    1    |    version    |  ciphers     |  session id  |  challenge   |
///     +-+---------------+---------+---------------+--------------+--------------+--------------+
///
/// The last three fields are lengths in bytes.
struct SSL2Hello: Equatable {
  /// Bytes in front of the lists.
  static let header = 11

  /// The highest version that the client speaks.
  let version: TLSVersion
  /// Of the whole hello, its length field included.
  let byteCount: Int

  /// - Returns: `nil` when this is none, or not enough of one to tell.
  init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.header, bytes.byte(at: 0) & 0x80 != 0, bytes.byte(at: 2) == 1 else { return nil }
    let version = bytes.uint16(at: 3)
    guard version == TLSVersion.ssl2.rawValue || (0x0300...0x0303).contains(version) else { return nil }
    let (ciphers, session, challenge) = (
      Int(bytes.uint16(at: 5)), Int(bytes.uint16(at: 7)), Int(bytes.uint16(at: 9))
    )
    guard ciphers > 0, ciphers % 3 == 0, session == 0 || session == 16, (16...32).contains(challenge) else {
      return nil
    }
    let length = Int(bytes.uint16(at: 0) & 0x7fff)
    guard length == Self.header - 2 + ciphers + session + challenge else { return nil }
    self.version = TLSVersion(rawValue: version)
    byteCount = length + 2
  }
}
