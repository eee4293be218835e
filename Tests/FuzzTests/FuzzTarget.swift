/// A function that takes bytes from outside, to be driven with any bytes at all.
///
/// `make fuzz` drives each with libFuzzer; ``FuzzSmokeTests`` with its seeds and some thousand mutations of them. Add one to the
/// list of its family, in `FuzzTargets+Family.swift`.
struct FuzzTarget: Sendable {
  /// In small letters with hyphens: names the corpus too.
  let name: String
  /// Inputs to begin with.
  let seeds: @Sendable () -> [[UInt8]]
  /// Does it. A trap is a failure of itself.
  ///
  /// - Returns: what an oracle has to object; nil when all is well.
  let run: @Sendable ([UInt8]) -> String?

  init(
    _ name: String, seeds: @escaping @Sendable () -> [[UInt8]], run: @escaping @Sendable ([UInt8]) -> String?
  ) {
    self.name = name
    self.seeds = seeds
    self.run = run
  }

  static let all: [FuzzTarget] = packets + streams + datagrams + files

  static func named(_ name: String) -> FuzzTarget? {
    all.first { $0.name == name }
  }
}

extension [UInt8] {
  /// These bytes as the stages see them.
  func withBytes<Result: ~Copyable>(_ body: (RawSpan) -> Result) -> Result {
    let span = span
    return body(unsafe span.bytes)
  }
}

/// Takes an input apart: the first bytes steer, the rest is said.
struct FuzzInput {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  var isEmpty: Bool { rest.isEmpty }

  mutating func byte() -> UInt8? { rest.popFirst() }

  mutating func bytes(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// A conversation: each turn has a byte for who speaks and the higher bits of its length, and one for the lower.
  static func turns(_ bytes: [UInt8]) -> [(isClient: Bool, bytes: [UInt8])] {
    var input = FuzzInput(bytes)
    var turns: [(isClient: Bool, bytes: [UInt8])] = []
    while let first = input.byte(), let second = input.byte() {
      turns.append((first & 0x80 == 0, input.bytes(Int(first & 0x7f) << 8 | Int(second))))
    }
    return turns
  }

  /// The input that ``turns(_:)`` makes such turns of.
  static func from(_ turns: [(isClient: Bool, bytes: [UInt8])]) -> [UInt8] {
    turns.flatMap { turn in
      let count = min(turn.bytes.count, 0x7fff)
      let first = UInt8(count >> 8) | (turn.isClient ? 0 : 0x80)
      return [first, UInt8(count & 0xff)] + turn.bytes.prefix(count)
    }
  }
}
