import Decode

/// Tells MQTT by its CONNECT packet (MQTT 5.0 §3.1, 3.1.1 §3.1, and 3.1 with its older name):
///
///     10 | remaining length 1...4 | 00 04 "MQTT" or 00 06 "MQIsdp" | level 3...5
enum MQTT {
  private static let connect: UInt8 = 0x10
  private static let names: [[UInt8]] = [[0, 4] + Array("MQTT".utf8), [0, 6] + Array("MQIsdp".utf8)]

  static func probe(_ bytes: RawSpan) -> Probe {
    guard bytes.byte(at: 0) == connect else { return .reject }
    // Seven bits a byte, the highest tells that another one follows.
    var offset = 1
    while offset < bytes.byteCount, bytes.byte(at: offset) & 0x80 != 0 { offset += 1 }
    guard offset <= 4 else { return .reject }
    guard offset + 1 < bytes.byteCount else { return .needMore }
    let rest = bytes.extracting(offset + 1..<bytes.byteCount)
    var hopes = false
    for name in names {
      switch rest.probe(for: name) {
      case .match:
        guard rest.byteCount > name.count else { return .needMore }
        return (3...5).contains(rest.byte(at: name.count)) ? .match(opener: .client) : .reject
      case .needMore: hopes = true
      case .reject: continue
      }
    }
    return hopes ? .needMore : .reject
  }
}
