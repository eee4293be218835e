/// TLS and what looks like it, as far as a tap sees it.
package enum TLSBytes {
  /// A TLS 1.3 ClientHello in one record (RFC 8446 §4.1.2): one cipher suite, a name, ALPN, supported versions.
  package static func clientHello(for name: String, offering protocols: [String] = []) -> [UInt8] {
    var extensions = `extension`(0, vector([0] + vector(Array(name.utf8), 2), 2))
    if !protocols.isEmpty { extensions += `extension`(16, vector(protocols.flatMap { vector(Array($0.utf8), 1) }, 2)) }
    extensions += `extension`(43, [2, 3, 4])
    let body: [UInt8] =
      [3, 3] + [UInt8](repeating: 0x5a, count: 32) + [0, 0, 2, 0x13, 0x01, 1, 0] + vector(extensions, 2)
    return record(22, [1] + vector(body, 3))
  }

  /// The answer, with TLS 1.3 chosen: what follows is encrypted.
  package static func serverHello() -> [UInt8] {
    let body: [UInt8] =
      [3, 3] + [UInt8](repeating: 0xa5, count: 32) + [0, 0x13, 0x01, 0] + vector(`extension`(43, [3, 4]), 2)
    return record(22, [2] + vector(body, 3))
  }

  /// A record of encrypted data, `count` bytes in it.
  package static func data(_ count: Int) -> [UInt8] {
    record(23, [UInt8](repeating: 0xd7, count: count))
  }

  private static func record(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] { [type, 3, 3] + vector(payload, 2) }

  private static func `extension`(_ type: UInt16, _ data: [UInt8]) -> [UInt8] {
    [UInt8(type >> 8), UInt8(type & 0xff)] + vector(data, 2)
  }

  /// `bytes` behind their length in `size` bytes.
  private static func vector(_ bytes: [UInt8], _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * (size - 1 - $0))) } + bytes
  }
}
