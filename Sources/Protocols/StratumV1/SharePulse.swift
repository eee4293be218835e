import Capture
package import Flows

/// A sign of work of one mining session, or that it has shown none for a while: what presence is told from.
package struct SharePulse: Equatable, Sendable, BitwiseCopyable {
  /// Place of the session, below `Limits.stratumSessions`. Another session may have it later.
  package var session: UInt32
  /// Number of the session's flow, as in ``FlowFacts/id``.
  package var flow: UInt64
  /// Shares handed in since the last pulse; 0 where the session is quiet.
  package var shares: UInt32
  /// When the latest of them came, in whole seconds of packet time.
  package var lastShare: Int64
  /// Of the latest job, as the pool announced it; 0 when unknown.
  package var difficulty: Double
  /// Of a quiet session: packets that the miner has sent in it so far.
  package var sent: UInt64
  /// Of a quiet session: when the latest job came; 0 before the first.
  package var lastJob: Int64

  package init(
    session: UInt32, flow: UInt64, shares: UInt32, lastShare: Int64, difficulty: Double = 0, sent: UInt64 = 0,
    lastJob: Int64 = 0
  ) {
    self.session = session
    self.flow = flow
    self.shares = shares
    self.lastShare = lastShare
    self.difficulty = difficulty
    self.sent = sent
    self.lastJob = lastJob
  }
}

/// Shares since the last pulse, and the second of the latest, in four bytes.
struct ShareBeat: Sendable, Zeroable {
  /// Count in the upper 24 bits, packet time in seconds in the lower 8: a pulse comes well before they turn over.
  private(set) var rawValue: UInt32 = 0

  var shares: UInt32 { rawValue >> 8 }

  @inline(__always)
  mutating func count(at seconds: UInt32) {
    rawValue = (rawValue & ~0xff) &+ 0x100 | (seconds & 0xff)
  }

  /// When the latest share came.
  func last(before now: Int64) -> Int64 {
    now &- Int64(UInt8(truncatingIfNeeded: now) &- UInt8(truncatingIfNeeded: rawValue))
  }
}

extension ProtocolStage {
  /// Pulses without a share before a quiet session is looked at, and between one look and the next.
  static let quietPulses: UInt8 = 6

  /// Takes the shares of every session since the last call into ``pulses``, beside what ended sessions left there. To be called
  /// every few seconds of packet time: it looks at a few bytes a session.
  ///
  /// - Parameters:
  ///   - start: the first session's place; 0, and then what this gave.
  ///   - most: so many sessions at once.
  /// - Returns: where to go on; nil when all were asked.
  package mutating func collectPulses(_ flows: borrowing FlowTable, from start: Int, atMost most: Int) -> Int? {
    let end = min(usedSessions, start + most)
    for place in min(start, end)..<end {
      let session = StratumSessionIndex(rawValue: UInt32(truncatingIfNeeded: place))
      if stratum.hasPulse(place),
        let pulse = stratum.takePulse(of: session, flow: flowNumbers[place], at: now.seconds)
      {
        quiet[place] = 0
        pulses.append(pulse)
      } else if quiet[place] >= Self.quietPulses {
        quiet[place] = 1
        lookAtQuiet(session, place, flows)
      } else {
        quiet[place] &+= 1
      }
    }
    return end < usedSessions ? end : nil
  }

  /// Whether a miner that hands in nothing still speaks in its session.
  private mutating func lookAtQuiet(_ session: StratumSessionIndex, _ place: Int, _ flows: borrowing FlowTable) {
    guard let lastJob = stratum.lastJob(of: session, at: now.seconds) else { return }
    let flow = FlowIndex(rawValue: flowOfSession[place])
    pulses.append(
      SharePulse(
        session: session.rawValue, flow: flowNumbers[place], shares: 0, lastShare: 0,
        sent: flows.packets(of: flow, sentBy: flows.client(flow).end), lastJob: lastJob))
  }
}
