import Capture
import Decode
import Flows

/// What the sessions share: users, open requests, texts and counters, and the packet time of what is being read.
struct StratumLedger: ~Copyable {
  var users: StratumUsers
  var requests: StratumRequestPool
  /// The agent of each session, by the session's place; grown as places are used.
  var agents: [String?] = []
  /// What each session handed in since its last pulse, by the session's place: apart from the sessions, so that who takes the
  /// pulses of all reads four bytes each.
  var beats: Slab<ShareBeat>
  /// By the session's place as well: when a session may have something to say, though it is told nothing.
  var dues: DueTimes
  var counters = StratumCounters()
  /// How often each method of ``StratumMethod/table`` was said, by its place there.
  var methods = Slab<UInt64>(count: StratumMethod.table.count)
  /// ``StratumMethod/table`` where looking a row up counts no references.
  let methodTable = StratumMethod.flatTable()
  var coinbases = CoinbaseReadings()
  var jobLines = JobLines()
  /// Of the line at hand, if it was recognised.
  var jobHashes: JobHashes?
  var now = Timestamp(nanoseconds: 0)
  /// What a sender cannot know: where hashing starts, and an odd factor.
  private let start: UInt64
  private let factor: UInt64
  private let place = InPlace()

  init(sessions: Int, users: Int, requests: Int, seed: UInt64) {
    beats = Slab(count: sessions)
    dues = DueTimes(count: sessions, atMost: StratumSessionState.reportInterval)
    self.users = StratumUsers(limit: users)
    self.requests = StratumRequestPool(limit: requests)
    start = (seed ^ 0x2545_f491_4f6c_dd1d).foldedProduct(with: 0x9e37_79b9_7f4a_7c15)
    factor = (start ^ 0xd6e8_feb8_6659_fd93).foldedProduct(with: 0xa076_1d64_78bd_642f) | 1
  }

  /// Packet time in seconds, cut to the 32 bits that open requests keep.
  var seconds: UInt32 { UInt32(truncatingIfNeeded: now.seconds) }

  /// Keyed hash of some bytes: equal bytes have equal hashes, and only who knows the seed can make others equal.
  @inline(__always)
  func hash(_ bytes: RawSpan, _ range: Range<Int>) -> UInt64 {
    let (first, end) = (range.lowerBound, min(range.upperBound, bytes.byteCount))
    let count = end &- first
    // Names, jobs and ids are that short: one multiplication tells them apart.
    if count <= 8 { return (seeded(count) ^ bytes.paddedWord(from: first, to: end)).foldedProduct(with: factor) }
    if count <= 16 {
      return (seeded(count) ^ bytes.word(at: first)).foldedProduct(with: factor ^ bytes.word(at: end &- 8))
    }
    return Self.hash(bytes, from: first, to: end, seeded(count), factor)
  }

  /// The same of two hashes and a number.
  func hash(_ first: UInt64, _ second: UInt64, salt: UInt64) -> UInt64 {
    (first ^ salt).foldedProduct(with: second ^ factor)
  }

  private func seeded(_ count: Int) -> UInt64 { start ^ UInt64(truncatingIfNeeded: count) }

  /// Of more than 16 bytes: twice 16 a step, so that one multiplication need not wait for the other, and the last 16 whether
  /// or not they were seen already.
  @inline(never)
  private static func hash(
    _ bytes: RawSpan, from start: Int, to end: Int, _ seed: UInt64, _ factor: UInt64
  ) -> UInt64 {
    var (even, odd) = (seed, factor)
    var position = start
    while end &- position > 32 {
      even = (even ^ bytes.word(at: position)).foldedProduct(with: factor ^ bytes.word(at: position &+ 8))
      odd = (odd ^ bytes.word(at: position &+ 16)).foldedProduct(with: factor ^ bytes.word(at: position &+ 24))
      position &+= 32
    }
    var hash = even ^ odd
    if end &- position > 16 {
      hash = (hash ^ bytes.word(at: position)).foldedProduct(with: factor ^ bytes.word(at: position &+ 8))
    }
    return (hash ^ bytes.word(at: end &- 16)).foldedProduct(with: factor ^ bytes.word(at: end &- 8))
  }
}
