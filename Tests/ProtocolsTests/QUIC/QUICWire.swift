import Crypto
import CryptoExtras

/// Writes the Initial packets of a QUIC client (RFC 9001 §5, RFC 9369 §3).
enum QUICWire {
  static let version2: UInt32 = 0x6b33_43cf

  static func crypto(_ bytes: [UInt8], at offset: Int = 0) -> [UInt8] {
    [6] + variable(offset) + variable(bytes.count) + bytes
  }

  /// - Parameter id: the connection's first, that keys follow from.
  static func initial(
    version: UInt32 = 1, id: [UInt8] = hex("8394c8f03e515708"), number: UInt32 = 2, token: [UInt8] = [],
    frames: [UInt8], size: Int = 1_200
  ) throws -> [UInt8] {
    let isSecond = version == version2
    var header: [UInt8] = [isSecond ? 0xd3 : 0xc3] + TLSWire.number(Int(version), bytes: 4)
    header += TLSWire.vector(id, 1) + [0] + variable(token.count) + token
    // Two bytes of length, four of packet number, sixteen of tag.
    let room = size - header.count - 2 - 4 - 16
    let padded = frames + [UInt8](repeating: 0, count: max(0, room - frames.count))
    header += variable(padded.count + 20, bytes: 2) + TLSWire.number(Int(number), bytes: 4)

    let salt = hex(isSecond ? "0dede3def700a6db819381be6e269dcbf9bd2ed9" : "38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
    let prefix = isSecond ? "quicv2 " : "quic "
    let initial = HKDF<SHA256>.extract(inputKeyMaterial: SymmetricKey(data: id), salt: salt)
    let secret = expand(Array(initial), "client in", 32)
    var nonce = expand(secret, prefix + "iv", 12)
    for (index, byte) in header.suffix(4).enumerated() { nonce[8 + index] ^= byte }
    let box = try AES.GCM.seal(
      padded, using: SymmetricKey(data: expand(secret, prefix + "key", 16)), nonce: AES.GCM.Nonce(data: nonce),
      authenticating: header)
    var packet = header + Array(box.ciphertext) + Array(box.tag)
    let start = header.count - 4
    var mask = Array(packet[start + 4..<start + 20])
    try AES.permute(&mask, key: SymmetricKey(data: expand(secret, prefix + "hp", 16)))
    packet[0] ^= mask[0] & 0x0f
    for index in 0..<4 { packet[start + index] ^= mask[index + 1] }
    return packet
  }

  /// HKDF-Expand-Label (RFC 8446 §7.1), of which one block is enough here.
  private static func expand(_ secret: [UInt8], _ label: String, _ count: Int) -> [UInt8] {
    let info = TLSWire.number(count, bytes: 2) + TLSWire.vector(Array("tls13 \(label)".utf8), 1) + [0, 1]
    return Array(Array(HMAC<SHA256>.authenticationCode(for: info, using: SymmetricKey(data: secret))).prefix(count))
  }

  private static func variable(_ value: Int, bytes: Int? = nil) -> [UInt8] {
    let size = bytes ?? (value < 64 ? 1 : value < 16_384 ? 2 : 4)
    var text = TLSWire.number(value, bytes: size)
    text[0] |= UInt8(size.trailingZeroBitCount) << 6
    return text
  }
}
