/// What all sessions together have done, for statistics and for the bounds that were hit.
package struct StratumCounters: Sendable {
  package fileprivate(set) var anomalies = Anomalies()
  package internal(set) var sessionsOpened: UInt64 = 0
  /// Sessions not followed because ``Capture/Limits/stratumSessions`` were open.
  package internal(set) var sessionsRefused: UInt64 = 0
  /// Users not remembered because of ``Capture/Limits/stratumUsers`` or ``Capture/Limits/stratumUsersPerSession``. They are still
  /// reported, possibly more than once.
  package internal(set) var usersRefused: UInt64 = 0
  /// Requests whose replies will not be recognised because of ``Capture/Limits/stratumRequests`` or
  /// ``Capture/Limits/stratumRequestsPerSession``.
  package internal(set) var requestsDropped: UInt64 = 0
  /// Whole JSON messages and BTCAgent frames.
  package internal(set) var messages: UInt64 = 0
  /// Bytes handed over, those of unfinished messages only once.
  package internal(set) var bytes: UInt64 = 0
  /// Methods out of place, told or not.
  package internal(set) var unexpectedMethods: UInt64 = 0
  /// Redirects and messages of the pool not told because their session had told many (see ``StratumEvent/What``).
  package internal(set) var redirectsWithheld: UInt64 = 0
  package internal(set) var messagesWithheld: UInt64 = 0
  /// Changes of work, and of difficulty, not told for the same reason.
  package internal(set) var workWithheld: UInt64 = 0
  /// Shares for jobs that their session never offered, told or not.
  package internal(set) var unknownJobs: UInt64 = 0
  package internal(set) var sharesSubmitted: UInt64 = 0
  package internal(set) var sharesAccepted: UInt64 = 0
  package internal(set) var sharesRejected: UInt64 = 0

  package init() {}

  /// How often each kind of anomaly was met, told or not.
  package struct Anomalies: Sendable {
    private var counts = InlineArray<8, UInt64>(repeating: 0)

    package subscript(kind: StratumAnomaly) -> UInt64 { counts[kind.ordinal] }

    fileprivate mutating func add(_ kind: StratumAnomaly) { counts[kind.ordinal] &+= 1 }
  }

  mutating func add(_ anomaly: StratumAnomaly) { anomalies.add(anomaly) }
}

extension StratumAnomaly {
  /// Its place among all cases, for arrays and bit sets.
  var ordinal: Int {
    switch self {
    case .notJSON: 0
    case .notUTF8: 1
    case .duplicateKey: 2
    case .tooDeep: 3
    case .lineTooLong: 4
    case .brokenFrame: 5
    case .badParameter: 6
    case .trailingBytes: 7
    }
  }
}

extension OrderOddity {
  var ordinal: Int {
    switch self {
    case .submitBeforeSubscribe: 0
    case .submitBeforeAuthorize: 1
    case .submitAfterRefusal: 2
    case .submitByStranger: 3
    }
  }
}
