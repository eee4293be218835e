import Decode
import Flows

extension [UInt8] {
  /// Lends bytes that were put together as a span, like those of the wire.
  func withRawSpan<Result>(_ body: (RawSpan) -> Result) -> Result {
    var slab = Slab<UInt8>(count: count)
    for (index, byte) in enumerated() { slab[index] = byte }
    return body(slab.bytes(0..<count))
  }
}
