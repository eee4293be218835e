import Capture
import Decode

/// What is said in a Stratum V2 session, told like a V1 session, so that rules need not care.
struct StratumV2Session: Sendable {
  var dialect = StratumDialect.stratumV2
  /// Bytes were lost since shares were summed up last.
  private(set) var didLose = false
  /// It was seen from SetupConnection on, without a loss.
  private var isWhole = false
  private var began = Timestamp(nanoseconds: 0)
  private var jobs = StratumV2Jobs()
  private(set) var sums = ShareTotals(seconds: 0)
  /// What was answered since it was last taken.
  private var shareWork = ShareWork()
  /// Channels that the server opened: with one, its target tells what a share is worth.
  private var channels = 0
  private var sumsSince = Timestamp(nanoseconds: 0)
  private var lastJob: Timestamp?
  private var messages = 0
  private var isIntroduced = false
  private var saidAnomalies: UInt16 = 0
  private var oddMessagesLeft = 8
  private var redirects = StratumAllowance()
  private var changes = StratumAllowance()

  private var agent: String?
  private var user: String?
  private var isAccepted = false
  private var method: String?
  private var difficulty: Double?
  /// Requests to open a channel that have no answer: their numbers and users. Bounded by ``requestLimit``.
  private var requests: [(id: UInt32, user: String)] = []
  /// Users that were told, so that each is told once. Bounded by ``userLimit``.
  private var users: Set<String> = []
  private var work = MiningWork(previousBlock: BlockHash(0, 0, 0, 0), bits: 0)
  private var hasBlock = false

  /// Shares go unsummed for this long at the most, in nanoseconds, as in V1.
  static var reportInterval: Int64 { StratumSessionState.reportInterval }
  private static var requestLimit: Int { 256 }
  private static var userLimit: Int { 1_024 }

  mutating func begin(at time: Timestamp) {
    sumsSince = time
    began = time
  }

  mutating func lose() {
    didLose = true
    isWhole = false
  }

  // MARK: Messages

  mutating func interpret(
    _ frame: StratumV2Frame, _ bytes: RawSpan, _ payload: Range<Int>, from sender: Role, at time: Timestamp,
    into said: inout [Observation.Content]
  ) {
    messages += 1
    // Extensions negotiate (0x0001) and name workers (0x0002); others are nobody's business here.
    guard frame.extensionType == 0 else { return }
    guard let message = frame.message else {
      return reportOdd("0x" + String(frame.type, radix: 16), .unknownMethod, sender, at: time, into: &said)
    }
    method = message.name
    if let speaker = message.speaker, speaker != sender {
      return reportOdd(message.name, .wrongSide, sender, at: time, into: &said)
    }
    guard frame.length >= message.shortest else {
      return report(.brokenFrame, from: sender, at: time, into: &said)
    }
    var fields = StratumV2Fields(bytes, payload)
    obey(message, &fields, bytes, at: time, into: &said)
    if !fields.isWhole { report(.brokenFrame, from: sender, at: time, into: &said) }
    if messages >= Int(StratumSessionState.introductionMessages) { introduce(at: time, into: &said) }
  }

