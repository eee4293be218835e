/// What the sizes of a TLS session's data look like: mining has a shape that encryption does not hide.
///
/// A share goes up by itself and is answered by a small reply. domain.md §1.6 has the lengths of both, §1.9 what
/// encryption adds: 22 bytes in TLS 1.3, 21 or 29 before.
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
}

/// Counts the segments of a TLS session until there are enough, in 18 bits of the flow's state: six for the requests, six for the
/// shares, one for a share that waits, and five for how often the server's bytes have doubled.
struct TLSSizing {
  private static let firstMilestone: UInt64 = 256 << 10

  private(set) var rawValue: UInt32

  init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  private var requests: UInt32 { rawValue & 0x3f }
  private var shares: UInt32 { rawValue >> 6 & 0x3f }
  /// A share waits for its reply.
  private var isOpen: Bool { rawValue & 1 << 12 != 0 }
  private var doublings: UInt32 { rawValue >> 13 & 0x1f }

  /// What was counted, once it is enough.
  var cadence: TLSCadence? { requests >= UInt32(TLSCadence.enough) ? sums : nil }
  var sums: TLSCadence { TLSCadence(requests: Int(requests), shares: Int(shares)) }

  mutating func count(_ bytes: Int, from sender: Role) {
    switch sender {
    case .client:
      rawValue = (rawValue & ~(1 << 12)) &+ 1
      if TLSCadence.share.contains(bytes) { rawValue |= 1 << 12 }
    case .server where isOpen && TLSCadence.reply.contains(bytes):
      rawValue = (rawValue & ~(1 << 12)) &+ 1 << 6
    case .server: break
    }
  }

  /// Whether the server's bytes have passed another milestone since the last call.
  mutating func passesMilestone(_ total: UInt64) -> Bool {
    guard doublings < 0x1f, total >= Self.firstMilestone << UInt64(doublings) else { return false }
    // The power of two above what was counted.
    let above = UInt32(64 - (total / Self.firstMilestone).leadingZeroBitCount)
    rawValue = rawValue & 0x1fff | min(above, 0x1f) << 13
    return true
  }
}
