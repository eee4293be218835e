import Capture
import Crypto
import CryptoExtras
import Decode

/// Opens Initial packets of a QUIC client: their keys follow from the connection id in them, so that anybody on the way can
/// (RFC 9001 §5.2, RFC 9369 §3.3).
///
///     first | version 4 | id <0..20> | id <0..20> | token <varint> | length, varint | packet number 1...4 | protected
struct QUICInitial {
  /// What versions differ in (RFC 9001 §5.1 and §5.2, RFC 9369 §3.3).
  private struct Version {
    let salt: [UInt8]
    let labels: (key: String, iv: String, protection: String)
    /// Of the Initial packet, two bits of the first byte.
    let type: UInt8

    static let v1 = Version(
      salt: [
        0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb,
        0x7f, 0x0a,
      ], labels: ("quic key", "quic iv", "quic hp"), type: 0)
    static let v2 = Version(
      salt: [
        0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd,
        0x2e, 0xd9,
      ], labels: ("quicv2 key", "quicv2 iv", "quicv2 hp"), type: 1)

    init?(_ number: UInt32) {
      switch number {
      case 1: self = .v1
      case 0x6b33_43cf: self = .v2
      default: return nil
      }
    }

    private init(salt: [UInt8], labels: (key: String, iv: String, protection: String), type: UInt8) {
      self.salt = salt
      self.labels = labels
      self.type = type
    }
  }

  private static let sample = 16
  private static let tag = 16

  /// The frames inside (RFC 9000 §12.4).
  let frames: [UInt8]
  /// Of the whole packet: another one may follow in the datagram.
  let byteCount: Int

  /// Whether Initial packets of a version can be opened at all.
  static func canOpen(version: UInt32) -> Bool { Version(version) != nil }

  /// - Parameters:
  ///   - bytes: a datagram, or what is left of one.
  ///   - connection: the id that the client chose first, where the packet's own is another.
  /// - Returns: `nil` when it is no Initial, or its keys do not fit.
  init?(_ bytes: RawSpan, connection: [UInt8]? = nil) {
    guard let header = QUICLongHeader(bytes), let version = Version(header.version),
      header.first >> 4 & 3 == version.type
    else { return nil }
    var reader = ByteReader(bytes)
    let start: Int
    let length: Int
    do throws(DecodeError) {
      try reader.skip(header.byteCount)
      let token = try reader.readVariableInteger()
      try reader.skip(token)
      length = try reader.readVariableInteger()
      start = reader.offset
      guard length >= 4 + Self.sample, length <= reader.remaining else { return nil }
    } catch {
      return nil
    }
    let packet = bytes.extracting(0..<start + length).byteArray
    guard let frames = Self.open(packet, numberAt: start, connection ?? header.destinationID, version) else {
      return nil
    }
    self.frames = frames
    byteCount = start + length
  }

  // MARK: Keys

  private static func open(_ packet: [UInt8], numberAt start: Int, _ connection: [UInt8], _ version: Version)
    -> [UInt8]?
  {
    let initial = HKDF<SHA256>.extract(inputKeyMaterial: SymmetricKey(data: connection), salt: version.salt)
    let secret = expand(Array(initial), "client in", 32)
    let protection = SymmetricKey(data: expand(secret, version.labels.protection, 16))
    var packet = packet
    // The mask of what is hidden in the header is a block cipher of a sample (RFC 9001 §5.4).
    var mask = Array(packet[start + 4..<start + 4 + sample])
    guard (try? AES.permute(&mask, key: protection)) != nil else { return nil }
    packet[0] ^= mask[0] & 0x0f
    let numberLength = Int(packet[0] & 3) + 1
    var nonce = expand(secret, version.labels.iv, 12)
    for index in 0..<numberLength {
      packet[start + index] ^= mask[index + 1]
      nonce[12 - numberLength + index] ^= packet[start + index]
    }
    let body = start + numberLength
    guard packet.count >= body + tag, let nonce = try? AES.GCM.Nonce(data: nonce),
      let box = try? AES.GCM.SealedBox(
        nonce: nonce, ciphertext: packet[body..<packet.count - tag], tag: packet[(packet.count - tag)...]),
      let frames = try? AES.GCM.open(
        box, using: SymmetricKey(data: expand(secret, version.labels.key, 16)), authenticating: packet[..<body])
    else { return nil }
    return Array(frames)
  }

  /// HKDF-Expand-Label without context (RFC 8446 §7.1), up to the 32 bytes that are one block of HKDF-Expand
  /// (RFC 5869 §2.3).
  private static func expand(_ secret: [UInt8], _ label: String, _ count: Int) -> [UInt8] {
    let label = Array("tls13 \(label)".utf8)
    let info = [0, UInt8(count), UInt8(label.count)] + label + [0]
    let block = HMAC<SHA256>.authenticationCode(for: info + [1], using: SymmetricKey(data: secret))
    return Array(Array(block).prefix(count))
  }
}

extension ByteReader {
  /// A number of one, two, four or eight bytes, as its two highest bits tell (RFC 9000 §16).
  @_lifetime(self: copy self)
  mutating func readVariableInteger() throws(DecodeError) -> Int {
    let first = try readUInt8()
    var value = Int(first & 0x3f)
    for _ in 1..<(1 << Int(first >> 6)) { value = value << 8 | Int(try readUInt8()) }
    return value
  }
}
