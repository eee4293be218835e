import Capture
import Decode
import Flows

/// What requests and notifications mean.
extension StratumSessionState {
  /// Interprets one JSON message. Whether it is a request or a reply is told by `method`, never by `id`: real pools put ids into
  /// notifications (domain.md §1.1).
  mutating func interpret(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ sender: inout Role, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    messages &+= 1
    ledger.counters.messages &+= 1
    if !message.faults.isEmpty { reportFaults(message.faults, sender, &ledger, &events) }
    switch message.method.kind {
    case .string:
      if message.faults.contains(.duplicateKey) {
        interpretBoth(message, bytes, &sender, &ledger, &events)
      } else {
        request(message, bytes, &sender, &ledger, &events)
      }
    case .missing, .null:
      if message.result.kind == .missing, message.error.kind == .missing {
        report(.badParameter, from: sender, &ledger, &events)
      } else if sender == .server {
        reply(message, bytes, &ledger, &events)
      }
    default: report(.badParameter, from: sender, &ledger, &events)
    }
  }

  private mutating func reportFaults(
    _ faults: JSONFaults, _ sender: Role, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    if faults.contains(.duplicateKey) { report(.duplicateKey, from: sender, &ledger, &events) }
    if faults.contains(.encoding) { report(.notUTF8, from: sender, &ledger, &events) }
    if faults.contains(.text) { report(.notJSON, from: sender, &ledger, &events) }
  }

  /// A message with a key twice says one thing to cJSON, which finds the first, and another to jansson, which keeps the last.
  private mutating func interpretBoth(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ sender: inout Role, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    if message[.firstMethod].kind == .string || message[.firstParams].kind != .missing {
      request(message.first(bytes), bytes, &sender, &ledger, &events)
    }
    request(message, bytes, &sender, &ledger, &events)
  }

