/// Frames of Stratum V2 in the clear (sv2-spec 03-Protocol-Overview.md), and records of the sizes that they have behind
/// Noise (sv2-spec 04-Protocol-Security.md).
package enum StratumV2Bytes {
  /// - Parameters:
  ///   - isForChannel: sets the top bit of the extension type.
  ///   - length: what the header claims; by default the truth.
  package static func frame(
    _ type: UInt8, isForChannel: Bool = false, extension extensionType: UInt16 = 0, length: Int? = nil,
    _ payload: [UInt8]
  ) -> [UInt8] {
    let claimed = UInt32(truncatingIfNeeded: length ?? payload.count)
    return little16(extensionType | (isForChannel ? 0x8000 : 0)) + [type] + little32(claimed).prefix(3) + payload
  }

  package static func setupConnection(host: String = "v2.example-pool.com", port: UInt16 = 3336) -> [UInt8] {
    frame(
      0x00,
      [0] + little16(2) + little16(2) + little32(0) + text(host) + little16(port) + text("Braiins") + text("S19")
        + text("bos-23.12") + text(""))
  }

  package static func setupConnectionSuccess() -> [UInt8] { frame(0x01, little16(2) + little32(0)) }

  package static func openStandardChannel(_ user: String, request: UInt32 = 1) -> [UInt8] {
    frame(0x10, little32(request) + text(user) + little32(Float(1e14).bitPattern) + [UInt8](repeating: 0xff, count: 32))
  }

  /// - Parameter target: the most significant byte but four of the target: 1 is about difficulty 65,536.
  package static func openStandardChannelSuccess(request: UInt32 = 1, channel: UInt32 = 7, target: UInt8 = 1) -> [UInt8]
  {
    frame(
      0x11, little32(request) + little32(channel) + Self.target(target) + [4, 1, 2, 3, 4] + little32(0))
  }

  package static func openChannelError(request: UInt32 = 1) -> [UInt8] {
    frame(0x12, little32(request) + text("unknown-user"))
  }

  package static func setTarget(_ target: UInt8, channel: UInt32 = 7) -> [UInt8] {
    frame(0x21, isForChannel: true, little32(channel) + Self.target(target))
  }

  package static func newMiningJob(_ job: UInt32, channel: UInt32 = 7) -> [UInt8] {
    frame(
      0x15, isForChannel: true,
      little32(channel) + little32(job) + [0] + little32(0x2000_0000) + [UInt8](repeating: 0x5a, count: 32))
  }

  /// A job with its coinbase in two pieces.
  package static func newExtendedMiningJob(_ job: UInt32, channel: UInt32 = 7, head: [UInt8], tail: [UInt8]) -> [UInt8]
  {
    frame(
      0x1f, isForChannel: true,
      little32(channel) + little32(job) + [1] + little32(0x6500_0000) + little32(0x2000_0000) + [1, 1]
        + [UInt8](repeating: 0x5a, count: 32) + little16(UInt16(head.count)) + head + little16(UInt16(tail.count))
        + tail)
  }

  package static func setNewPrevHash(_ hash: [UInt8], job: UInt32, channel: UInt32 = 7) -> [UInt8] {
    frame(
      0x20, isForChannel: true, little32(channel) + little32(job) + hash + little32(0x6500_0000) + little32(0x1703_4219)
    )
  }

  package static func submitSharesStandard(_ sequence: UInt32, job: UInt32, channel: UInt32 = 7) -> [UInt8] {
    frame(
      0x1a, isForChannel: true,
      [channel, sequence, job, 0x1234_5678, 0x6500_0001, 0x2000_0000].flatMap(little32))
  }

  package static func submitSharesSuccess(_ sequence: UInt32, count: UInt32, worth: UInt32, channel: UInt32 = 7)
    -> [UInt8]
  {
    frame(
      0x1c, isForChannel: true,
      little32(channel) + little32(sequence) + little32(count) + little32(worth) + little32(0))
  }

  package static func submitSharesError(_ sequence: UInt32, channel: UInt32 = 7) -> [UInt8] {
    frame(0x1d, isForChannel: true, little32(channel) + little32(sequence) + text("stale-share"))
  }

  package static func reconnect(host: String, port: UInt16) -> [UInt8] { frame(0x04, text(host) + little16(port)) }

  /// So many bytes that look random.
  package static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }

  // MARK: Fields

  private static func text(_ text: String) -> [UInt8] {
    [UInt8(truncatingIfNeeded: text.utf8.count)] + Array(text.utf8)
  }

  private static func target(_ byte: UInt8) -> [UInt8] {
    [UInt8](repeating: 0, count: 26) + [byte] + [UInt8](repeating: 0, count: 5)
  }

  private static func little16(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xff), UInt8(value >> 8)] }

  private static func little32(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
