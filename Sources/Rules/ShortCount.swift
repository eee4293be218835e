/// How a ``WorkWindow`` counts shares.
protocol WindowCount: Sendable, BitwiseCopyable {
  init(_ count: UInt64)

  var value: UInt64 { get }
}

/// For the few: pools, accounts, the site.
extension UInt32: WindowCount {
  init(_ count: UInt64) { self.init(clamping: count) }

  var value: UInt64 { UInt64(self) }
}

/// For the many: a count in two bytes. Exact below 8,192, which is as many shares as a miner hands in all day, and good to one
/// part in 8,192 above, where chance moves a count by a hundred times as much.
///
///     | exponent, 4 bits | 12 bits |
///
/// As a floating point number has it: with exponent e above 0 the value is (4,096 + the 12 bits) × 2^(e - 1).
struct ShortCount: WindowCount {
  private let bits: UInt16

  /// Counts above 134,201,344 are taken for that.
  init(_ count: UInt64) {
    guard count >= 4_096 else {
      bits = UInt16(truncatingIfNeeded: count)
      return
    }
    let surplus = UInt64(max(51 - count.leadingZeroBitCount, 0))
    let (rounded, isTooMuch) = count.addingReportingOverflow((1 << surplus) >> 1)
    let shift = UInt64(max(51 - rounded.leadingZeroBitCount, 0))
    guard !isTooMuch, shift < 15 else {
      bits = .max
      return
    }
    bits = UInt16(truncatingIfNeeded: ((shift + 1) << 12) | ((rounded >> shift) & 0xfff))
  }

  var value: UInt64 {
    let (exponent, rest) = (UInt64(bits >> 12), UInt64(bits & 0xfff))
    return exponent == 0 ? rest : (0x1000 | rest) << (exponent - 1)
  }
}
