import Capture
import Decode
import Flows

/// What is remembered of one Stratum session. Texts are kept elsewhere, so that this is a plain value in a flat array.
struct StratumSessionState: Zeroable {
  struct Flags: OptionSet, Sendable, BitwiseCopyable {
    let rawValue: UInt16

    static let isOpen = Flags(rawValue: 1 << 0)
    /// Seen from its start, and nothing was lost since.
    static let isWhole = Flags(rawValue: 1 << 1)
    static let isIntroduced = Flags(rawValue: 1 << 2)
    /// Who is client and who is server is certain, from the handshake or from what was said.
    static let hasRoles = Flags(rawValue: 1 << 3)
    static let didSubscribe = Flags(rawValue: 1 << 4)
    static let didAuthorize = Flags(rawValue: 1 << 5)
    /// BTCAgent frames stand between the lines.
    static let hasFrames = Flags(rawValue: 1 << 6)
    /// The dialect is Bitcoin's, or was told.
    static let didTellDialect = Flags(rawValue: 1 << 7)
    /// Bytes were lost since shares were summed up last.
    static let didLose = Flags(rawValue: 1 << 8)
    /// The pool refused the user seen last.
    static let isRefused = Flags(rawValue: 1 << 9)

    /// Nothing is left to be told that is told once.
    static let toldAll: Flags = [.isIntroduced, .didTellDialect]
  }

  /// How one direction's bytes are being cut into messages.
  struct Reading: Sendable, BitwiseCopyable {
    enum Place: UInt8, Sendable, BitwiseCopyable {
      /// Nothing but blanks came yet: a PROXY line or a byte order mark may.
      case start
      /// At the start of a message.
      case aligned
      /// Joined here, or bytes were lost: this may be the middle of a message.
      case lost
      /// Behind a line feed that came while lost. It may have been inside a frame, so what is no message is passed over in
      /// silence until one comes.
      case resuming
      /// Everything up to the next line feed is dropped.
      case skipping
    }

    /// Bytes of the unfinished message that are known to hold no line feed, so that none is searched twice.
    var searched: UInt32 = 0
    /// Bytes that were left over for the next call, so that none is counted twice.
    var left: UInt32 = 0
    var place = Place.start
  }

  // MARK: What every message touches, in the first three cache lines

  var flags: Flags = []
  var dialect = StratumDialect.bitcoin
  /// Row of the method seen last, one more than its index in the table of methods.
  var method: UInt8 = 0
  /// Its own place in the table.
  var index: UInt32 = 0
  var sumsSince = Timestamp(nanoseconds: 0)
  /// Hash of the user seen last, also of one that had no place in the table: nearly every share names the same.
  var lastUser: UInt64 = 0
  /// The user seen last, and the head of the list of all.
  var user: StratumUsers.Number = 0
  var users: StratumUsers.Number = 0
  var messages: UInt32 = 0
  var requests = StratumRequestQueue()
  var userCount: UInt16 = 0
  /// Every bit that the pool ever let the miner roll (BIP 310); 0 when none was agreed in sight.
  var versionMask: UInt32 = 0

  var jobCount: UInt32 = 0
  var sums = StratumSums()
  /// The last four jobs and the difficulty that each was given with.
  var jobs = InlineArray<4, UInt32>(repeating: 0)
  var jobDifficulties = InlineArray<4, Double>(repeating: 0)
  /// As the pool said last; it is for the jobs that follow. 0 before the first.
  var announcedDifficulty: Double = 0
  var fromServer = Reading()
  var fromClient = Reading()

  var saidOrders: UInt8 = 0
  var oddMethodsLeft: UInt8 = Self.oddMethodLimit
  /// What was said once and is not said again, a bit a kind.
  var saidAnomalies: UInt16 = 0
  /// The next free place, one more than its index, while this one is not open.
  var nextFree: UInt32 = 0

  // MARK: What an answer to a share touches

  /// Shares since they were last taken: of the only user, or of those that have no place in the table of users.
  var shareWork = ShareWork()

  // MARK: What few messages touch

  var opened = Timestamp(nanoseconds: 0)
  /// The difficulty that was told last; 0 before the first.
  var toldDifficulty: Double = 0
  var lastOddMethod: UInt64 = 0
  /// Apart, so that a flood of messages hides no redirect.
  var redirects = StratumAllowance()
  var shownMessages = StratumAllowance()
  var difficultySteps = StratumAllowance()
  /// Fills the session up to pairs of cache lines, so that the next one begins at one: new fields take their room elsewhere.
  var work = StratumWork()

  /// Methods out of place that are told of one session, one after the other; more are counted only.
  static var oddMethodLimit: UInt8 { 32 }
  /// Packet time between two reports of shares: seldom enough to cost nothing, often enough for a summary.
  static var reportInterval: Int64 { 300_000_000_000 }
  /// A session is introduced without a user after this time or this many messages.
  static var introductionDelay: Int64 { 10_000_000_000 }
  static var introductionMessages: UInt32 { 8 }

  init() {}

  init(index: UInt32, midstream: Bool, rolesAreCertain: Bool, now: Timestamp) {
    self.index = index
    flags = midstream ? [.isOpen, .didTellDialect] : [.isOpen, .isWhole, .didTellDialect]
    if rolesAreCertain { flags.insert(.hasRoles) }
    if midstream {
      fromClient.place = .lost
      fromServer.place = .lost
    }
    opened = now
    sumsSince = now
  }

