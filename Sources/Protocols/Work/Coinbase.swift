import Decode

/// The coinbase transaction that a job is about, in two pieces with the extranonce between them, read where they lie.
///
///     version 4 | inputs 01 | previous output 36 | script length | script | sequence 4
///       | outputs | { value 8 | script length | script } ... | lock time 4
///
/// Lengths are Bitcoin's compact sizes (developer reference, "CompactSize"). The extranonce stands in the input's script, or in an
/// output that carries data. Offsets count bytes of the whole transaction. Only its shape is checked: not that the previous output
/// is none, nor the values.
struct Coinbase: ~Escapable {
  private let bytes: RawSpan
  private let head: Range<Int>
  private let tail: Range<Int>
  /// Characters a byte: 2 in hexadecimal, 1 as they are.
  private let width: Int
  /// Bytes of extranonce between the pieces.
  let gap: Int
  /// Where the rest of the transaction begins behind the extranonce.
  private let tailStart: Int
  private let count: Int

  /// Where the input's script is, in bytes.
  private(set) var script: Range<Int>
  private(set) var outputCount: Int
  private var outputsLeft: Int
  private var position: Int

  /// Extranonces are 4 and 8 bytes mostly, and cgminer takes 16 for its own part.
  static var longestGap: Int { 32 }
  private static var scriptLength: Int { 41 }

  struct Output {
    /// Where the eight bytes of the value begin, and where the script is, in bytes.
    let value: Int
    let script: Range<Int>
  }

  /// - Parameters:
  ///   - head: where the piece before the extranonce stands in `bytes`; `tail`: the piece behind it.
  ///   - gap: bytes of both extranonces together.
  /// - Returns: nil when that cannot be a coinbase.
  @_lifetime(copy bytes)
  init?(_ bytes: RawSpan, head: Range<Int>, tail: Range<Int>, width: Int, gap: Int) {
    self.bytes = bytes
    self.head = head
    self.tail = tail
    self.width = width
    self.gap = gap
    tailStart = head.count / width &+ gap
    count = tailStart &+ tail.count / width
    script = 0..<0
    (outputCount, outputsLeft, position) = (0, 0, Self.scriptLength)
    guard head.upperBound <= bytes.byteCount, tail.upperBound <= bytes.byteCount, byte(at: 4) == 1,
      let length = readSize()
    else { return nil }
    script = position..<position &+ length
    position = script.upperBound &+ 4
    // BIP 68 gives other sequence numbers a meaning that no coinbase needs.
    guard let last = byte(at: position &- 1), last == byte(at: position &- 2), last == 0 || last == 0xff,
      let outputs = readSize()
    else { return nil }
    (outputCount, outputsLeft) = (outputs, outputs)
  }

  /// The next output; nil behind the last one, and when the transaction is broken.
  mutating func next() -> Output? {
    guard outputsLeft > 0, position &+ 8 < count else { return nil }
    let value = position
    position &+= 8
    guard let length = readSize(), length < count &- position else {
      position = count
      return nil
    }
    let script = position..<position &+ length
    position = script.upperBound
    outputsLeft &-= 1
    return Output(value: value, script: script)
  }

  /// All outputs were read, and nothing but the lock time follows.
  var isWhole: Bool { outputsLeft == 0 && position &+ 4 == count }

  // MARK: Bytes

  /// Where in the span some bytes stand; nil when the extranonce is among them or they are not there.
  @inline(__always)
  func place(of range: Range<Int>) -> Range<Int>? {
    if range.upperBound &* width <= head.count {
      return head.lowerBound &+ range.lowerBound &* width..<head.lowerBound &+ range.upperBound &* width
    }
    guard range.lowerBound >= tailStart, range.upperBound <= count else { return nil }
    return tail.lowerBound &+ (range.lowerBound &- tailStart) &* width..<tail.lowerBound
      &+ (range.upperBound &- tailStart) &* width
  }

  /// Nil for the extranonce, past the end and for what is no hexadecimal digit.
  @inline(__always)
  func byte(at offset: Int) -> UInt8? {
    guard let place = place(of: offset..<offset &+ 1) else { return nil }
    if width == 1 { return bytes.byte(at: place.lowerBound) }
    guard let high = bytes.byte(at: place.lowerBound).hexDigit, let low = bytes.byte(at: place.lowerBound &+ 1).hexDigit
    else { return nil }
    return high &<< 4 | low
  }

  /// What an output pays, in satoshi (1e-8 bitcoin).
  func amount(of output: Output) -> UInt64 {
    var value: UInt64 = 0
    for index in stride(from: 7, through: 0, by: -1) {
      value = value &<< 8 | UInt64(byte(at: output.value &+ index) ?? 0)
    }
    return value
  }

  /// Whether the output pays somebody: its script is not empty, and does not begin with OP_RETURN, which carries data.
  @inline(__always)
  func pays(_ output: Output) -> Bool {
    guard !output.script.isEmpty, let first = byte(at: output.script.lowerBound) else { return false }
    return first != 0x6a
  }

  /// A compact size of one or three bytes: no script or list in a job is longer than 65,535.
  @inline(__always)
  private mutating func readSize() -> Int? {
    guard let first = byte(at: position) else { return nil }
    position &+= 1
    if first < 0xfd { return Int(first) }
    guard first == 0xfd, let low = byte(at: position), let high = byte(at: position &+ 1) else { return nil }
    position &+= 2
    return Int(high) &<< 8 | Int(low)
  }
}
