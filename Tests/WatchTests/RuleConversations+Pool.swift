import Simulator

extension NearMiss {
  static let pools: [NearMiss] = [
    NearMiss(of: "pool.unlisted") { $0.play($0.mining()) },
    NearMiss(of: "pool.plaintext") { stage in
      stage.play(
        Conversation(from: stage.miner, to: .closedPool, port: 443, turns: [.clientBytes(clientHello)]))
    },
    NearMiss(of: "pool.not-stratum") { $0.play($0.mining()) },
  ]

  /// A TLS 1.2 ClientHello without extensions (RFC 5246 §7.4.1.2): record, handshake header, version, random, no session,
  /// one cipher suite, no compression.
  private static let clientHello: [UInt8] =
    [0x16, 0x03, 0x01, 0x00, 0x2d, 0x01, 0x00, 0x00, 0x29, 0x03, 0x03] + [UInt8](repeating: 0x5a, count: 32)
    + [0x00, 0x00, 0x02, 0xc0, 0x2f, 0x01, 0x00]
}
