import Capture
import Decode
import Flows

/// What hashing a job gives: of the previous block, and of both pieces of the coinbase.
struct JobHashes: BitwiseCopyable {
  var previousBlock: UInt64
  var coinbaseHead: UInt64
  var coinbaseTail: UInt64
}

/// The lines with jobs that were read last. A pool says the same line to all miners of a site, at a new block to all of them
/// at once: it is read once, and then recognised.
struct JobLines: ~Copyable {
  /// Shorter lines are read as fast as they are compared.
  static var shortest: Int { 256 }
  /// Lines kept in a row without one being recognised, after which only every 32nd is kept: some pools give each miner a
  /// coinbase of its own.
  private static var patience: UInt32 { 64 }

  private static var count: Int { 8 }

  private var texts = Slab<UInt8>(count: Self.count * Limits.jobLine)
  private var messages = InlineArray<8, JSONMessage> { _ in JSONMessage() }
  private var hashes = InlineArray<8, JobHashes>(
    repeating: JobHashes(previousBlock: 0, coinbaseHead: 0, coinbaseTail: 0))
  /// 0 for none.
  private var lengths = InlineArray<8, Int>(repeating: 0)
  private var latest = 0
  private var keptInVain: UInt32 = 0

  /// Recognises the line that `bytes` begin with.
  ///
  /// - Parameter message: becomes what reading it gave.
  mutating func recall(_ bytes: RawSpan, into message: inout JSONMessage) -> JobHashes? {
    for back in 0..<Self.count {
      let place = (latest &- back) & (Self.count &- 1)
      let length = lengths[place]
      guard length > 0, length < bytes.byteCount, bytes.byte(at: length) == UInt8(ascii: "\n"),
        texts.bytes(text(place, length)).begins(bytes)
      else { continue }
      keptInVain = 0
      message.become(messages[place])
      return hashes[place]
    }
    return nil
  }

  /// Whether it is worth while to keep another line.
  mutating func mayKeep() -> Bool {
    keptInVain &+= 1
    return keptInVain < Self.patience || keptInVain & 31 == 0
  }

  /// Keeps a line in the place of the oldest.
  ///
  /// - Parameter message: what the line is, with nothing before it in `bytes` and nothing behind it in the line.
  mutating func keep(_ bytes: RawSpan, _ message: borrowing JSONMessage, _ jobHashes: JobHashes) {
    guard message.end <= Limits.jobLine else { return }
    latest = (latest &+ 1) & (Self.count &- 1)
    texts.copy(bytes, from: 0, count: message.end, to: latest &* Limits.jobLine)
    messages[latest].become(message)
    hashes[latest] = jobHashes
    lengths[latest] = message.end
  }

  private func text(_ place: Int, _ length: Int) -> Range<Int> {
    place &* Limits.jobLine..<place &* Limits.jobLine &+ length
  }
}

extension RawSpan {
  /// Whether `other`, which is longer, begins with these bytes; there are 32 or more.
  fileprivate func begins(_ other: RawSpan) -> Bool {
    var position = 0
    while byteCount &- position > 128 {
      guard longDifference(from: other, at: position) == 0 else { return false }
      position &+= 128
    }
    while byteCount &- position > 32 {
      guard difference(from: other, at: position) == 0 else { return false }
      position &+= 32
    }
    return difference(from: other, at: byteCount &- 32) == 0
  }

  /// 0 when 128 bytes at one place are the same in both: one branch.
  @inline(__always)
  private func longDifference(from other: RawSpan, at place: Int) -> UInt64 {
    let bits = sixteenWords(at: place) ^ other.sixteenWords(at: place)
    let half = bits.lowHalf | bits.highHalf
    let quarter = half.lowHalf | half.highHalf
    let last = quarter.lowHalf | quarter.highHalf
    return last[0] | last[1]
  }

  /// The same of 32 bytes.
  @inline(__always)
  private func difference(from other: RawSpan, at place: Int) -> UInt64 {
    let bits = fourWords(at: place) ^ other.fourWords(at: place)
    return bits[0] | bits[1] | bits[2] | bits[3]
  }
}

extension StratumLedger {
  /// Recognises the job's line that `bytes` begin with.
  @inline(never)
  mutating func recallJob(_ bytes: RawSpan, into message: inout JSONMessage) -> Bool {
    jobHashes = jobLines.recall(bytes, into: &message)
    return jobHashes != nil
  }

  /// Keeps a line, if it is a job of Bitcoin's.
  ///
  /// - Parameter end: where the line ends that begins `bytes`.
  @inline(never)
  mutating func keepJob(_ bytes: RawSpan, _ message: borrowing JSONMessage, end: Int) {
    guard message.outcome == .complete, message.end == end, message.faults.isEmpty,
      message.parameterCount == StratumSessionState.bitcoinJobParameters, jobLines.mayKeep()
    else { return }
    jobLines.keep(bytes, message, hashes(ofJob: message, bytes))
  }

  func hashes(ofJob message: borrowing JSONMessage, _ bytes: RawSpan) -> JobHashes {
    JobHashes(
      previousBlock: hash(bytes, message.parameter(1).range), coinbaseHead: hash(bytes, message.parameter(2).range),
      coinbaseTail: hash(bytes, message.parameter(3).range))
  }
}
