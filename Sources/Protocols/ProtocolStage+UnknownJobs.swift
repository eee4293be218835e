import Flows

/// Shares for jobs that were never offered, as far as we can tell.
extension ProtocolStage {
  /// Takes back what was read of unknown jobs where the pool may have offered them unseen: the miner has acknowledged more of
  /// what the pool said than came by. A loss may be declared only long after, and where a tap shows one direction it never is.
  mutating func withholdUnknownJobs(_ flow: FlowIndex, _ flows: borrowing FlowTable) {
    guard events.contains(where: \.isUnknownJob) || said.contains(where: \.isUnknownJob),
      !flows.isSeenWhole(flow, from: flows.client(flow).end.other)
    else { return }
    let count = events.count
    events.removeAll(where: \.isUnknownJob)
    stratum.withdrawUnknownJobs(count - events.count)
    said.removeAll(where: \.isUnknownJob)
  }
}

extension StratumEvent {
  fileprivate var isUnknownJob: Bool { if case .unknownJob = what { true } else { false } }
}

extension Observation.Content {
  fileprivate var isUnknownJob: Bool { if case .stratum(let event) = self { event.isUnknownJob } else { false } }
}
