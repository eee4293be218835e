import Capture
import Decode
import Flows

/// What a miner says: shares, and who it is.
extension StratumSessionState {
  mutating func submit(
    _ method: StratumMethod, _ message: inout JSONMessage, _ bytes: RawSpan, _ sender: Role,
    _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    sums.submitted &+= 1
    ledger.beats[Int(index)].count(at: ledger.seconds)
    ledger.counters.sharesSubmitted &+= 1
    var isFine = message.params.kind == .array
    var worth: Double = 0
    switch method {
    case .cryptoNoteSubmit:
      note(.cryptoNote)
      isFine = message.params.kind == .object
      let job = bytes.member("job_id", of: message.params)
      if dialect == .cryptoNote, job.kind == .string || job.kind == .number {
        let hash = UInt32(truncatingIfNeeded: ledger.hash(bytes, job.range))
        if difficulty(ofJob: hash) == nil { _ = lateShare(hash, job, bytes, &ledger, &events) }
      }
    case .ethSubmit: note(.ethProxy)
    case .beamSubmit:
      note(.beam)
      isFine = true
    case _ where message.params.kind != .array || dialect == .ethereumStratum2:
      isFine = foreignShare(message, bytes, &ledger, &events)
    default:
      let name = message.parameter(0)
      if name.kind == .string { meet(name, bytes, &ledger, &events) } else { isFine = false }
      let job = message.parameter(1)
      let hash = UInt32(truncatingIfNeeded: ledger.hash(bytes, job.range))
      worth = difficulty(ofJob: hash) ?? lateShare(hash, job, bytes, &ledger, &events)
      if message.parameterCount > 5, dialect == .bitcoin { isFine = mayRoll(message.parameter(5), bytes) && isFine }
    }
    if !isFine { report(.badParameter, from: sender, &ledger, &events) }
    if flags.contains(.isWhole) { checkOrder(method, &ledger, &events) }
    if sender == .client { expectReply(.submit, of: message.id, bytes, difficulty: worth, &ledger) }
  }

  /// Whether a share's version bits stay inside what the pool allowed (BIP 310).
  @inline(__always)
  private func mayRoll(_ bits: JSONValue, _ bytes: RawSpan) -> Bool {
    guard let rolled = bytes.hexWord(bits) else { return false }
    return versionMask == 0 || rolled & ~versionMask == 0
  }

  @inline(__always)
  private mutating func checkOrder(
    _ method: StratumMethod, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    guard method != .ethSubmit else { return }
    if method == .submit, !flags.contains(.didSubscribe) { report(.submitBeforeSubscribe, &ledger, &events) }
    if !flags.contains(.didAuthorize) {
      report(.submitBeforeAuthorize, &ledger, &events)
    } else if flags.contains(.isRefused) {
      report(.submitAfterRefusal, &ledger, &events)
    }
  }

  mutating func subscribe(
    _ method: StratumMethod, _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: inout StratumLedger
  ) -> Bool {
    flags.insert(.didSubscribe)
    var agent = message.parameter(0)
    if method == .hello {
      note(.ethereumStratum2)
      agent = bytes.member("agent", of: message.params)
    } else if bytes.equals(message.parameter(1), "EthereumStratum/1.0.0") {
      note(.ethereumStratum1)
    }
    if agent.kind == .string { ledger.agents[Int(index)] = bytes.text(agent) }
    return message.params.isNothing || message.params.kind == (method == .hello ? .object : .array)
  }

  mutating func authorize(
    _ method: StratumMethod, _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) -> Bool {
    flags.insert(.didAuthorize)
    var name = message.parameter(0)
    if method == .login {
      note(.cryptoNote)
      if message.params.kind == .object { name = bytes.member("login", of: message.params) }
      let agent = bytes.member("agent", of: message.params)
      if agent.kind == .string { ledger.agents[Int(index)] = bytes.text(agent) }
      if message.params.kind == .missing {
        // The name stands beside the method.
        note(.beam)
        return true
      }
    } else if method == .ethLogin {
      note(.ethProxy)
    }
    guard name.kind == .string else { return false }
    meet(name, bytes, &ledger, &events)
    let password = method == .login ? bytes.member("pass", of: message.params) : message.parameter(1)
    if password.kind == .string, bytes.mayNameMachine(password.range) {
      say(.password(bytes.text(password)), ledger, &events)
    }
    return true
  }

  /// Somebody mines here: notes who, and says so when the session never named them before.
  @inline(__always)
  mutating func meet(
    _ name: JSONValue, _ bytes: RawSpan, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    let hash = ledger.hash(bytes, name.range)
    if hash == lastUser, hash != 0 { return }
    meet(hash, name, bytes, &ledger, &events)
  }

  /// It is not the user seen last.
  @inline(never)
  private mutating func meet(
    _ hash: UInt64, _ name: JSONValue, _ bytes: RawSpan, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    lastUser = hash
    flags.remove(.isRefused)
    if let known = ledger.users.find(hash, session: index) {
      user = known
      if ledger.users.standing(of: known) == .refused { flags.insert(.isRefused) }
      return
    }
    let text = bytes.text(name)
    let isStranger = flags.isSuperset(of: [.isWhole, .didAuthorize]) && isStranger(text, ledger)
    // From here on users are told apart: what was booked is the first one's.
    if userCount == 1 {
      ledger.users.add(shareWork, to: users)
      shareWork = ShareWork()
    }
    if userCount < Limits.stratumUsersPerSession,
      let number = ledger.users.add(text, hash: hash, session: index, to: &users)
    {
      user = number
      userCount &+= 1
    } else {
      ledger.counters.usersRefused &+= 1
      user = 0
    }
    introduce(if: true, &ledger, &events)
    let spelling = method == 0 ? "" : StratumMethod.spellings[Int(method) &- 1]
    var session = snapshot(ledger)
    session.user = text
    events.append(StratumEvent(session: session, what: .user(text, method: spelling)))
    if isStranger { report(.submitByStranger, &ledger, &events) }
  }

  /// Whether a user that was never named before hands in a share, of another account than those who logged in. A proxy may log in once
  /// and hand in for many workers.
  private func isStranger(_ name: String, _ ledger: borrowing StratumLedger) -> Bool {
    guard dialect == .bitcoin, method != 0, StratumMethod.table[Int(method) &- 1].method == .submit else {
      return false
    }
    let account = StratumUsers.account(of: name)
    return !account.isEmpty && !ledger.users.mayHold(account, among: users)
  }
}

extension RawSpan {
  /// Whether a text has as many hexadecimal digits as a link-layer address: few passwords do.
  fileprivate func mayNameMachine(_ range: Range<Int>) -> Bool {
    guard 12...Limits.wireText ~= range.count else { return false }
    var digits = 0
    for index in range where byte(at: index).hexDigit != nil { digits += 1 }
    return digits >= 12
  }
}
