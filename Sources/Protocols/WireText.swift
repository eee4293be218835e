import Capture
import Decode

extension String {
  /// Bytes as text, in the same way.
  init(wire bytes: ArraySlice<UInt8>) {
    let text = String(decoding: bytes.prefix(Limits.wireText), as: UTF8.self)
    self = bytes.count > Limits.wireText ? text + "…" : text
  }
}

extension RawSpan {
  /// These bytes as text: broken UTF-8 becomes U+FFFD, and what is over ``Capture/Limits/wireText`` bytes is cut and marked.
  ///
  /// For protocols whose texts have no escapes of their own. It may hold control characters: sinks escape them.
  var wireText: String {
    let kept = (0..<Swift.min(byteCount, Limits.wireText)).map { byte(at: $0) }
    let text = String(decoding: kept, as: UTF8.self)
    return byteCount > Limits.wireText ? text + "…" : text
  }
}

extension Collection<UInt8> {
  /// The same of bytes that were copied.
  var wireText: String {
    let text = String(decoding: prefix(Limits.wireText), as: UTF8.self)
    return count > Limits.wireText ? text + "…" : text
  }
}
