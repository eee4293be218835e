import Decode

/// Tells a WebSocket that was joined in the middle by messages of JSON: one that was seen from its start is told by its upgrade.
///
/// Only a message of one frame tells, and it must begin like an object with a key or a list of such: three bytes and the
/// header agree by chance in one of some ten million.
enum WebSocket {
  static func probe(_ bytes: FirstBytes) -> Probe {
    bytes.sawStart ? .reject : bytes.probeEither(probe)
  }

  private static func probe(_ bytes: RawSpan) -> Probe {
    guard bytes.byteCount > 0, bytes.byte(at: 0) == 0x81 || bytes.byte(at: 0) == 0x82 else { return .reject }
    switch WebSocketFrame.read(bytes, at: 0) {
    case .more: return .needMore
    case .broken: return .reject
    case .whole(let frame):
      guard frame.length >= 2 else { return .reject }
      guard bytes.byteCount >= frame.byteCount + 2 else { return .needMore }
      let first = frame.unmasked(bytes.byte(at: frame.byteCount), at: 0)
      let second = frame.unmasked(bytes.byte(at: frame.byteCount + 1), at: 1)
      let isJSON =
        first == UInt8(ascii: "{") && second == UInt8(ascii: "\"")
        || first == UInt8(ascii: "[") && second == UInt8(ascii: "{")
      return isJSON ? .match(opener: frame.key == nil ? .server : .client) : .reject
    }
  }
}
