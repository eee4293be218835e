/// What one Stratum session says that somebody may want to judge. Shares are summed, not listed.
///
/// An object, because some twenty rules look at each, and each would copy its texts.
package final class StratumEvent: Sendable {
  package let session: StratumSession
  package let what: What

  package init(session: StratumSession, what: What) {
    self.session = session
    self.what = what
  }

  package enum What: Sendable {
    /// Mining is going on here, and who mines is known as well as it will be: said once a session, at the first user, or
    /// when the session has gone ten seconds or eight messages without one, or ends.
    case introduced
    /// A user appears in this session for the first time, in `method` (authorize, login or submit).
    case user(String, method: String)
    /// A login's password, where it may be a link-layer address. It is a secret: to be compared, not to be told.
    case password(String)
    /// What may tell the machine from others stands in what it says beside its work; a link-layer address may be any.
    case identifier(DeviceIdentifier)
    /// The pool refused the user.
    case userRefused(String)
    /// The pool tells the miner to go elsewhere. All absent: to the same place again. Said for the first 32 of a session, then
    /// for one in 10 s; ``StratumCounters/redirectsWithheld`` counts the others.
    case redirect(host: String?, port: UInt16?, wait: Double?)
    /// A text for whoever reads the miner's display; said as often as a redirect, ``StratumCounters/messagesWithheld``.
    case message(String)
    /// A method that does not belong here.
    case unexpectedMethod(String, sender: Role, reason: MethodOddity)
    case outOfOrder(OrderOddity)
    /// What is worked on has changed.
    case work(MiningWork)
    /// The pool's difficulty is an eighth of what was told last, or less, or eight times as much, or more.
    case difficulty(from: Double, to: Double)
    /// A share for a job that was never offered, in a session seen whole: its name. Said four times, then counted
    /// (``StratumCounters/unknownJobs``).
    case unknownJob(String)
    /// What the sizes of an encrypted session tell of its start: once a session.
    case channels(StratumV2Channels)
    /// What is spoken is not Bitcoin's: once a session, behind its introduction.
    case dialect
    case anomaly(StratumAnomaly, sender: Role)
    /// Sums since the last report of this session. The last one comes when the session ends.
    case shares(ShareTotals)
  }
}

/// What is known of a session when something is observed in it.
package struct StratumSession: Sendable {
  package var dialect = StratumDialect.bitcoin
  /// From subscribe or login: "cgminer/4.12.0".
  package var agent: String?
  /// The user seen last.
  package var user: String?
  /// The user was accepted by the pool.
  package var authorized = false
  /// Which method introduced the user, or was seen last: "mining.authorize".
  package var method: String?
  /// As set by the pool; absent until the first one is seen.
  package var difficulty: Double?

  package init() {}
}

/// Why a method is out of place.
package enum MethodOddity: String, CaseIterable, Sendable {
  /// No dialect has it.
  case unknownMethod = "unknown method"
  /// Only the other side says it.
  case wrongSide = "from the wrong side"
  /// It equals a method only when case or what follows is ignored, as cgminer does.
  case looseMatch = "obeyed only by a sloppy reader"
  /// ckpool's trunk modes and early Stratum's questions: never from or to a miner.
  case notForMiners = "not for miners"
}

/// Work or words at the wrong time, in a session seen from its start.
package enum OrderOddity: String, CaseIterable, Sendable {
  case submitBeforeSubscribe = "share before subscribe"
  case submitBeforeAuthorize = "share before authorize"
  case submitAfterRefusal = "share after a refused authorize"
  /// Nobody of the share's account did, while others have.
  case submitByStranger = "share by a user who did not authorize"
}

/// What was wrong with a message's bytes. Said once a kind and session, then counted.
package enum StratumAnomaly: String, CaseIterable, Sendable {
  case notJSON = "not JSON"
  case notUTF8 = "not UTF-8"
  case duplicateKey = "duplicate key"
  case tooDeep = "nested too deep"
  case lineTooLong = "line too long"
  case brokenFrame = "broken frame"
  /// A parameter of the wrong type or out of its range: difficulty NaN or below 0, extranonce size 17, port 65536, a tenth one in a job...
  case badParameter = "parameter out of range"
  case trailingBytes = "bytes after the message"
}

/// Shares of one session and interval, as the pool answered them.
package struct ShareTotals: Equatable, Sendable, BitwiseCopyable {
  package var seconds: Double
  package var submitted: UInt64 = 0
  package var accepted: UInt64 = 0
  package var rejected: UInt64 = 0
  /// Sum of the difficulty of accepted shares whose difficulty was known.
  package var acceptedDifficulty: Double = 0
  /// Accepted shares whose difficulty was not known (joined in the middle): unknown work, not none.
  package var acceptedOfUnknownDifficulty: UInt64 = 0
  /// `mining.notify` and its like.
  package var jobs: UInt64 = 0
  /// From the session's last job to this report, in seconds; nil when none was seen.
  package var sinceLastJob: Double?
  /// Bytes of the session were lost in the interval, so jobs and answers may be missing.
  package var isIncomplete = false
  package var isFinal = false

  package init(seconds: Double) {
    self.seconds = seconds
  }
}
