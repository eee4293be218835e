/// Bytes of WebSockets (RFC 6455): the upgrade, and messages of one frame.
package enum WebSocketBytes {
  /// The client's request, and the server's answer with the accept value of RFC 6455 §1.3.
  package static func request(host: String, offers: String? = nil) -> [UInt8] {
    Array(
      ("GET /ws HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + fields(offers) + "\r\n").utf8
    )
  }

  package static func answer(agreesOn extensions: String? = nil) -> [UInt8] {
    Array(
      ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" + fields(extensions) + "\r\n").utf8)
  }

  private static func fields(_ extensions: String?) -> String {
    extensions.map { "Sec-WebSocket-Extensions: \($0)\r\n" } ?? ""
  }

  /// One frame (RFC 6455 §5.2).
  ///
  /// - Parameters:
  ///   - first: FIN, reserved bits and opcode: 0x81 for a whole message of text.
  ///   - key: masks the payload, as every client must.
  package static func frame(_ payload: [UInt8], first: UInt8 = 0x81, key: [UInt8]? = nil) -> [UInt8] {
    let mask: UInt8 = key == nil ? 0 : 0x80
    var bytes = [first]
    switch payload.count {
    case ..<126: bytes.append(mask | UInt8(truncatingIfNeeded: payload.count))
    case ..<65_536: bytes += [mask | 126] + bigEndian(payload.count, 2)
    default: bytes += [mask | 127] + bigEndian(payload.count, 8)
    }
    guard let key, !key.isEmpty else { return bytes + payload }
    return bytes + key + payload.enumerated().map { $1 ^ key[$0 % key.count] }
  }

  private static func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
