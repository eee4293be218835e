import Capture
import Decode
import Flows

/// What a session is given to work on: which block it builds on, who is paid, and which jobs were offered.
struct StratumWork: Sendable, BitwiseCopyable {
  /// Hash of the previous block as it is written; 0 before the first job.
  var previousBlock: UInt64 = 0
  /// See ``MiningWork/payees``.
  var payees: UInt64 = 0
  /// Hash of the pool's tag.
  var tag: UInt32 = 0
  /// Packet time of the last job, in seconds cut to 32 bits.
  var lastJob: UInt32 = 0
  var changes = StratumAllowance()
  /// Bytes of both extranonces; 0 while nobody said.
  var extranonce: UInt8 = 0
  /// How often another length of the extranonce may still be tried.
  var guessesLeft: UInt8 = 8
  var unknownJobsLeft: UInt8 = 4
  /// The jobs before the latest four, by the low bits of their number: 16 bits of their hashes, so that of 2,000 shares for a job
  /// that was never offered one may be missed; and how many seconds each came behind the one before it, 255 for more.
  var offered = InlineArray<32, UInt16>(repeating: 0)
  var offeredBehind = InlineArray<32, UInt8>(repeating: 0)

  static var kept: UInt32 { 32 }
}

extension StratumSessionState {
  /// A share for a job that is this old still comes at times: cgminer sends a share again for 120 s, also in the next
  /// session (cgminer cgminer.c). The rest is our judgement.
  private static var lateAge: UInt32 { 180 }

  /// Says the session's work when it has changed. For every job: what is compared are a hash of the previous block and one of
  /// the scripts that are paid.
  @inline(__always)
  mutating func noteWork(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    let hashes = ledger.jobHashes ?? ledger.hashes(ofJob: message, bytes)
    let previous = hashes.previousBlock
    let payees = payees(message, bytes, hashes, &ledger)
    if previous == work.previousBlock, payees == work.payees { return }
    changeWork(message, bytes, hashes, payees, &ledger, &events)
  }

  @inline(never)
  private mutating func changeWork(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ hashes: JobHashes, _ payees: UInt64,
    _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    let paysOthers = work.previousBlock == 0 || payees != work.payees
    work.previousBlock = hashes.previousBlock
    work.payees = payees
    guard let block = BlockHash(bytes, message.parameter(1)), let bits = bytes.hexWord(message.parameter(6)) else {
      return
    }
    var change = MiningWork(previousBlock: block, bits: bits, payees: payees)
    if payees != 0, let coinbase = coinbase(message, bytes, gap: Int(work.extranonce)) {
      change.height = coinbase.height
      let payout = ledger.coinbases.payout(coinbase, key(of: hashes, ledger))
      let tag = UInt32(truncatingIfNeeded: payout.tag?.hashValue ?? 0)
      if paysOthers || tag != work.tag { change.payout = payout }
      work.tag = tag
    }
    guard work.changes.take(at: ledger.now) else {
      ledger.counters.workWithheld &+= 1
      return
    }
    say(.work(change), ledger, &events)
  }

  // MARK: The coinbase

  /// A keyed hash of the scripts that a job's coinbase pays; 0 when it cannot be read.
  private mutating func payees(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ hashes: JobHashes, _ ledger: inout StratumLedger
  ) -> UInt64 {
    let key = key(of: hashes, ledger)
    if let reading = ledger.coinbases.find(key) { return use(reading) }
    guard var reading = readCoinbase(message, bytes, ledger) else { return 0 }
    reading.key = key
    ledger.coinbases.keep(reading)
    return use(reading)
  }

  /// Of the coinbase that a job makes with this session's extranonce.
  @inline(__always)
  private func key(of hashes: JobHashes, _ ledger: borrowing StratumLedger) -> UInt64 {
    ledger.hash(hashes.coinbaseHead, hashes.coinbaseTail, salt: UInt64(work.extranonce))
  }

  private mutating func use(_ reading: CoinbaseReadings.Reading) -> UInt64 {
    guard reading.isGuess else { return reading.payees }
    guard work.guessesLeft > 0 else { return 0 }
    work.guessesLeft &-= 1
    if reading.payees != 0 { work.extranonce = reading.extranonce }
    return reading.payees
  }

