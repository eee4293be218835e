import Flows

extension Slab where Element == UInt8 {
  init(copying bytes: [UInt8]) {
    self.init(count: bytes.count)
    for (index, byte) in bytes.enumerated() { self[index] = byte }
  }
}

/// Deterministic random numbers (Steele, Lea and Flood's SplitMix64).
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