  private mutating func obey(
    _ message: StratumV2Message, _ fields: inout StratumV2Fields, _ bytes: RawSpan, at time: Timestamp,
    into said: inout [Observation.Content]
  ) {
    switch message {
    case .setupConnection:
      isWhole = messages == 1
      setUp(&fields)
    case .reconnect:
      let host = fields.text(fields.short())
      let port = fields.uint16()
      guard fields.isWhole, redirects.take(at: time) else { return }
      say(.redirect(host: host.isEmpty ? nil : host, port: port == 0 ? nil : port, wait: nil), at: time, into: &said)
    case .openStandardChannel, .openExtendedChannel:
      let request = fields.uint32()
      let name = fields.text(fields.short())
      if fields.isWhole { ask(request, name, at: time, into: &said) }
    case .openStandardChannelSuccess, .openExtendedChannelSuccess:
      answer(fields.uint32(), isAccepted: true, at: time, into: &said)
      fields.skip(4)
      channels += 1
      difficulty = fields.uint256().map { Self.difficulty(ofTarget: bytes, at: $0) }
    case .openChannelError: answer(fields.uint32(), isAccepted: false, at: time, into: &said)
    case .setTarget:
      fields.skip(4)
      difficulty = fields.uint256().map { Self.difficulty(ofTarget: bytes, at: $0) }
    case .submitSharesStandard, .submitSharesExtended:
      countShares(1)
      fields.skip(4 + 4)
      let job = fields.uint32()
      if isWhole, jobs.isUnknown(job, since: began, at: time) { say(.unknownJob("\(job)"), at: time, into: &said) }
    case .submitSharesSuccess:
      fields.skip(8)
      let count = fields.uint32()
      settle(accepted: UInt64(count), worth: worth(of: count, told: Double(fields.uint64())))
    case .submitSharesError:
      sums.rejected &+= 1
      shareWork.rejected &+= 1
    case .newMiningJob:
      countJob(at: time)
      offer(&fields, at: time)
    case .setCustomMiningJobSuccess:
      fields.skip(4)
      offer(&fields, at: time)
    case .newExtendedMiningJob:
      countJob(at: time)
      offer(&fields, at: time)
      readJob(&fields, bytes, at: time, into: &said)
    case .setNewPrevHash: changeBlock(&fields, bytes, at: time, into: &said)
    default: break
    }
  }

  /// A channel, and the number of the job that it gets.
  private mutating func offer(_ fields: inout StratumV2Fields, at time: Timestamp) {
    fields.skip(4)
    let job = fields.uint32()
    if fields.isWhole { jobs.offer(job, at: time) }
  }

  /// Protocol, versions, flags, and where the client believes to be; then what it is.
  private mutating func setUp(_ fields: inout StratumV2Fields) {
    fields.skip(1 + 2 + 2 + 4)
    _ = fields.short()
    fields.skip(2)
    let names = [fields.text(fields.short()), fields.text(fields.short()), fields.text(fields.short())]
    let agent = names.filter { !$0.isEmpty }.joined(separator: "/")
    if fields.isWhole, !agent.isEmpty { self.agent = agent }
  }

  private mutating func ask(_ id: UInt32, _ name: String, at time: Timestamp, into said: inout [Observation.Content]) {
    if requests.count < Self.requestLimit { requests.append((id, name)) }
    user = name
    introduce(at: time, into: &said)
    guard users.count < Self.userLimit, users.insert(name).inserted else { return }
    say(.user(name, method: method ?? ""), at: time, into: &said)
  }

  private mutating func answer(
    _ id: UInt32, isAccepted: Bool, at time: Timestamp, into said: inout [Observation.Content]
  ) {
    guard let index = requests.firstIndex(where: { $0.id == id }) else { return }
    let name = requests.remove(at: index).user
    if name == user { self.isAccepted = isAccepted }
    if !isAccepted { say(.userRefused(name), at: time, into: &said) }
  }

  // MARK: Work

  private mutating func changeBlock(
    _ fields: inout StratumV2Fields, _ bytes: RawSpan, at time: Timestamp, into said: inout [Observation.Content]
  ) {
    fields.skip(8)
    guard let place = fields.uint256() else { return }
    let block = BlockHash(bytes, at: place)
    fields.skip(4)
    work.bits = fields.uint32()
    guard !hasBlock || block != work.previousBlock else { return }
    hasBlock = true
    work.previousBlock = block
    sayWork(at: time, into: &said)
  }

  /// An extended job, behind its number, brings the coinbase in two pieces; the extranonce between them is guessed at, as in V1.
  private mutating func readJob(
    _ fields: inout StratumV2Fields, _ bytes: RawSpan, at time: Timestamp, into said: inout [Observation.Content]
  ) {
    if fields.uint8() != 0 { fields.skip(4) }
    fields.skip(4 + 1)
    fields.skip(32 * Int(fields.uint8()))
    let (head, tail) = (fields.long(), fields.long())
    guard fields.isWhole else { return }
    for gap in 0...Coinbase.longestGap {
      guard let coinbase = Coinbase(bytes, head: head, tail: tail, width: 1, gap: gap),
        let payout = MiningPayout(whole: coinbase)
      else { continue }
      let payees = payout.identity
      guard payees != work.payees else { return }
      work.payees = payees
      work.height = coinbase.height
      work.payout = payout
      if hasBlock { sayWork(at: time, into: &said) }
      return
    }
  }

