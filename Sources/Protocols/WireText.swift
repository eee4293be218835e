import Capture
import Decode

extension RawSpan {
  /// These bytes as text: broken UTF-8 becomes U+FFFD, and what is over ``Capture/Limits/wireText`` bytes is cut and marked.
  ///
  /// For protocols whose texts have no escapes of their own. It may hold control characters: sinks escape them.
  var wireText: String {
    let isCut = byteCount > Limits.wireText
    let kept = Swift.min(byteCount, Limits.wireText)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(kept)
    for index in 0..<kept { bytes.append(byte(at: index)) }
    let text = String(decoding: bytes, as: UTF8.self)
    return isCut ? text + "…" : text
  }
}
