extension UInt64 {
  /// What SplitMix64 adds to its state for each number: 2⁶⁴ over the golden ratio.
  static let goldenGamma: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// A bijection that spreads every bit over all 64: a step of SplitMix64 from this state (Steele, Lea, Flood: "Fast splittable
  /// pseudorandom number generators", OOPSLA 2014).
  package var mixed: UInt64 {
    var word = self &+ Self.goldenGamma
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}
