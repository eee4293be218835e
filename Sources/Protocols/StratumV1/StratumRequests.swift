import Capture
import Decode
import Flows

/// What requests and notifications mean.
extension StratumSessionState {
  /// Interprets one JSON message. Whether it is a request or a reply is told by `method`, never by `id`: real pools put ids into
  /// notifications (jsiwek/zeek-cryptomining, testing/Traces/bitcoin-mining.pcap).
  mutating func interpret(
    _ message: inout JSONMessage, _ bytes: RawSpan, _ sender: inout Role, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    messages &+= 1
    ledger.counters.messages &+= 1
    if !message.faults.isEmpty { reportFaults(message.faults, sender, &ledger, &events) }
    switch message.method.kind {
    case .string:
      if message.faults.contains(.duplicateKey) {
        interpretBoth(&message, bytes, &sender, &ledger, &events)
      } else {
        request(&message, bytes, &sender, &ledger, &events)
      }
    case .missing, .null:
      if message.result.kind == .missing, message.error.kind == .missing {
        report(.badParameter, from: sender, &ledger, &events)
      } else if sender == .server {
        reply(&message, bytes, &ledger, &events)
        introduce(if: messages >= Self.introductionMessages, &ledger, &events)
      } else {
        seekIdentifiers(bytes, message.text, ledger, &events)
      }
    default: report(.badParameter, from: sender, &ledger, &events)
    }
  }

  @inline(never)
  private mutating func reportFaults(
    _ faults: JSONFaults, _ sender: Role, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    if faults.contains(.duplicateKey) { report(.duplicateKey, from: sender, &ledger, &events) }
    if faults.contains(.encoding) { report(.notUTF8, from: sender, &ledger, &events) }
    if faults.contains(.text) { report(.notJSON, from: sender, &ledger, &events) }
  }

  /// A message with a key twice says one thing to cJSON, which finds the first, and another to jansson, which keeps the last.
  @inline(never)
  private mutating func interpretBoth(
    _ message: inout JSONMessage, _ bytes: RawSpan, _ sender: inout Role, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    if message[.firstMethod].kind == .string || message[.firstParams].kind != .missing {
      var first = message.first(bytes)
      request(&first, bytes, &sender, &ledger, &events)
    }
    request(&message, bytes, &sender, &ledger, &events)
  }

  private mutating func request(
    _ message: inout JSONMessage, _ bytes: RawSpan, _ sender: inout Role, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    let name = message.method
    let found =
      name.hasEscapes
      ? StratumMethod.find(PackedName(unescaping: bytes, name.range))
      : StratumMethod.find(bytes, name.range, in: ledger.methodTable)
    guard let match = found else {
      if sender == .client { seekIdentifiers(bytes, message.text, ledger, &events) }
      return reportMethod(message.method, bytes, sender, .unknownMethod, &ledger, &events)
    }
    ledger.methods[match.index] &+= 1
    let obeyed = ledger.methodTable[match.index].method
    if let speaker = ledger.methodTable[match.index].speaker.role {
      learn(speaker, isSure: !match.isLoose, &sender)
      if speaker != sender { reportMethod(message.method, bytes, sender, .wrongSide, &ledger, &events) }
    }
    method = UInt8(truncatingIfNeeded: match.index &+ 1)
    if match.isLoose || message.hasLooseKey {
      reportMethod(message.method, bytes, sender, .looseMatch, &ledger, &events)
    }
    if obeyed == .notForMiners {
      reportMethod(message.method, bytes, sender, .notForMiners, &ledger, &events)
    }
    obey(obeyed, &message, bytes, sender, &ledger, &events)
    introduce(if: messages >= Self.introductionMessages, &ledger, &events)
  }

  /// As long as the roles are a guess, what is said decides who says it.
  mutating func learn(_ speaker: Role, isSure: Bool, _ sender: inout Role) {
    guard isSure, !flags.contains(.hasRoles) else { return }
    if speaker != sender {
      reverseRoles()
      sender = speaker
    }
    flags.insert(.hasRoles)
  }

