import Decode

/// What happens to a conversation on its way to the tap.
package enum Shape: String, CaseIterable, Sendable {
  case whole
  /// Every byte in a segment of its own.
  case bytewise
  /// The monitor joins after the handshake.
  case middle
  /// The first data segment of each direction never reaches the tap.
  case lossy
}

extension Tape {
  /// Without the first frame with payload that `host` sent.
  func losingFirstData(from host: Host) -> Tape {
    var address: [UInt8] = []
    address.append32(host.address.v4)
    // Ethernet, IPv4 and TCP without options are 54 bytes, and the sender's address stands at 26.
    let index = frames.firstIndex { $0.bytes.count > 54 && Array($0.bytes[26..<30]) == address }
    return index.map(losing) ?? self
  }
}