  @inline(__always)
  subscript(from role: Role) -> Reading {
    get { role == .client ? fromClient : fromServer }
    set { if role == .client { fromClient = newValue } else { fromServer = newValue } }
  }

  /// Client and server turn out to be the other way round.
  mutating func reverseRoles() {
    swap(&fromClient, &fromServer)
    flags.insert(.hasRoles)
  }

  /// Bytes of one direction were lost: what comes next may start in the middle of a message.
  mutating func lose(from sender: Role) {
    self[from: sender].place = .lost
    self[from: sender].searched = 0
    self[from: sender].left = 0
    flags.remove(.isWhole)
    flags.insert(.didLose)
  }

  // MARK: Difficulty

  /// A new job: it is worth what the pool announced last (cgminer applies a difficulty from the next job on).
  @inline(__always)
  mutating func addJob(_ hash: UInt32, at seconds: UInt32) {
    sums.jobs &+= 1
    offer(hash, at: seconds)
    let place = Int(jobCount & 3)
    jobs[place] = hash
    jobDifficulties[place] = announcedDifficulty
    jobCount &+= 1
  }

  /// The difficulty of one of the latest four jobs, 0 when it was not announced; nil for another job.
  @inline(__always)
  func difficulty(ofJob hash: UInt32) -> Double? {
    for place in 0..<Int(min(jobCount, 4)) where jobs[place] == hash { return jobDifficulties[place] }
    return nil
  }

  // MARK: What is said

  func snapshot(_ ledger: borrowing StratumLedger) -> StratumSession {
    var session = StratumSession()
    session.dialect = dialect
    session.agent = ledger.agents[Int(index)]
    if user != 0 {
      session.user = ledger.users.text(of: user)
      session.authorized = ledger.users.standing(of: user) == .accepted
    }
    if method != 0 { session.method = StratumMethod.spellings[Int(method) &- 1] }
    session.difficulty = announcedDifficulty > 0 ? announcedDifficulty : nil
    return session
  }

  @inline(never)
  func say(_ what: StratumEvent.What, _ ledger: borrowing StratumLedger, _ events: inout [StratumEvent]) {
    events.append(StratumEvent(session: snapshot(ledger), what: what))
  }

  /// Counts an anomaly and says it, the first time.
  @inline(never)
  mutating func report(
    _ anomaly: StratumAnomaly, from sender: Role, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    ledger.counters.add(anomaly)
    let bit: UInt16 = 1 << anomaly.ordinal
    guard saidAnomalies & bit == 0 else { return }
    saidAnomalies |= bit
    say(.anomaly(anomaly, sender: sender), ledger, &events)
  }

  @inline(never)
  mutating func report(_ oddity: OrderOddity, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]) {
    let bit: UInt8 = 1 << oddity.ordinal
    guard saidOrders & bit == 0 else { return }
    saidOrders |= bit
    say(.outOfOrder(oddity), ledger, &events)
  }

  /// Says the session once: as soon as `isDue`.
  @inline(__always)
  mutating func introduce(
    if isDue: Bool, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    if isDue, !flags.contains(.isIntroduced) { introduce(&ledger, &events) }
  }

  @inline(never)
  private mutating func introduce(_ ledger: inout StratumLedger, _ events: inout [StratumEvent]) {
    flags.insert(.isIntroduced)
    say(.introduced, ledger, &events)
  }

  /// Says what is due by now: the introduction, and the sums of an interval in which anything happened.
  @inline(__always)
  mutating func tick(_ ledger: inout StratumLedger, _ events: inout [StratumEvent]) {
    let elapsed = ledger.now.nanoseconds(since: sumsSince)
    let isQuiet = elapsed >= 0 && elapsed < Self.reportInterval
    if !isQuiet || !flags.contains(.toldAll) { sayDue(elapsed, &ledger, &events) }
  }

  /// From when on there may be something to say; nil for at any time.
  var due: Timestamp? {
    flags.contains(.toldAll) ? sumsSince.advanced(byNanoseconds: Self.reportInterval) : nil
  }

  @inline(never)
  private mutating func sayDue(_ elapsed: Int64, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]) {
    let isOld = ledger.now.nanoseconds(since: opened) >= Self.introductionDelay
    introduce(if: isOld || messages >= Self.introductionMessages, &ledger, &events)
    sayDialect(ledger, &events)
    // A capture's clock can step back; the interval starts anew then.
    if elapsed < 0 { sumsSince = ledger.now }
    guard elapsed >= Self.reportInterval else { return }
    guard !sums.isEmpty else { return }
    sayShares(isFinal: false, &ledger, &events)
  }

  /// Says once that another coin's dialect is spoken, behind the introduction.
  mutating func sayDialect(_ ledger: borrowing StratumLedger, _ events: inout [StratumEvent]) {
    guard !flags.contains(.didTellDialect), flags.contains(.isIntroduced) else { return }
    flags.insert(.didTellDialect)
    say(.dialect, ledger, &events)
  }

  @inline(never)
  mutating func sayShares(isFinal: Bool, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]) {
    var totals = sums.totals(
      seconds: max(0, ledger.now.seconds(since: sumsSince)))
    totals.isFinal = isFinal
    if work.lastJob != 0 { totals.sinceLastJob = Double(ledger.seconds &- work.lastJob) }
    totals.isIncomplete = flags.contains(.didLose)
    flags.remove(.didLose)
    say(.shares(totals), ledger, &events)
    sums = StratumSums()
    sumsSince = ledger.now
  }
}
