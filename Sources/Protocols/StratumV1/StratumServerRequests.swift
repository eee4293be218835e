import Decode

/// What a pool says without being asked: work, its terms, and where to go.
extension StratumSessionState {
  @inline(__always)
  mutating func job(
    _ method: StratumMethod, _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) -> Bool {
    guard method == .notify, message.parameterCount == Self.bitcoinJobParameters else {
      return oddJob(method, message, bytes, &ledger, &events)
    }
    let id = message.parameter(0)
    addJob(UInt32(truncatingIfNeeded: ledger.hash(bytes, id.range)), at: ledger.seconds)
    if dialect == .bitcoin { noteWork(message, bytes, &ledger, &events) }
    return id.kind == .string || id.kind == .number
  }

  /// Job, previous block, both pieces of the coinbase, branches, version, bits, time, and whether older jobs are void.
  static var bitcoinJobParameters: Int { 9 }

  /// A job of another coin's, or one of Bitcoin's with more parameters than there are. Miners take the first nine by their place and
  /// never look at others (cgminer util.c, parse_notify), so such a job is work like any.
  @inline(never)
  private mutating func oddJob(
    _ method: StratumMethod, _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) -> Bool {
    guard method == .notify, message.parameterCount > Self.bitcoinJobParameters, dialect == .bitcoin,
      message.parameter(4).kind == .array, BlockHash(bytes, message.parameter(1)) != nil
    else { return foreignJob(method, message, bytes, ledger) }
    addJob(UInt32(truncatingIfNeeded: ledger.hash(bytes, message.parameter(0).range)), at: ledger.seconds)
    noteWork(message, bytes, &ledger, &events)
    return false
  }

  /// Above 2^224 no hash is small enough: that is the target of difficulty 1.
  static var difficultyLimit: Double { 0x1p224 }

  /// What a pool's own control of difficulty does not do in one step, or only at the start.
  private static var tellingStep: Double { 8 }

  mutating func setDifficulty(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) -> Bool {
    let value = message.parameter(0)
    // A string is no number to cgminer.
    guard value.kind == .number, let difficulty = bytes.number(value), difficulty > 0, difficulty < Self.difficultyLimit
    else { return false }
    announcedDifficulty = difficulty
    if toldDifficulty == 0 { toldDifficulty = difficulty }
    if difficulty >= toldDifficulty * Self.tellingStep || difficulty * Self.tellingStep <= toldDifficulty {
      if difficultySteps.take(at: ledger.now) {
        say(.difficulty(from: toldDifficulty, to: difficulty), ledger, &events)
      } else {
        ledger.counters.workWithheld &+= 1
      }
      toldDifficulty = difficulty
    }
    return true
  }

  /// `[extranonce1, size of extranonce2]`; other dialects give the first alone.
  mutating func setExtranonce(_ message: borrowing JSONMessage, _ bytes: RawSpan) -> Bool {
    guard message.params.kind == .array else { return false }
    noteExtranonce(message.parameter(0), size: message.parameter(1), bytes)
    return dialect != .bitcoin || Self.isExtranonce(message.parameter(0), size: message.parameter(1), bytes)
  }

  /// cgminer takes whole bytes in hexadecimal, and 2 to 16 bytes of room.
  static func isExtranonce(_ value: JSONValue, size: JSONValue, _ bytes: RawSpan) -> Bool {
    guard bytes.isHexBytes(value) else { return false }
    if size.kind == .missing { return true }
    guard size.kind == .number, let room = bytes.integer(size) else { return false }
    return 2...16 ~= room
  }

  /// Bits that a miner may roll: those of BIP 323, which hold those of BIP 320.
  static var rollableBits: UInt32 { 0x1fff_ffe0 }

  mutating func setVersionMask(_ value: JSONValue, _ bytes: RawSpan) -> Bool {
    guard let mask = bytes.hexWord(value) else { return false }
    // A share may be under way that was made under the mask before.
    versionMask |= mask
    return mask & ~Self.rollableBits == 0
  }

  /// `[]` or `[host, port, wait]` (cgminer util.c); the port is an integer or, from ckpool's stratifier.c, a string.
  mutating func reconnect(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) -> Bool {
    var isFine = message.params.isNothing || message.params.kind == .array
    var host: String?
    var port: UInt16?
    var wait: Double?
    switch message.parameter(0).kind {
    case .missing, .null: break
    case .string:
      let text = bytes.text(message.parameter(0))
      host = text.isEmpty ? nil : text
    default: isFine = false
    }
    if !message.parameter(1).isNothing {
      port = bytes.integer(message.parameter(1)).flatMap { UInt16(exactly: $0) }
      // Some say "the same place" by an empty host and port 0. A host without a port is nowhere.
      if port == 0 { port = nil }
      if port == nil { isFine = isFine && host == nil && bytes.integer(message.parameter(1)) == 0 }
    }
    if !message.parameter(2).isNothing {
      wait = bytes.number(message.parameter(2)).flatMap { $0 >= 0 ? $0 : nil }
      if wait == nil { isFine = false }
    }
    if redirects.take(at: ledger.now) {
      say(.redirect(host: host, port: port, wait: wait), ledger, &events)
    } else {
      ledger.counters.redirectsWithheld &+= 1
    }
    return isFine
  }

  /// `client.show_message`.
  mutating func show(
    _ text: JSONValue, _ bytes: RawSpan, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    guard shownMessages.take(at: ledger.now) else {
      ledger.counters.messagesWithheld &+= 1
      return
    }
    say(.message(bytes.text(text)), ledger, &events)
  }
}
