import Decode

/// Tells WireGuard by its four messages, whose first byte is followed by three zero bytes and whose sizes are fixed
/// (wireguard.com/papers/wireguard.pdf §5.4):
///
///     1 initiation  148 bytes        3 cookie reply  64 bytes
///     2 response     92 bytes        4 data          32 bytes and 16 for every further block
enum WireGuard {
  private static let initiation = 148
  private static let response = 92
  private static let cookieReply = 64
  private static let dataHeader = 16
  private static let tag = 16

  static func probe(_ bytes: FirstBytes) -> Probe {
    let message = bytes.opening
    guard message.byteCount >= dataHeader, message.uint32(at: 0) & 0x00ff_ffff == 0 else { return .reject }
    switch (message.byte(at: 0), bytes.firstFlight) {
    case (1, initiation): return .match(opener: .client)
    case (2, response), (3, cookieReply): return .match(opener: .server)
    case (4, let count) where count >= dataHeader + tag && count % 16 == 0:
      // A counter of eight bytes, the least first: nobody sends 2^32 before the keys change.
      return message.uint32(at: 12) == 0 ? .match(opener: nil) : .reject
    default: return .reject
    }
  }
}