  @inline(__always)
  private mutating func obey(
    _ method: StratumMethod, _ message: inout JSONMessage, _ bytes: RawSpan, _ sender: Role,
    _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    switch method {
    case .submit, .cryptoNoteSubmit, .ethSubmit, .beamSubmit: submit(method, &message, bytes, sender, &ledger, &events)
    case .notify, .job:
      if !job(method, message, bytes, &ledger, &events) { report(.badParameter, from: sender, &ledger, &events) }
      if sender == .client, !message.id.isNothing { expectReply(.other, of: message.id, bytes, &ledger) }
    default: obeyRare(method, message, bytes, sender, &ledger, &events)
    }
  }

  /// What is said a few times a session.
  @inline(never)
  private mutating func obeyRare(
    _ method: StratumMethod, _ message: borrowing JSONMessage, _ bytes: RawSpan, _ sender: Role,
    _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    var kind = StratumRequest.Kind.other
    var isFine = true
    switch method {
    case .setDifficulty: isFine = setDifficulty(message, bytes, &ledger, &events)
    case .authorize, .login, .ethLogin:
      kind = method == .login ? .login : .authorize
      isFine = authorize(method, message, bytes, &ledger, &events)
    case .subscribe, .hello:
      kind = .subscribe
      isFine = subscribe(method, message, bytes, &ledger)
    case .configure: kind = .configure
    case .setExtranonce: isFine = setExtranonce(message, bytes)
    case .setVersionMask: isFine = setVersionMask(message.parameter(0), bytes)
    case .reconnect: isFine = reconnect(message, bytes, &ledger, &events)
    case .showMessage:
      isFine = message.parameter(0).kind == .string
      if isFine { show(message.parameter(0), bytes, &ledger, &events) }
    case .setTarget: note(.equihash)
    case .kaspaSetExtranonce: note(.kaspa)
    case .grinJobRequest: note(.grin)
    case .ethGetWork:
      note(.ethProxy)
      kind = .getWork
    default: break
    }
    if !isFine { report(.badParameter, from: sender, &ledger, &events) }
    guard sender == .client else { return }
    if !message.id.isNothing { expectReply(kind, of: message.id, bytes, &ledger) }
    if kind != .authorize, kind != .login { seekIdentifiers(bytes, message.text, ledger, &events) }
  }

  /// The first thing that only another dialect says settles it, but for dialects that begin like another.
  mutating func note(_ found: StratumDialect) {
    guard dialect == .bitcoin || found.begins == dialect else { return }
    dialect = found
    flags.remove(.didTellDialect)
  }

  mutating func expectReply(
    _ kind: StratumRequest.Kind, of id: JSONValue, _ bytes: RawSpan, difficulty: Double = 0,
    _ ledger: inout StratumLedger
  ) {
    let hash = UInt32(truncatingIfNeeded: ledger.hash(bytes, id.range))
    let request = StratumRequest(id: hash, seconds: ledger.seconds, kind: kind, user: user, difficulty: difficulty)
    ledger.requests.add(request, to: &requests)
  }

  // MARK: Odd methods

  @inline(never)
  private mutating func reportMethod(
    _ name: JSONValue, _ bytes: RawSpan, _ sender: Role, _ reason: MethodOddity, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    ledger.counters.unexpectedMethods &+= 1
    let hash = ledger.hash(bytes, name.range) &+ UInt64(reason.hashSalt)
    guard hash != lastOddMethod, oddMethodsLeft > 0 else { return }
    lastOddMethod = hash
    oddMethodsLeft &-= 1
    say(.unexpectedMethod(bytes.text(name), sender: sender, reason: reason), ledger, &events)
  }
}

extension MethodOddity {
  fileprivate var hashSalt: UInt8 {
    switch self {
    case .unknownMethod: 1
    case .wrongSide: 2
    case .looseMatch: 3
    case .notForMiners: 4
    }
  }
}
