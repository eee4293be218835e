/// What the sizes of a TLS session's data look like: mining has a shape that encryption does not hide.
///
/// A share goes up by itself and is answered by a small reply. The lengths of both are from the lengths of cgminer's
/// fields. Encryption adds 22 bytes in TLS 1.3 (RFC 8446 §5.2), 21 or 29 before (RFC 7905, RFC 5288).
package struct TLSCadence: Equatable, Sendable {
  /// Segments of the client that carry a share, in bytes: 142 to 177 of text, and the record around it.
  static let share = 150...220
  /// Segments of the server that carry the answer: 39 to 44 bytes.
  static let reply = 55...75
  /// Segments of the client after which it is told what they look like; about five minutes of mining.
  static let enough = 32

  /// Times that the client spoke.
  package var requests: Int
  /// Of those, how many were as long as a share and answered with what is as long as a pool's reply.
  package var shares: Int

  package init(requests: Int, shares: Int) {
    self.requests = requests
    self.shares = shares
  }

  /// Half of it looks like shares: worth going on to count them. Whether it is mining is for others to say.
  var isMining: Bool { shares * 2 >= requests }
}

/// Counts the segments of a TLS session, in 18 bits of the flow's state: first until there are enough to tell what they look
/// like, then the shares since they were last taken. Beside that, how often the server's bytes have doubled.
///
///      17 16 15    12 11     6 5      0
///     +--+--+--------+--------+--------+
///     |0 |O | doubl. | shares |requests|
///     +--+--+--------+--------+--------+
///     |1 |O | doubl. |     shares      |
///     +--+--+--------+-----------------+
struct TLSSizing {
  private static let firstMilestone: UInt64 = 256 << 10
  private static let mostDoublings: UInt32 = 0xf
  /// Shares that are counted between two times that they are taken.
  static let mostShares: UInt32 = 0xfff

  private(set) var rawValue: UInt32

  init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  private var requests: UInt32 { rawValue & 0x3f }
  private var shares: UInt32 { rawValue >> 6 & 0x3f }
  /// A share waits for its reply.
  private var isOpen: Bool { rawValue & 1 << 16 != 0 }
  /// What they look like is told, and is mining.
  var isCountingShares: Bool { rawValue & 1 << 17 != 0 }
  private var doublings: UInt32 { rawValue >> 12 & Self.mostDoublings }

  /// What was counted, once it is enough.
  var cadence: TLSCadence? { !isCountingShares && requests >= UInt32(TLSCadence.enough) ? sums : nil }
  var sums: TLSCadence { TLSCadence(requests: Int(requests), shares: Int(shares)) }

  /// From here on shares are counted and nothing else.
  mutating func countShares(from shares: Int) {
    rawValue =
      rawValue & (1 << 16 | Self.mostDoublings << 12) | 1 << 17 | min(UInt32(clamping: shares), Self.mostShares)
  }

  /// Shares since the last call; none as long as nobody knows whether they are any.
  mutating func takeShares() -> UInt32 {
    guard isCountingShares else { return 0 }
    defer { rawValue &= ~Self.mostShares }
    return rawValue & Self.mostShares
  }

  mutating func count(_ bytes: Int, from sender: Role) {
    guard !isCountingShares else { return countShare(bytes, from: sender) }
    switch sender {
    case .client:
      rawValue = (rawValue & ~(1 << 16)) &+ 1
      if TLSCadence.share.contains(bytes) { rawValue |= 1 << 16 }
    case .server where isOpen && TLSCadence.reply.contains(bytes):
      rawValue = (rawValue & ~(1 << 16)) &+ 1 << 6
    case .server: break
    }
  }

  /// Whether the server's bytes have passed another milestone since the last call.
  mutating func passesMilestone(_ total: UInt64) -> Bool {
    guard doublings < Self.mostDoublings, total >= Self.firstMilestone << UInt64(doublings) else { return false }
    // The power of two above what was counted.
    let above = UInt32(64 - (total / Self.firstMilestone).leadingZeroBitCount)
    rawValue = rawValue & ~(Self.mostDoublings << 12) | min(above, Self.mostDoublings) << 12
    return true
  }

  private mutating func countShare(_ bytes: Int, from sender: Role) {
    if sender == .client {
      rawValue = TLSCadence.share.contains(bytes) ? rawValue | 1 << 16 : rawValue & ~(1 << 16)
    } else if isOpen, TLSCadence.reply.contains(bytes) {
      rawValue &= ~(1 << 16)
      if rawValue & Self.mostShares < Self.mostShares { rawValue &+= 1 }
    }
  }
}
