import Decode
import Flows

import struct Simulator.SplitMix64

/// Lends `bytes` as a span that ends exactly where they do, so that a read past the end traps.
func withSpan<Result>(_ bytes: [UInt8], _ body: (RawSpan) throws -> Result) rethrows -> Result {
  let slab = Slab(copying: bytes)
  return try body(slab.bytes(0..<bytes.count))
}

/// Bytes from pairs of hexadecimal digits; anything else between them is ignored.
func hex(_ text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}

extension SplitMix64 {
  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
