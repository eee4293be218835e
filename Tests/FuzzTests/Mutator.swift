import Simulator

/// Changes inputs at random, and always in the same way from the same seed: a small libFuzzer without eyes.
struct Mutator {
  private var dice: SplitMix64

  init(seed: UInt64) {
    dice = SplitMix64(seed: seed)
  }

  /// Values that are the edge of something.
  private static let edges: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x0d, 0x20, 0x22, 0x5c, 0x7b, 0x7d]

  mutating func mutate(_ seed: [UInt8], crossing other: [UInt8]) -> [UInt8] {
    var bytes = seed
    for _ in 0..<Int.random(in: 1...4, using: &dice) { change(&bytes, other) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
    guard let place = bytes.indices.randomElement(using: &dice) else {
      bytes = other
      return
    }
    let length = min(Int.random(in: 1...16, using: &dice), bytes.count - place)
    switch Int.random(in: 0..<8, using: &dice) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
    case 1: bytes[place] = Self.edges.randomElement(using: &dice) ?? 0
    case 2: bytes[place] = .random(in: 0...255, using: &dice)
    case 3: bytes.removeSubrange(place..<place + length)
    case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
    case 5: bytes.removeSubrange(place...)
    case 6:
      let start = other.indices.randomElement(using: &dice) ?? 0
      bytes.replaceSubrange(place..<place + length, with: other.dropFirst(start).prefix(length))
    default: bytes.append(contentsOf: other.prefix(Int.random(in: 0...other.count, using: &dice)))
    }
  }
}