  /// - Returns: nil when it makes no sense with the extranonce that is known, and no other may be tried any more.
  @inline(never)
  private func readCoinbase(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: borrowing StratumLedger
  ) -> CoinbaseReadings.Reading? {
    var reading = CoinbaseReadings.Reading()
    if work.extranonce != 0, let coinbase = coinbase(message, bytes, gap: Int(work.extranonce)),
      let payees = ledger.payees(coinbase, bytes)
    {
      reading.payees = payees
      return reading
    }
    // The reply to subscribe was not seen, or the pool builds its coinbase in its own way.
    guard work.guessesLeft > 0 else { return nil }
    reading.isGuess = true
    for gap in 0...Coinbase.longestGap {
      guard let coinbase = coinbase(message, bytes, gap: gap), let payees = ledger.payees(coinbase, bytes) else {
        continue
      }
      reading.extranonce = UInt8(truncatingIfNeeded: gap)
      reading.payees = payees
      break
    }
    return reading
  }

  @inline(__always)
  @_lifetime(copy bytes)
  private func coinbase(_ message: borrowing JSONMessage, _ bytes: RawSpan, gap: Int) -> Coinbase? {
    let (head, tail) = (message.parameter(2), message.parameter(3))
    return Coinbase(bytes, head: head.range, tail: tail.range, width: 2, gap: gap)
  }

  /// Remembers how long the extranonces are that the pool gave out.
  mutating func noteExtranonce(_ value: JSONValue, size: JSONValue, _ bytes: RawSpan) {
    guard value.kind == .string, let room = bytes.integer(size), 0...Coinbase.longestGap ~= room else { return }
    let length = value.range.count / 2 &+ room
    if length <= Coinbase.longestGap { work.extranonce = UInt8(truncatingIfNeeded: length) }
  }

  // MARK: Jobs

  /// Remembers a job beyond the latest four.
  @inline(__always)
  mutating func offer(_ hash: UInt32, at seconds: UInt32) {
    let place = Int(jobCount & (StratumWork.kept &- 1))
    work.offered[place] = UInt16(truncatingIfNeeded: hash)
    // A capture's clock can step back.
    work.offeredBehind[place] = UInt8(clamping: Int32(bitPattern: seconds &- work.lastJob))
    work.lastJob = seconds
  }

  /// Counts a job that has no name of its own, or none that shares give.
  mutating func countJob(_ ledger: borrowing StratumLedger) {
    sums.jobs &+= 1
    work.lastJob = ledger.seconds
  }

  /// A share for none of the latest four jobs. Reports it when the session, seen from its start, never offered the job.
  ///
  /// - Returns: the difficulty that is the best guess.
  @inline(never)
  mutating func lateShare(
    _ hash: UInt32, _ job: JSONValue, _ bytes: RawSpan, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) -> Double {
    let wasOffered = (0..<Int(min(jobCount, StratumWork.kept))).contains {
      work.offered[$0] == UInt16(truncatingIfNeeded: hash)
    }
    if !wasOffered, flags.contains(.isWhole), isSettled(ledger) {
      ledger.counters.unknownJobs &+= 1
      if work.unknownJobsLeft > 0 {
        work.unknownJobsLeft &-= 1
        say(.unknownJob(bytes.text(job)), ledger, &events)
      }
    }
    // With fewer jobs than places, this one was given before we joined.
    return jobCount > 4 ? jobDifficulties[Int((jobCount &- 1) & 3)] : 0
  }

  /// No share can be for a job of the session before this one, or for one that is forgotten.
  private func isSettled(_ ledger: borrowing StratumLedger) -> Bool {
    let age = ledger.now.nanoseconds(since: opened)
    guard age >= Int64(Self.lateAge) * 1_000_000_000 else { return false }
    guard jobCount > StratumWork.kept else { return true }
    // From the latest job that is forgotten to the last. Where more than 255 s lie between two it is old enough as well.
    var span: UInt32 = 0
    for place in work.offeredBehind.indices { span &+= UInt32(work.offeredBehind[place]) }
    return ledger.seconds &- work.lastJob &+ span >= Self.lateAge
  }
}

extension StratumLedger {
  /// - Parameter coinbase: from its first output on.
  /// - Returns: nil when the transaction is broken, or longer or shorter than it says.
  fileprivate func payees(_ coinbase: consuming Coinbase, _ bytes: RawSpan) -> UInt64? {
    var coinbase = coinbase
    var sum: UInt64 = 1
    var count = 0
    while let output = coinbase.next() {
      guard coinbase.pays(output), let place = coinbase.place(of: output.script) else { continue }
      count &+= 1
      if count <= MiningPayout.limit { sum &+= hash(bytes, place) }
    }
    guard coinbase.isWhole else { return nil }
    return count > MiningPayout.limit ? 1 : sum
  }
}