  private mutating func request(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ sender: inout Role, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    let name =
      message.method.hasEscapes
      ? PackedName(unescaping: bytes, message.method.range) : PackedName(bytes, message.method.range)
    guard let match = StratumMethod.find(name) else {
      return reportMethod(message.method, bytes, sender, .unknownMethod, &ledger, &events)
    }
    ledger.methods[match.index] &+= 1
    let entry = match.entry
    if let speaker = entry.speaker.role {
      learn(speaker, isSure: !match.isLoose, &sender)
      if speaker != sender { reportMethod(message.method, bytes, sender, .wrongSide, &ledger, &events) }
    }
    method = UInt8(truncatingIfNeeded: match.index &+ 1)
    if match.isLoose || message.hasLooseKey {
      reportMethod(message.method, bytes, sender, .looseMatch, &ledger, &events)
    }
    if entry.method == .notForMiners {
      reportMethod(message.method, bytes, sender, .notForMiners, &ledger, &events)
    }
    obey(entry.method, message, bytes, sender, &ledger, &events)
    introduce(if: messages >= Self.introductionMessages, ledger, &events)
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

  private mutating func obey(
    _ method: StratumMethod, _ message: borrowing JSONMessage, _ bytes: RawSpan, _ sender: Role,
    _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    var kind = StratumRequest.Kind.other
    var isFine = true
    switch method {
    case .submit, .cryptoNoteSubmit, .ethSubmit:
      return submit(method, message, bytes, sender, &ledger, &events)
    case .notify, .job: isFine = job(method, message, bytes, ledger)
    case .setDifficulty: isFine = setDifficulty(message, bytes)
    case .authorize, .login, .ethLogin:
      kind = method == .login ? .login : .authorize
      isFine = authorize(method, message, bytes, &ledger, &events)
    case .subscribe, .hello:
      kind = .subscribe
      isFine = subscribe(method, message, bytes, &ledger)
    case .configure: kind = .configure
    case .setExtranonce: isFine = setExtranonce(message, bytes)
    case .setVersionMask: isFine = setVersionMask(message.parameter(0), bytes)
    case .reconnect: isFine = reconnect(message, bytes, ledger, &events)
    case .showMessage:
      isFine = message.parameter(0).kind == .string
      if isFine { say(.message(bytes.text(message.parameter(0))), ledger, &events) }
    case .setTarget: note(.equihash)
    case .kaspaSetExtranonce: note(.kaspa)
    case .ethGetWork:
      note(.ethProxy)
      kind = .getWork
    default: break
    }
    if !isFine { report(.badParameter, from: sender, &ledger, &events) }
    if sender == .client, !message.id.isNothing { expectReply(kind, of: message.id, bytes, &ledger) }
  }

  /// The first thing that only another dialect says settles it.
  private mutating func note(_ found: StratumDialect) {
    if dialect == .bitcoin { dialect = found }
  }

  mutating func expectReply(
    _ kind: StratumRequest.Kind, of id: JSONValue, _ bytes: RawSpan, difficulty: Double = 0,
    _ ledger: inout StratumLedger
  ) {
    let hash = UInt32(truncatingIfNeeded: ledger.hash(bytes, id.range))
    let request = StratumRequest(id: hash, seconds: ledger.seconds, kind: kind, user: user, difficulty: difficulty)
    ledger.requests.add(request, to: &requests)
  }

  // MARK: From the client

  private mutating func submit(
    _ method: StratumMethod, _ message: borrowing JSONMessage, _ bytes: RawSpan, _ sender: Role,
    _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    sums.submitted &+= 1
    ledger.counters.sharesSubmitted &+= 1
    var isFine = message.params.kind == .array
    var worth: Double = 0
    switch method {
    case .cryptoNoteSubmit:
      note(.cryptoNote)
      isFine = message.params.kind == .object
    case .ethSubmit: note(.ethProxy)
    default:
      let name = message.parameter(0)
      if name.kind == .string { meet(name, bytes, &ledger, &events) } else { isFine = false }
      let job = message.parameter(1)
      worth = difficulty(ofJob: UInt32(truncatingIfNeeded: ledger.hash(bytes, job.range)))
      if message.parameterCount > 5, dialect == .bitcoin { isFine = mayRoll(message.parameter(5), bytes) && isFine }
    }
    if !isFine { report(.badParameter, from: sender, &ledger, &events) }
    if flags.contains(.isWhole) { checkOrder(method, ledger, &events) }
    if sender == .client { expectReply(.submit, of: message.id, bytes, difficulty: worth, &ledger) }
  }

  /// Whether a share's version bits stay inside what the pool allowed (BIP 310).
  private func mayRoll(_ bits: JSONValue, _ bytes: RawSpan) -> Bool {
    guard let rolled = bytes.hexWord(bits) else { return false }
    return versionMask == 0 || rolled & ~versionMask == 0
  }

  private mutating func checkOrder(
    _ method: StratumMethod, _ ledger: borrowing StratumLedger, _ events: inout [StratumEvent]
  ) {
    guard method != .ethSubmit else { return }
    if method == .submit, !flags.contains(.didSubscribe) { report(.submitBeforeSubscribe, ledger, &events) }
    if !flags.contains(.didAuthorize) {
      report(.submitBeforeAuthorize, ledger, &events)
    } else if user != 0, ledger.users.standing(of: user) == .refused {
      report(.submitAfterRefusal, ledger, &events)
    }
  }

  private mutating func subscribe(
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

  private mutating func authorize(
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
    } else if method == .ethLogin {
      note(.ethProxy)
    }
    guard name.kind == .string else { return false }
    meet(name, bytes, &ledger, &events)
    return true
  }

  // MARK: From the server

  private mutating func job(
    _ method: StratumMethod, _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: borrowing StratumLedger
  ) -> Bool {
    guard method == .notify else {
      note(.cryptoNote)
      sums.jobs &+= 1
      return message.params.kind == .object
    }
    let id = message.parameter(0)
    addJob(UInt32(truncatingIfNeeded: ledger.hash(bytes, id.range)))
    return message.params.kind == .array && (id.kind == .string || id.kind == .number)
  }

  /// Above 2^224 no hash is small enough: that is the target of difficulty 1.
  static var difficultyLimit: Double { 0x1p224 }

  private mutating func setDifficulty(_ message: borrowing JSONMessage, _ bytes: RawSpan) -> Bool {
    let value = message.parameter(0)
    // A string is no number to cgminer.
    guard value.kind == .number, let difficulty = bytes.number(value), difficulty > 0, difficulty < Self.difficultyLimit
    else { return false }
    announcedDifficulty = difficulty
    return true
  }

  /// `[extranonce1, size of extranonce2]`; other dialects give the first alone.
  private func setExtranonce(_ message: borrowing JSONMessage, _ bytes: RawSpan) -> Bool {
    guard message.params.kind == .array else { return false }
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

  /// `[]` or `[host, port, wait]`; the port is an integer or a string (domain.md §1.3).
  private func reconnect(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: borrowing StratumLedger,
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
      if port == 0 { port = nil }
      if port == nil { isFine = false }
    }
    if !message.parameter(2).isNothing {
      wait = bytes.number(message.parameter(2)).flatMap { $0 >= 0 ? $0 : nil }
      if wait == nil { isFine = false }
    }
    say(.redirect(host: host, port: port, wait: wait), ledger, &events)
    return isFine
  }

  // MARK: Odd methods

  private mutating func reportMethod(
    _ name: JSONValue, _ bytes: RawSpan, _ sender: Role, _ reason: MethodOddity, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
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
