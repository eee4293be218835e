import Capture
import Decode

/// What a session is given to work on, told when it changes: at the first job, at a new block, and when somebody else is paid.
package struct MiningWork: Sendable {
  /// The block that the work builds on.
  package var previousBlock: BlockHash
  /// How hard a block is to find, in the compact form of a block header.
  package var bits: UInt32
  /// The number of the block that is being looked for (BIP 34); nil where the coinbase does not tell.
  package var height: UInt32?
  /// Equal in one run when the same scripts are paid, in whatever order; 0 when the coinbase could not be read.
  package var payees: UInt64
  /// Said with the first job, and again when scripts or tag have changed since.
  package var payout: MiningPayout?

  package init(
    previousBlock: BlockHash, bits: UInt32, height: UInt32? = nil, payees: UInt64 = 0, payout: MiningPayout? = nil
  ) {
    self.previousBlock = previousBlock
    self.bits = bits
    self.height = height
    self.payees = payees
    self.payout = payout
  }

  /// How many hashes a block takes on average, as a multiple of what Bitcoin's first block took.
  package var networkDifficulty: Double {
    let mantissa = Double(bits & 0x7f_ffff)
    let exponent = Int(bits >> 24)
    guard mantissa > 0 else { return 0 }
    // 0x1d00ffff is difficulty 1; a step of the exponent is eight bits.
    return 65_535.0 / mantissa * Double(sign: .plus, exponent: 8 * (0x1d - exponent), significand: 1)
  }
}

extension MiningWork {
  /// The block that is built on was found with another algorithm than Bitcoin's: as SHA-256d gives it, its hash is no proof of work.
  ///
  /// No hash of a block of Bitcoin's is above difficulty 1's target, whatever the chain, unless its own difficulty is below that; and
  /// difficulty falls to a quarter at the most from one block to the next. On a chain for tests it may be below.
  package var isOfOtherAlgorithm: Bool { networkDifficulty >= 4 && !previousBlock.isBelowFirstTarget }
}

/// Who a coinbase pays, in words.
package struct MiningPayout: Equatable, Sendable {
  package struct Output: Equatable, Sendable {
    /// Hexadecimal.
    package var script: String
    /// In satoshi.
    package var amount: UInt64

    package init(script: String, amount: UInt64) {
      self.script = script
      self.amount = amount
    }
  }

  /// The first ``limit`` of those that pay somebody, in the transaction's order.
  package let outputs: [Output]
  /// How many pay somebody.
  package let count: Int
  /// What the pool writes into the input's script: the text between the first slash and the last one
  /// (of the last text that has two), or the longest text.
  package let tag: String?
  /// Equal in one run for the same scripts, in whatever order, and the same tag between slashes, whatever digits are in it.
  package let identity: UInt64

  package init(outputs: [Output], count: Int, tag: String? = nil) {
    self.outputs = outputs
    self.count = count
    self.tag = tag
    identity = Self.identity(of: outputs, tag)
  }

  /// With more outputs than this a coinbase shares out to many, as it has come to be at this block: who they are is not compared.
  package static let limit = 8
}

extension MiningPayout {
  private static func identity(of outputs: [Output], _ tag: String?) -> UInt64 {
    var sum = 0
    for output in outputs { sum &+= output.script.hashValue }
    var hasher = Hasher()
    hasher.combine(sum)
    if let tag, tag.utf8.first == UInt8(ascii: "/") {
      for byte in tag.utf8 where UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 { hasher.combine(byte | 0x20) }
    }
    return UInt64(bitPattern: Int64(hasher.finalize())) | 1
  }

  /// - Parameter coinbase: from its first output on.
  /// - Returns: nil when the transaction is broken, or longer or shorter than it says.
  init?(whole coinbase: Coinbase) {
    var rest = coinbase
    while rest.next() != nil {}
    guard rest.isWhole else { return nil }
    self.init(coinbase)
  }

  /// - Parameter coinbase: from its first output on.
  init(_ coinbase: Coinbase) {
    var coinbase = coinbase
    var (outputs, count): ([Output], Int) = ([], 0)
    while let output = coinbase.next() {
      guard coinbase.pays(output) else { continue }
      count += 1
      guard outputs.count < Self.limit else { continue }
      outputs.append(Output(script: coinbase.digits(output.script), amount: coinbase.amount(of: output)))
    }
    self.init(outputs: outputs, count: count, tag: coinbase.tag)
  }
}

extension Coinbase {
  /// Bytes in hexadecimal; what is longer than a text from the wire may be is cut.
  fileprivate func digits(_ range: Range<Int>) -> String {
    hexadecimal(bytes(range.prefix(Limits.wireText / 2)))
  }

  /// The number of the block, which the input's script begins with (BIP 34): a push of up to four bytes, least significant first.
  var height: UInt32? {
    guard let length = byte(at: script.lowerBound), 1...4 ~= length, Int(length) < script.count else { return nil }
    var height: UInt32 = 0
    for index in stride(from: Int(length), to: 0, by: -1) {
      guard let next = byte(at: script.lowerBound &+ index) else { return nil }
      height = height &<< 8 | UInt32(next)
    }
    return height
  }

  fileprivate var tag: String? {
    let start = height == nil ? script.lowerBound : script.lowerBound &+ 1 &+ Int(byte(at: script.lowerBound) ?? 0)
    guard start < script.upperBound else { return nil }
    // The text at hand and its slashes, and the best of those before it.
    var text = start..<start
    var slashes = 0..<0
    var (longest, slashed) = (text, 0..<0)
    for offset in start..<script.upperBound {
      guard let next = byte(at: offset), 0x20..<0x7f ~= next else {
        (text, slashes) = (offset &+ 1..<offset &+ 1, 0..<0)
        continue
      }
      text = text.lowerBound..<offset &+ 1
      if next == UInt8(ascii: "/") {
        slashes = slashes.isEmpty ? offset..<offset &+ 1 : slashes.lowerBound..<offset &+ 1
        if slashes.count > 1 { slashed = slashes }
      }
      if text.count > longest.count { longest = text }
    }
    if !slashed.isEmpty { return self.text(slashed) }
    // Counters and time make short texts by chance.
    return longest.count < 6 ? nil : self.text(longest)
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes(range), as: UTF8.self) }

  private func bytes(_ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for offset in range { bytes.append(byte(at: offset) ?? 0) }
    return bytes
  }
}
