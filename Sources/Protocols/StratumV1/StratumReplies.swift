import Capture
import Decode

/// What the pool's replies mean. Miners' replies (`client.get_version`, `mining.ping`) say nothing that is needed.
extension StratumSessionState {
  mutating func reply(
    _ message: inout JSONMessage, _ bytes: RawSpan, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    let id = UInt32(truncatingIfNeeded: ledger.hash(bytes, message.id.range))
    guard let request = ledger.requests.remove(id, from: &requests) else {
      // eth-proxy pools push new work as a reply to nothing.
      if dialect == .ethProxy, message.result.kind == .array { countJob(ledger) }
      return
    }
    switch request.kind {
    case .submit:
      settle(accepted: accepts(message, bytes), worth: request.difficulty, of: request.user, &ledger)
    default: answered(request, message, bytes, &ledger, &events)
    }
  }

  /// The answer to what is asked a few times a session.
  @inline(never)
  private mutating func answered(
    _ request: StratumRequest, _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    switch request.kind {
    case .submit: break
    case .authorize, .login:
      let job = bytes.member("job", of: message.result)
      if job.kind == .object { offerJob(job, bytes, ledger) }
      admit(request.user, didAccept: admits(message), &ledger, &events)
    case .subscribe:
      if !subscribed(message, bytes) { report(.badParameter, from: .server, &ledger, &events) }
    case .configure:
      let mask = bytes.member("version-rolling.mask", of: message.result)
      if mask.kind != .missing, !setVersionMask(mask, bytes) { report(.badParameter, from: .server, &ledger, &events) }
    case .getWork:
      if message.result.kind == .array { countJob(ledger) }
    case .other:
      // CryptoNote's miners may ask for a job.
      if bytes.member("job_id", of: message.result).kind != .missing { offerJob(message.result, bytes, ledger) }
    }
  }

  /// Books the answer to a share.
  @inline(__always)
  mutating func settle(
    accepted: Bool, worth: Double, of user: StratumUsers.Number, _ ledger: inout StratumLedger
  ) {
    if userCount <= 1 || user == 0 {
      shareWork.book(accepted: accepted, worth: worth)
    } else {
      ledger.users.book(accepted: accepted, worth: worth, of: user)
    }
    guard accepted else {
      sums.rejected &+= 1
      ledger.counters.sharesRejected &+= 1
      return
    }
    sums.accepted &+= 1
    ledger.counters.sharesAccepted &+= 1
    if worth > 0 { sums.acceptedDifficulty += worth } else { sums.acceptedOfUnknownDifficulty &+= 1 }
  }

  /// A share counts when `result` is `true`, whatever else stands there: that is what cgminer looks at. CryptoNote's pools send an
  /// object, or "OK", without an error.
  @inline(__always)
  private func accepts(_ message: borrowing JSONMessage, _ bytes: RawSpan) -> Bool {
    if message.result.kind == .true { return true }
    guard dialect == .cryptoNote, message.error.isNothing else { return false }
    return message.result.kind == .object || message.result.kind == .string
  }

  /// A user is let in by `true`, or by anything but `false` and `null` where there is no error: CryptoNote sends the first job,
  /// EthereumStratum 2.0.0 an id.
  @inline(__always)
  private func admits(_ message: borrowing JSONMessage) -> Bool {
    switch message.result.kind {
    case .true: true
    case .false, .null, .missing: false
    default: message.error.isNothing || message.error.kind == .false
    }
  }

  @inline(never)
  private mutating func admit(
    _ named: StratumUsers.Number, didAccept: Bool, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    guard named != 0 else { return }
    ledger.users.set(didAccept ? .accepted : .refused, of: named)
    if named == user {
      if didAccept { flags.remove(.isRefused) } else { flags.insert(.isRefused) }
    }
    guard !didAccept else { return }
    var session = snapshot(ledger)
    session.user = ledger.users.text(of: named)
    session.authorized = false
    events.append(StratumEvent(session: session, what: .userRefused(ledger.users.text(of: named))))
  }

  /// `[subscriptions, extranonce1, size of extranonce2]`. Other dialects give two parts, which are not looked at.
  private mutating func subscribed(_ message: borrowing JSONMessage, _ bytes: RawSpan) -> Bool {
    noteDialect(ofSubscription: message.result, bytes)
    guard dialect == .bitcoin, message.result.kind == .array else { return true }
    let (extranonce, size) = (bytes.element(1, of: message.result), bytes.element(2, of: message.result))
    guard size.kind != .missing else { return true }
    noteExtranonce(extranonce, size: size, bytes)
    return Self.isExtranonce(extranonce, size: size, bytes)
  }
}