  private mutating func sayWork(at time: Timestamp, into said: inout [Observation.Content]) {
    guard changes.take(at: time) else { return }
    say(.work(work), at: time, into: &said)
    work.payout = nil
  }

  /// How many hashes a target takes, as a multiple of what difficulty 1 takes (0xffff * 2^208).
  private static func difficulty(ofTarget bytes: RawSpan, at offset: Int) -> Double {
    var target = 0.0
    for index in stride(from: 24, through: 0, by: -8) {
      target = target * 0x1p64 + Double(bytes.word(at: offset &+ index))
    }
    return target > 0 ? 65_535.0 * 0x1p208 / target : 0
  }

  // MARK: Sums

  mutating func countShares(_ count: UInt64) { sums.submitted &+= count }

  mutating func countJob(at time: Timestamp) {
    sums.jobs &+= 1
    lastJob = time
  }

  /// - Parameter worth: their difficulty together; 0 when it is not known.
  mutating func settle(accepted: UInt64, worth: Double) {
    sums.accepted &+= accepted
    if worth > 0 { sums.acceptedDifficulty += worth } else { sums.acceptedOfUnknownDifficulty &+= accepted }
    shareWork.book(accepted: accepted, worth: worth)
  }

  /// The target says what each share took, whatever the server adds up; with many channels each has its own.
  private func worth(of count: UInt32, told: Double) -> Double {
    guard channels == 1, let difficulty, difficulty > 0, difficulty.isFinite else { return told }
    return Double(count) * difficulty
  }

  /// What was answered since the last call, and whose it is; nil when nothing was.
  mutating func takeWork() -> (user: String?, work: ShareWork)? {
    guard !shareWork.isEmpty else { return nil }
    defer { shareWork = ShareWork() }
    return (users.count == 1 ? user : nil, shareWork)
  }

  /// Says the sums of an interval in which anything happened.
  mutating func tick(at time: Timestamp, into said: inout [Observation.Content]) {
    let elapsed = time.nanoseconds(since: sumsSince)
    // A capture's clock can step back; the interval starts anew then.
    if elapsed < 0 { sumsSince = time }
    guard elapsed >= Self.reportInterval, sums.submitted | sums.accepted | sums.rejected | sums.jobs != 0 else {
      return
    }
    sayShares(isFinal: false, at: time, into: &said)
  }

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {
    introduce(at: time, into: &said)
    sayShares(isFinal: true, at: time, into: &said)
  }

  private mutating func sayShares(isFinal: Bool, at time: Timestamp, into said: inout [Observation.Content]) {
    sums.seconds = max(0, time.seconds(since: sumsSince))
    sums.sinceLastJob = lastJob.map { max(0, time.seconds(since: $0)) }
    sums.isIncomplete = didLose
    sums.isFinal = isFinal
    say(.shares(sums), at: time, into: &said)
    sums = ShareTotals(seconds: 0)
    sumsSince = time
    didLose = false
  }

  // MARK: Saying

  mutating func introduce(at time: Timestamp, into said: inout [Observation.Content]) {
    guard !isIntroduced else { return }
    isIntroduced = true
    say(.introduced, at: time, into: &said)
  }

  mutating func report(
    _ anomaly: StratumAnomaly, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) {
    let bit: UInt16 = 1 << anomaly.ordinal
    guard saidAnomalies & bit == 0 else { return }
    saidAnomalies |= bit
    say(.anomaly(anomaly, sender: sender), at: time, into: &said)
  }

  private mutating func reportOdd(
    _ name: String, _ reason: MethodOddity, _ sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) {
    guard oddMessagesLeft > 0 else { return }
    oddMessagesLeft -= 1
    say(.unexpectedMethod(name, sender: sender, reason: reason), at: time, into: &said)
  }

  func say(_ what: StratumEvent.What, at time: Timestamp, into said: inout [Observation.Content]) {
    var session = StratumSession()
    session.dialect = dialect
    session.agent = agent
    session.user = user
    session.authorized = isAccepted
    session.method = method
    session.difficulty = difficulty
    said.append(.stratum(StratumEvent(session: session, what: what)))
  }
}

extension StratumV2Message {
  /// The name as the specification has it.
  var name: String {
    let words = "\(self)".replacing("Success", with: ".Success").replacing("Error", with: ".Error")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}
