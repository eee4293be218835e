import Decode

/// Tells DTLS by the hello that opens it (RFC 6347 §4.1, RFC 9147 §4): a record of epoch 0 with a whole or first fragment.
///
///     type 1 | version 2 | epoch 2 | sequence 6 | length 2 | message 1 | length 3 | number 2 | fragment 3 + 3
///
/// What the hello says is not read.
enum DTLS {
  private static let recordHeader = 13
  private static let messageHeader = 12
  private static let handshake: UInt8 = 22

  static func probe(_ bytes: FirstBytes) -> Probe {
    let message = bytes.opening
    guard message.byteCount >= recordHeader + messageHeader, message.byte(at: 0) == handshake,
      message.byte(at: 1) == 0xfe, message.byte(at: 2) >= 0xfc, message.uint16(at: 3) == 0,
      Int(message.uint16(at: 11)) <= bytes.firstFlight - recordHeader
    else { return .reject }
    // The offset of the fragment is 0 in the one that comes first.
    guard message.uint32(at: recordHeader + 5) & 0x00ff_ffff == 0 else { return .reject }
    switch message.byte(at: recordHeader) {
    case 1: return .match(opener: .client)
    case 2, 3: return .match(opener: .server)
    default: return .reject
    }
  }
}
