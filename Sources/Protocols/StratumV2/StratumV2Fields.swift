import Decode

/// Reads the fields of a Stratum V2 payload one after the other (sv2-spec 03-Protocol-Overview.md §3.1, data types).
/// Numbers are little-endian. Past the end every number is 0 and every text empty, and ``isWhole`` says so.
struct StratumV2Fields: ~Escapable {
  private let bytes: RawSpan
  private var position: Int
  private let end: Int
  /// Nothing was asked for that is not there.
  private(set) var isWhole = true

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = min(range.upperBound, bytes.byteCount)
  }

  mutating func skip(_ count: Int) { _ = take(count) }

  mutating func uint8() -> UInt8 { take(1).map { bytes.byte(at: $0) } ?? 0 }
  mutating func uint16() -> UInt16 { take(2).map { bytes.uint16(at: $0).byteSwapped } ?? 0 }
  mutating func uint32() -> UInt32 { take(4).map { bytes.uint32(at: $0).byteSwapped } ?? 0 }
  mutating func uint64() -> UInt64 { take(8).map { bytes.word(at: $0) } ?? 0 }

  /// The offset of a U256, 32 bytes.
  mutating func uint256() -> Int? { take(32) }

  /// STR0_255 or B0_255: a length of one byte, then so many.
  mutating func short() -> Range<Int> { run(Int(uint8())) }

  /// B0_64K: a length of two bytes.
  mutating func long() -> Range<Int> { run(Int(uint16())) }

  func text(_ range: Range<Int>) -> String { bytes.extracting(range).wireText }

  private mutating func run(_ length: Int) -> Range<Int> {
    guard let start = take(length) else { return end..<end }
    return start..<start &+ length
  }

  private mutating func take(_ count: Int) -> Int? {
    guard isWhole, count <= end &- position else {
      isWhole = false
      return nil
    }
    defer { position &+= count }
    return position
  }
}
