import Protocols

/// The output script that an address stands for. Checksums are not verified: an address is only compared with what a coinbase
/// pays, and a wrong one is paid nothing.
enum BitcoinAddress {
  /// - Returns: the script in hexadecimal; nil for what is no address.
  static func script(of address: some StringProtocol) -> String? {
    // No address is shorter.
    guard address.utf8.count >= 26 else { return nil }
    return segwit(address.lowercased()) ?? base58(String(address))
  }

  /// Pay to public key hash and to script hash (Bitcoin wiki "Base58Check encoding"): version, 20 bytes, checksum of four.
  private static func base58(_ address: String) -> String? {
    let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    guard 26...35 ~= address.utf8.count else { return nil }
    var bytes = [UInt8](repeating: 0, count: 25)
    for letter in address.utf8 {
      guard let digit = alphabet.firstIndex(of: letter) else { return nil }
      var carry = digit
      for index in bytes.indices.reversed() {
        carry += Int(bytes[index]) * 58
        bytes[index] = UInt8(truncatingIfNeeded: carry)
        carry >>= 8
      }
      guard carry == 0 else { return nil }
    }
    let hash = hexadecimal(bytes[1..<21])
    switch bytes[0] {
    case 0x00, 0x6f: return "76a914\(hash)88ac"
    case 0x05, 0xc4: return "a914\(hash)87"
    default: return nil
    }
  }

  /// Witness programs (BIP 173, BIP 350): a prefix, `1`, the version, groups of five bits, and six of checksum.
  private static func segwit(_ address: String) -> String? {
    guard let prefix = ["bc1", "tb1", "bcrt1"].first(where: address.hasPrefix), address.utf8.count <= 90 else {
      return nil
    }
    let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    let groups = address.utf8.dropFirst(prefix.utf8.count).map { alphabet.firstIndex(of: $0) }
    guard groups.count > 7, !groups.contains(nil), let version = groups[0], version <= 16 else { return nil }
    var program: [UInt8] = []
    var (bits, count) = (0, 0)
    for group in groups.dropFirst().dropLast(6) {
      bits = (bits << 5 | (group ?? 0)) & 0xfff
      count += 5
      guard count >= 8 else { continue }
      count -= 8
      program.append(UInt8(truncatingIfNeeded: bits >> count))
    }
    guard 2...40 ~= program.count else { return nil }
    // OP_0, or OP_1 and on from 0x51; then a push of the program.
    return hexadecimal([version == 0 ? 0 : UInt8(0x50 + version), UInt8(program.count)] + program)
  }
}
